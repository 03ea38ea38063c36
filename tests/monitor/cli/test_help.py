"""Help that teaches: a first line, when to use it, an example, and it fits the screen."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from alerts.wording import forbidden_words
from monitor.cli.main import SECTIONS, Shell, shell


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command and subcommand, by the words that call it."""
    ctx = click.Context(shell, info_name="psdmon")
    for name in Shell.list_commands(shell, ctx):
        command = shell.get_command(ctx, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            within = click.Context(command, parent=ctx, info_name=name)
            for inner in sorted(command.list_commands(within)):
                inside = command.get_command(within, inner)
                assert inside is not None
                yield f"{name} {inner}", inside


COMMANDS = dict(every_command())


@pytest.fixture(params=sorted(COMMANDS))
def words(request: pytest.FixtureRequest) -> str:
    """The words of one command."""
    return str(request.param)


def help_of(words: str) -> str:
    """What --help prints on a terminal of 80 columns."""
    result = CliRunner().invoke(shell, [*words.split(), "--help"], terminal_width=80)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_help_has_an_example(words: str) -> None:
    assert "Example" in help_of(words)


def test_help_fits_80_columns(words: str) -> None:
    wide = [line for line in help_of(words).splitlines() if len(line) > 80]

    assert not wide


def test_help_never_writes_as_if_a_finding_were_proof(words: str) -> None:
    assert not forbidden_words(help_of(words))


def test_every_option_says_what_it_is_for(words: str) -> None:
    silent = [
        option.opts
        for option in COMMANDS[words].params
        if isinstance(option, click.Option) and not option.help
    ]

    assert not silent


def test_a_command_takes_no_more_than_its_own_first_line_into_the_list() -> None:
    listed = {name: line for section in SECTIONS.values() for name, line in section.items()}
    own = {name: (COMMANDS[name].help or "").splitlines()[0] for name in listed}

    assert listed == own


def test_the_list_of_commands_cuts_no_line_short() -> None:
    result = CliRunner().invoke(shell, ["--help"], terminal_width=80)

    assert "..." not in result.stdout.partition("\n")[2]
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_a_mistyped_command_is_told_what_is_near() -> None:
    result = CliRunner().invoke(shell, ["stauts"])

    assert result.exit_code == 2
    assert "possible: status" in result.stderr
    assert result.stdout == ""
