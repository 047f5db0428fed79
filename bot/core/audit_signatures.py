"""Signatures of release tags: from the first good one on, every tag carries one (pure)."""

from collections.abc import Iterator, Sequence

from bot.core.differences import Difference, Kind
from bot.core.trail import Signature, TagFact


def signature_differences(tags: Sequence[TagFact]) -> Iterator[Difference]:
    """Tags that are wrongly signed, or not at all since others are; `tags` are in the order of their names."""
    first = next((number for number, tag in enumerate(tags) if tag.signature is Signature.GOOD), len(tags))
    before = sum(tag.signature is Signature.NONE for tag in tags[:first])
    if before:
        sentence = f"{before} release tags carry no signature; none of the signed ones is older."
        yield Difference(Kind.TAGS_BEFORE_SIGNING, str(before), sentence)
    for number, tag in enumerate(tags):
        about = f"{tag.name}:{tag.oid[:12]}"
        if tag.signature is Signature.BAD:
            sentence = f"Tag {tag.name} carries a signature that nobody made who may sign, or that is not of this tag."
            yield Difference(Kind.TAG_WRONGLY_SIGNED, about, sentence)
        elif tag.signature is Signature.NONE and number > first:
            yield Difference(
                Kind.TAG_UNSIGNED, about, f"Tag {tag.name} is not signed; {tags[first].name} before it is."
            )
