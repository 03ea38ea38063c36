"""The command `psdmon`: its commands by name, each loaded when asked, and how trouble is told."""

import errno
import os
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from alerts.errors import PsdmonError
from monitor.clock import SystemClock
from monitor.wiring import Site, open_site

UNEXPECTED: Final = 70  # sysexits.h, EX_SOFTWARE
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
READER_LEFT: Final = 141  # 128 + SIGPIPE
NO_ROOM: Final = 75  # sysexits.h, EX_TEMPFAIL: make room, try again
NOT_ALLOWED: Final = 5
_OWNER_ALONE: Final = 0o077  # what is taken from the mode of every file that is made

# The first line of each command's own help; a test holds the two together.
SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Begin": {
        "demo": "Show a made-up force with one case, from log to alert.",
        "init": "Make a home: settings, stores and keys.",
        "check": "Check settings, stores, clock, disk and keys, all at once.",
        "completion": "Print the completion script of a shell.",
    },
    "Load": {
        "ingest": "Load access events or a reference table.",
        "feeds": "Read configured sources, and see what their logs lack.",
        "quarantine": "See the rows that were refused, and try them again.",
    },
    "Judge": {
        "scan": "Judge every day that has not been judged.",
        "daemon": "Judge each day when it is ready, for years.",
        "status": "Show last success, lag, gaps, queue and disk.",
        "gaps": "List the days that were never covered, with the reason of each.",
        "backfill": "Judge the days of a span that are owed.",
        "replay": "Judge past days again, beside the live store.",
    },
    "Work": {
        "alerts": "See the queue, and act on alerts.",
        "triage": "Work through the queue in the terminal.",
        "prompts": "See the questions of law and practice, and what is unverified.",
        "detectors": "See what each detector asks, assumes and cannot see.",
    },
    "Keep": {
        "backup": "Write the home into one file, while it works.",
        "restore": "Make a home from a backup, whole or not at all.",
        "lake": "Keep the files of events and tables few.",
        "retention": "See what is out of time, hold it back, or erase it for good.",
    },
    "Account": {
        "report": "Write reports: for a file, a board, a regulator, or the person looked up.",
        "audit": "Verify and read the chain of everything done and read.",
        "roles": "See who holds which role, give roles, and take them back.",
        "notify": "Tell people that something waits, and see what was told.",
        "access": "Ask for what takes a second person, and decide what others ask for.",
    },
}
_NAMES = tuple(name for section in SECTIONS.values() for name in section)


class Shell(click.Group):
    """A group that loads a command when it is asked for, and ends with the right exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Every command's name, in the order of the help."""
        return list(_NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from its own module; None when there is none."""
        if cmd_name not in _NAMES:
            near = get_close_matches(cmd_name, _NAMES)
            if near and not ctx.resilient_parsing and not cmd_name.startswith("-"):
                ctx.fail(f"No such command {cmd_name!r}; possible: {', '.join(near)}")
            return None
        command: click.Command = import_module(f"monitor.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """Write the commands, by section."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)

    def invoke(self, ctx: click.Context) -> Any:
        """The command's result; its whole number is the exit code, and so is each trouble's."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit):
            raise  # click says these itself, with usage and exit code
        except (KeyboardInterrupt, click.Abort):
            code = _told("stopped from the keyboard", code=INTERRUPTED)
        except PsdmonError as trouble:
            code = _told(str(trouble), code=trouble.exit_code)
        except OSError as trouble:
            code = _told_of_system(trouble, ctx)
        except Exception as trouble:  # noqa: BLE001 the last place that can turn it into words
            code = _told_of_lake(trouble) or _told_of_surprise(trouble, ctx)
        return ctx.exit(code) if isinstance(code, int) else code


@click.command(cls=Shell, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="PSDMON_HOME",
    show_envvar=True,
    help="The folder that holds one force's data; default: the user data folder.",
)
@click.option("--verbose", "-v", is_flag=True, help="Write log lines to standard error.")
@click.version_option(package_name="psdmon", message="%(prog)s %(version)s")
@click.pass_context
def shell(ctx: click.Context, *, root: Path | None, verbose: bool) -> None:
    """Watch who looks up whom, and ask the right questions about it.

    psdmon reads access logs, sets aside what work explains, and puts what is rare before a
    person, with the questions of law and practice that belong to it.
    A finding shows that records were opened, not why; it is never proof.

    First time: psdmon demo. Then: psdmon init, psdmon ingest, psdmon scan, psdmon triage.

    Exit codes: 0 done; 1 signals findings or staleness where asked; 2 usage or settings;
    3 data refused; 4 integrity broken; 5 not permitted; 75 busy, try again.
    """
    from monitor import telemetry

    clock = ctx.obj or SystemClock()  # a test hands over its own clock
    telemetry.configure(clock=clock, at_least="info" if verbose else "warning")
    ctx.obj = open_site(root or _usual_home(), clock=clock)
    ctx.call_on_close(ctx.obj.close)
    ctx.call_on_close(lambda: _tell_of_glass(ctx.obj))


def run() -> None:
    """Run `psdmon` as a program; what it writes is for the account that runs it."""
    os.umask(_OWNER_ALONE)
    shell(prog_name="psdmon")


def _tell_of_glass(site: Site) -> None:
    """Where the glass was broken in this run, tell authority and auditors before it ends."""
    if site.glass_broken:
        from monitor.notify.glass import tell_at_once

        tell_at_once(site, environment=os.environ)


def _usual_home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("psdmon", appauthor=False)


def _told(text: str, *, code: int) -> int:
    """Write what is wrong to standard error; the exit code comes back."""
    from monitor.cli.output import wrapped

    click.echo(wrapped(f"psdmon: {text}"), err=True)
    return code


def _told_of_system(trouble: OSError, ctx: click.Context) -> int:
    if trouble.errno == errno.EPIPE:
        # The reader closed the pipe (psdmon ... | head); Python must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    where = f"{trouble.filename}: " if trouble.filename else ""
    text = f"{where}{trouble.strerror or type(trouble).__name__}"
    if trouble.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _told(f"{text}; possible: make room, then the same command again", code=NO_ROOM)
    if trouble.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return _told(f"{text}; possible: run it as the owner of the home", code=NOT_ALLOWED)
    return _told(f"{text}\n  details: {_written(trouble, ctx)}", code=UNEXPECTED)


def _told_of_lake(trouble: Exception) -> int:
    """The exit code of trouble with the files of the lake, once it is told; 0 for any other."""
    from monitor.lake.trouble import in_words

    known = in_words(trouble)
    return 0 if known is None else _told(str(known), code=known.exit_code)


def _told_of_surprise(trouble: Exception, ctx: click.Context) -> int:
    """The exit code for what nobody foresaw; the message names the kind, never what was in it."""
    kind = type(trouble).__name__
    return _told(
        f"stopped by a fault of the program ({kind})"
        f"\n  details, for whoever looks after psdmon: {_written(trouble, ctx)}"
        "\n  they may hold identities; read them before you pass them on",
        code=UNEXPECTED,
    )


def _written(trouble: Exception, ctx: click.Context) -> Path:
    """Write the traceback where only its owner can read it; the path comes back."""
    from monitor.faults import traceback_written

    home = getattr(getattr(ctx.obj, "home", None), "root", None)
    folder = home if home and home.is_dir() and os.access(home, os.W_OK) else None
    return traceback_written(trouble, folder)
