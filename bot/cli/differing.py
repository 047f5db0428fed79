"""One difference of an audit as JSON, for every command that tells of it."""

from bot.core.differences import Difference


def difference_document(each: Difference) -> dict[str, object]:
    """Code, key, how grave it is here, whether somebody accepted it, what was seen, and what to do."""
    return {
        "code": each.kind.code,
        "key": each.key,
        "severity": each.severity.value,
        "accepted": each.is_accepted,
        "sentence": each.sentence,
        "action": each.action,
    }
