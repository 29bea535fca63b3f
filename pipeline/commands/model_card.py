"""One fit on one page: what it learnt from, what it found, how sure it is, and what to be careful about."""

from typing import Any

import click

from pipeline.commands.common import where_options
from pipeline.console import say, show_table
from pipeline.settings import Settings
from pipeline.warehouse import open_warehouse


@click.command(
    epilog="""\b
Examples:
  touchledger model_card hazard
  touchledger model_card markov --type won
  touchledger model_card markov --fit 3
"""
)
@click.argument("model_name")
@click.option("--type", "conversion_type", help="Conversion type.  [default: the latest stage that was fitted]")
@click.option("--fit", "fit_number", type=int, help="An older fit.  [default: the newest]")
@where_options
def model_card(model_name: str, conversion_type: str | None, fit_number: int | None, **options: Any) -> None:
    """The card of a learnt model's fit: data, parameters, channels with their intervals, warnings, verdict.

    Intervals are nominal 90%, from redrawing whole accounts. Credit is what goes together with conversions, not what
    causes them.
    """
    from pipeline.attribution.cards import read_card

    settings = Settings.read(home=options["home"], target=options["target"])
    with open_warehouse(settings, read_only=True) as warehouse:
        card = read_card(warehouse, model_name, conversion_type, fit_number)
    show_table(card.title, ["of this fit", ""], card.facts)
    show_table(
        "Channels", ["channel", "raw effect", "channel credit", "90% interval", "touch credit", "before"], card.channels
    )
    for sentence in card.warnings:
        say(f"Careful: {sentence}")
    for sentence in card.verdict:
        say(sentence)
