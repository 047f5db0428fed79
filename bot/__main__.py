"""`python -m bot` is `promote`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
