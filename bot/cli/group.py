"""A group of commands whose help tells what each of them does, to the end of the sentence."""

from collections.abc import Iterator

import click


class Group(click.Group):
    """A group whose list of commands is wrapped; click cuts each to one line."""

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Each command, by name, with the first paragraph of its help."""
        for name, command in sorted(self.commands.items()):
            yield name, " ".join((command.help or "").partition("\n\n")[0].split())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries()))
