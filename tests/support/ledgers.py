"""Made-up entries of a ledger, for pure tests."""

from support.history import sha_of

from bot.core.promotion import LedgerEntry


def entry(number, kind="promotion", restores=None, tag=None):
    name = f"release/20261101-{number:06}" if tag is None else tag
    at = f"2026-11-01T00:00:{number:02}Z"
    return LedgerEntry(
        1, kind, f"run-{number}", sha_of(name + str(number)), sha_of("base"), name, "pass", "e" * 64, "ada", at,
        restores=restores,
    )  # fmt: skip
