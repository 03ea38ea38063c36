"""`psdmon completion`: the script that lets a shell complete psdmon's words."""

from typing import Final

import click

SHELLS: Final = ("bash", "zsh", "fish")
_EXAMPLES: Final = """\b
Examples: echo 'eval "$(psdmon completion bash)"' >> ~/.bashrc
          echo 'eval "$(psdmon completion zsh)"' >> ~/.zshrc
          psdmon completion fish > ~/.config/fish/completions/psdmon.fish"""


@click.command("completion", epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, *, shell: str) -> None:
    """Print the completion script of a shell.

    Load it at the start of each shell; then the tab key completes commands, options, and names
    of detectors, profiles and prompts.
    """
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    if maker is None:
        raise click.BadParameter(f"{shell!r} is not known; possible: {', '.join(SHELLS)}")
    click.echo(maker(ctx.find_root().command, {}, "psdmon", "_PSDMON_COMPLETE").source())
