"""The history database's schema, version by version; run by `bot.adapters.history`, shipped in the wheel."""
