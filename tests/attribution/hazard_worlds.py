"""Worlds whose effects are known, written as files and attributed by the hazard model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.attribution_worlds import Design, World
from pipeline.attribution import FileReport, attribute_file

#: Intervals are not looked at, save where a test asks for more.
FEW = ("hazard.replicates=2",)
PLAIN = Design(accounts=3000, channels=4, placebos=1, conversions=1200, baseline=0.3, days=300, half_lives=(8, 8))


def attribute(
    world: World,
    folder: Path,
    *,
    has_accounts: bool = True,
    models: str = "hazard",
    overrides: tuple[str, ...] = FEW,
) -> FileReport:
    """Write `credits.csv` and `credits_channels.csv` of a world."""
    world.journeys.to_parquet(folder / "journeys.parquet")
    world.accounts.to_parquet(folder / "accounts.parquet")
    return attribute_file(
        journeys=folder / "journeys.parquet",
        accounts=folder / "accounts.parquet" if has_accounts else None,
        models=models,
        overrides=overrides,
        out=folder / "credits.csv",
    )


def channels_of(folder: Path) -> pd.DataFrame:
    """`<out>_channels` by model and channel."""
    return pd.read_csv(folder / "credits_channels.csv").set_index(["model_name", "channel"])


def shares(world: World, folder: Path, **asked: Any) -> pd.DataFrame:
    """What `attribute` writes of a world, by model and channel."""
    attribute(world, folder, **asked)
    return channels_of(folder)


def distance(found: pd.DataFrame, model: str, truth: pd.Series) -> float:
    """Half of what the shares of channels, without the baseline, are apart from the truth."""
    own = found.loc[model, "credit_share"].reindex(truth.index).fillna(0)
    return float(abs(own / own.sum() - truth).sum() / 2)
