"""How often the learnt models' 90% intervals hold what they are meant to hold.

    python -m benchmarks.attribution_intervals --worlds exposure,additive --samples 60

Accounts of a large world are the population. Every sample draws accounts from it with replacement, and every learnt
model is fitted to it with its bootstrap, through the command's own way in. Prints, for each world and model, over all
samples and channels: how often the interval of a channel's share held the model's own estimand, which is the share it
gives on the whole population, weighed down to the size of a sample as penalties and smoothing go by size; how often it
was above and below it; its mean width beside 3.29 standard deviations of the shares themselves; and how often the
interval of a channel without any effect lay above nought, and above one conversion in a hundred.

Models of exposure credit presence, so that the last two say how far their estimand is from an effect.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import attribution_worlds as worlds
from pipeline.attribution import attribute_file
from pipeline.console import reporter

MODELS = ("markov", "shapley", "logistic", "hazard")
POPULATION = {"accounts": 24_000, "days": 180, "channels": 6, "placebos": 2, "conversions": 8_000}
SAMPLE = 3_000
EXPOSURE = "exposure"
#: Standard deviations in a 90% interval of a normal estimate.
WIDTH = 3.29
#: A share that is more than noise.
SOME = 0.01


def exposure(seed: int) -> worlds.World:
    """Journeys that end whether or not they converted, which only the channels seen on the way decide."""
    random = np.random.default_rng(seed)
    count, channels, days = POPULATION["accounts"], POPULATION["channels"], 30
    touches = random.poisson(random.gamma(2, 0.25, channels), (count, channels))
    touches[:, 0] += touches.sum(axis=1) == 0
    effects = np.r_[0.25, 0.15, 0.1, 0.05, 0.0, 0.0]
    converted = random.random(count) < 0.1 + (touches > 0) @ effects
    account, channel = (np.repeat(one, touches.ravel()) for one in np.indices(touches.shape).reshape(2, -1))
    identity, end = np.array([f"account {number}" for number in range(count)]), worlds.START + pd.Timedelta(days=days)
    journeys = pd.DataFrame(
        {
            "journey_id": identity[account],
            "account_id": identity[account],
            "touch_id": np.arange(len(account)).astype(str),
            "touched_at": worlds.START + pd.to_timedelta(random.random(len(account)) * days, unit="D"),
            "channel": np.array([f"channel_{number:02d}" for number in range(channels)])[channel],
            "converted": converted[account],
            "converted_at": pd.Series(end, range(len(account))).where(converted[account]),
        }
    )
    accounts = pd.DataFrame({"account_id": identity, "observed_from": worlds.START, "observed_until": end})
    names = sorted(set(journeys.channel))
    lost = pd.Series(effects, names)
    return worlds.World(journeys, accounts, lost, pd.Series(np.nan, names), names[4:])


def fitted(world: worlds.World, models: tuple[str, ...], replicates: int) -> pd.DataFrame:
    """Rows of `<out>_channels` for the journeys and accounts of a world."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        world.journeys.to_parquet(place / "journeys.parquet")
        world.accounts.to_parquet(place / "accounts.parquet")
        attribute_file(
            journeys=place / "journeys.parquet", accounts=place / "accounts.parquet", models=models,
            overrides=[f"{model}.replicates={replicates}" for model in models], out=place / "credits.parquet",
        )  # fmt: skip
        return pd.read_parquet(place / "credits_channels.parquet")


def sample(world: worlds.World, random: np.random.Generator) -> worlds.World:
    """SAMPLE accounts of a world, drawn with replacement; each draw is an account of its own."""
    drawn = world.accounts.sample(SAMPLE, replace=True, random_state=random)
    names = pd.DataFrame({"account_id": drawn.account_id, "draw": [f"draw {n}" for n in range(len(drawn))]})

    def renamed(rows: pd.DataFrame) -> pd.DataFrame:
        found = names.merge(rows, on="account_id")
        return found.assign(account_id=found.draw).drop(columns="draw")

    journeys = renamed(world.journeys)
    journeys["journey_id"] = journeys["account_id"]
    journeys["touch_id"] = np.arange(len(journeys)).astype(str)
    return worlds.World(journeys, renamed(world.accounts), world.lost, world.half_life_days, world.placebos)


def measure(world: worlds.World, models: tuple[str, ...], samples: int, replicates: int) -> pd.DataFrame:
    """A row per sample, model and channel: the interval, the estimate and the estimand."""
    weighed = replace(world, journeys=world.journeys.assign(journey_count=SAMPLE / len(world.accounts)))
    whole = fitted(weighed, models, 2)
    estimand = whole.set_index(["model_name", "channel"]).credit_share.rename("estimand")
    found = []
    with reporter() as progress:
        progress.phase(f"{samples} samples of {SAMPLE} accounts")
        for number in range(samples):
            one = fitted(sample(world, np.random.default_rng(number)), models, replicates)
            found.append(one[one.channel.notna()].assign(sample=number))
            progress.advance(number + 1, samples, "samples")
    rows = pd.concat(found).join(estimand, on=["model_name", "channel"])
    return rows.assign(is_placebo=rows.channel.isin(world.placebos))


def table(rows: pd.DataFrame) -> str:
    """Markdown, a row per world and model."""
    lines = [
        "| world | model | covered | above it | below it | width / 3.29 sd | bias / sd | placebo over 0 | over 0.01 |"
    ]
    lines.append("|---" * 9 + "|")
    for (world, model), one in rows.groupby(["world", "model_name"], sort=False):
        by = one.groupby("channel")
        spread = by.credit_share.std()
        width = (one.interval_high - one.interval_low).groupby(one.channel).mean()
        moves = spread > 1e-6
        bias = (by.credit_share.mean() - by.estimand.first())[moves] / spread[moves]
        placebo = one[one.is_placebo]
        above, below = one.interval_low > one.estimand + 1e-9, one.interval_high < one.estimand - 1e-9
        figures = [1 - above.mean() - below.mean(), above.mean(), below.mean(),
                   (width[moves] / (WIDTH * spread[moves])).median(), bias.abs().median(),
                   (placebo.interval_low > 0).mean(), (placebo.interval_low > SOME).mean()]  # fmt: skip
        lines.append(f"| `{world}` | {model} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
    return "\n".join(lines)


def main() -> None:
    designs = {**worlds.TUNED, **worlds.HELD_OUT}
    known = [EXPOSURE, *designs]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--worlds", default="exposure,additive,unrecorded_quality", help=f"a comma list of {', '.join(known)}"
    )
    parser.add_argument("--models", default=",".join(MODELS), help="a comma list of learnt models")
    parser.add_argument("--samples", type=int, default=60, help="samples of each world (default 60)")
    parser.add_argument("--replicates", type=int, default=200, help="bootstrap replicates (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the worlds (default 1)")
    parser.add_argument("--out", type=Path, help="also write a CSV: a row per world, sample, model and channel")
    given = parser.parse_args()
    names = given.worlds.split(",")
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"unknown worlds {', '.join(unknown)}; known: {', '.join(known)}")
    found = []
    for name in names:
        is_exposure = name == EXPOSURE
        world = (
            exposure(given.seed)
            if is_exposure
            else worlds.simulate(worlds.small(designs[name], **POPULATION), given.seed)
        )
        rows = measure(world, tuple(given.models.split(",")), given.samples, given.replicates)
        found.append(rows.assign(world=name))
        if given.out:
            pd.concat(found).to_csv(given.out, index=False)
    print(table(pd.concat(found)))


if __name__ == "__main__":
    main()
