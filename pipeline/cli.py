"""`touchledger`: the same steps as the nightly DAG, and the ways to look at what they did."""

import sys
from importlib import import_module
from typing import Any

import click

from pipeline import __version__
from pipeline.errors import TouchledgerError

#: Verb → module of `pipeline.commands` that defines it, in the order `--help` shows them.
VERBS = {
    "run": "night",
    "status": "look",
    "freshness": "look",
    "report": "look",
    "explain": "look",
    "credits": "look",
    "quarantine": "look",
    "list": "look",
    "doctor": "look",
    "checksums": "look",
    "scratch": "scratch",
    "demo": "bring",
    "deliver": "bring",
    "contracts": "bring",
    "attribute": "attribute",
    "ingest": "night",
    "validate_raw": "night",
    "build_journeys": "night",
    "refit": "refit",
    "estimate_clv": "night",
    "evaluate": "evaluate",
    "model_card": "model_card",
    "build_marts": "night",
    "validate_marts": "night",
    "publish": "night",
}


class Verbs(click.Group):
    """A group that imports a verb's module only when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The verbs in the order of `VERBS`."""
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The verb's command; `build-journeys` is `build_journeys`."""
        verb = name.replace("-", "_")
        if verb not in VERBS:
            return None
        module = import_module(f"pipeline.commands.{VERBS[verb]}")
        return getattr(module, f"{verb}_" if verb in ("list",) else verb)

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        """As click does, but an unknown verb is answered with the known ones."""
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            error.message = f"unknown verb {args[0]!r}; known: {', '.join(VERBS)}"
            raise


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Examples:
  touchledger demo --out ./var/landing              a simulated company's extract files
  touchledger run --date 2026-06-30                 the whole night
  touchledger status                                what ran, what came in, what is published
  touchledger explain won:006000000000001           why one deal's credit went where it did
""",
)
@click.version_option(__version__, prog_name="touchledger")
def touchledger() -> None:
    """B2B funnel marts, KPIs and an attribution ledger that balances to the cent, built every night."""


def main() -> None:
    """Run the command line: a user's mistake is one message on stderr, never a traceback."""
    try:
        touchledger(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except TouchledgerError as error:
        click.echo(f"touchledger: {error}", err=True)
        sys.exit(error.exit_code)
