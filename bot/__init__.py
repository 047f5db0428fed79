"""A promotion bot: tests the exact commit on staging every night, then fast-forwards main to it or says why not."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("promotion-bot")
