"""How far each model's channel shares are from the truth, over worlds whose truth is known.

    python -m benchmarks.attribution_truth --scenarios default,confounded_targeting,additive --seeds 20
    python -m benchmarks.attribution_truth --models hazard --experiments 3 --scenarios unrecorded_quality --seeds 4
    python -m benchmarks.attribution_truth --models hazard,packages --accounts 6000 --seeds 2

Prints one row per scenario: the total-variation distance between the shares of channels (baseline and unattributed left
out) and the true removal effects, mean and standard deviation over seeds, for our models and, where the extra `bench`
is installed, for the open packages ChannelAttribution and marketing-attribution-models on the same journeys.

Scenarios are those of the simulated company (`attribution_company`: the first inquiry of an account) and those of
`attribution_worlds`. With --experiments, models that can be corrected also appear so: by experiments on the channels
of which they would tell most (`expected_gain`), each of which measures the true increment of all days with a standard
error of a tenth.

With --out, what the file has is not measured again, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import attribution_worlds as worlds
from benchmarks.attribution_company import Truth, company_files, company_truth
from pipeline.attribution import attribute_file
from pipeline.attribution.experiments import PLANNED_ERROR, worth_testing
from pipeline.console import reporter
from pipeline.demo.scenarios import SCENARIOS

PACKAGES, PACKAGE_NAMES = "packages", ("ChannelAttribution markov", "MAM markov", "MAM shapley")
MODELS = ("first_touch", "last_touch", "linear", "markov", "shapley", "logistic", "hazard", PACKAGES)
COMPANY = ("default", "independent_exposure", "confounded_targeting", "retargeting", "brand_search_consequence",
           "placebo_channel", "baseline_demand", "dark_touches")  # fmt: skip
DESIGNS = {**worlds.TUNED, **worlds.HELD_OUT}
FITTED = ("markov", "shapley", "logistic", "hazard")
#: Of fits whose intervals are looked at, to choose experiments by and to hold against them; of others two.
INTERVAL_REPLICATES = 200
#: Of every world; conversions are as many an account as the design says.
ACCOUNTS = 16_384
COLUMNS = ["scenario", "accounts", "seed", "model", "distance"]


def world_of(scenario: str, seed: int, size: int, cache: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Journeys, the risk set of `size` accounts, and by channel the conversions that would be lost without it.

    The truth of the simulated company is kept in `cache`.
    """
    if scenario in DESIGNS:
        design = DESIGNS[scenario]
        conversions = design.conversions * size // design.accounts
        world = worlds.simulate(worlds.small(design, accounts=size, conversions=conversions), seed)
        return world.journeys, world.accounts, world.lost
    journeys, accounts = company_files(scenario, seed, size)
    return journeys, accounts, _kept_truth(scenario, seed, cache).lost * size


def _kept_truth(scenario: str, seed: int, cache: Path) -> Truth:
    kept = cache / f"{scenario}_{seed}.json"
    if kept.exists():
        known = json.loads(kept.read_text())
        return Truth(known["total"], pd.Series(known["lost"]))
    truth = company_truth(scenario, seed)
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"total": truth.total, "lost": truth.lost.to_dict()}))
    return truth


def own_channels(
    journeys: pd.DataFrame,
    accounts: pd.DataFrame,
    models: Sequence[str],
    experiments: pd.DataFrame | None = None,
    replicates: int = 2,
) -> dict[str, pd.DataFrame]:
    """What our models say of channels, by model, a row each, through the command's own way in."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        journeys.to_parquet(place / "journeys.parquet")
        accounts.to_parquet(place / "accounts.parquet")
        if experiments is not None:
            experiments.to_csv(place / "experiments.csv", index=False)
        attribute_file(
            journeys=place / "journeys.parquet", accounts=place / "accounts.parquet", models=models,
            experiments=place / "experiments.csv" if experiments is not None else None,
            overrides=[f"{model}.replicates={replicates}" for model in models if model in FITTED],
            out=place / "credits.parquet",
        )  # fmt: skip
        sums = pd.read_parquet(place / "credits_channels.parquet")
    return {str(name): rows.set_index("channel") for name, rows in sums.groupby("model_name")}


def most_telling(channels: pd.DataFrame, count: int) -> list[str]:
    """The channels that experiments would tell most of; the baseline, which has no name, is not one."""
    named = channels.loc[channels.index.notna(), ["credit_share", "interval_low", "interval_high"]]
    shares = {str(name): (share, low, high) for name, share, low, high in named.itertuples()}
    return [channel for channel, _ in worth_testing(shares, channels.conversions.sum())[:count]]


def experiments_on(channels: Sequence[str], lost: pd.Series, accounts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """An experiment on each of some channels, over all days, that found nearly what is true."""
    errors = np.maximum(PLANNED_ERROR * lost.reindex(channels).fillna(0), 1.0)
    found = lost.reindex(channels).fillna(0) + errors * np.random.default_rng(seed).normal(size=len(channels))
    return pd.DataFrame(
        {
            "channel": list(channels),
            "starts_on": pd.to_datetime(accounts.observed_from).min().date(),
            "ends_on": pd.to_datetime(accounts.observed_until).max().date(),
            "increment": found.to_numpy(),
            "standard_error": errors.to_numpy(),
        }
    )


def package_shares(journeys: pd.DataFrame) -> dict[str, pd.Series]:
    """Channel shares of the open packages that are installed, on the paths of the same journeys."""
    touched = journeys[journeys.channel.notna()].sort_values(["journey_id", "touched_at"], kind="stable")
    paths = touched.groupby("journey_id").agg(path=("channel", " > ".join), converted=("converted", "first"))
    found: dict[str, pd.Series] = {}
    try:
        import ChannelAttribution

        counted = paths.assign(yes=paths.converted.astype(int), no=(~paths.converted).astype(int))
        counted = counted.groupby("path", as_index=False)[["yes", "no"]].sum()
        result = ChannelAttribution.markov_model(
            counted, "path", "yes", var_null="no", order=1, sep=">", seed=1, verbose=False, flg_pro=False
        )
        names = result.channel_name.str.strip()
        found["ChannelAttribution markov"] = result.assign(channel=names).set_index("channel").total_conversions
    except ImportError:
        pass
    try:
        from mam import MAM

        grouped = paths.groupby(["path", "converted"]).size().rename("occurrences").reset_index()
        packaged = MAM(
            grouped, format_type="grouped_journey", channels_colname="path", journey_with_conv_colname="converted",
            occurrences_colname="occurrences",
        )  # fmt: skip
        for name, run in (("markov", packaged.run_markov), ("shapley", packaged.run_shapley)):
            found[f"MAM {name}"] = run().to_pandas().set_index("channels").attribution
    except ImportError:
        pass
    return found


def distance(shares: pd.Series, truth: pd.Series) -> float:
    """Total variation between shares of channels, normalised, and the truth."""
    own = shares[shares.index.notna()].clip(lower=0)
    own = own / own.sum() if own.sum() > 0 else own
    both = pd.concat([own, truth], axis=1).fillna(0).to_numpy()
    return float(abs(both[:, 0] - both[:, 1]).sum() / 2)


def measure(
    scenario: str, seed: int, size: int, cache: Path, models: Sequence[str] = MODELS, experiments: int = 0
) -> dict[str, float]:
    """The distance of every model in one world of `size` accounts."""
    journeys, accounts, lost = world_of(scenario, seed, size, cache)
    own = [model for model in models if model != PACKAGES]
    found = own_channels(journeys, accounts, own, replicates=INTERVAL_REPLICATES if experiments else 2) if own else {}
    if experiments and "hazard" in found:
        tested = most_telling(found["hazard"], experiments)
        held = experiments_on(tested, lost, accounts, seed)
        found |= own_channels(journeys, accounts, ["hazard"], held, INTERVAL_REPLICATES)
    shares = {name: rows.credit_share for name, rows in found.items()}
    if PACKAGES in models:
        shares |= package_shares(journeys)
    truth = lost.clip(lower=0) / lost.clip(lower=0).sum()
    return {name: distance(one, truth) for name, one in shares.items()}


def table(rows: pd.DataFrame, of: Callable[[pd.Series], str]) -> str:
    """Markdown: a row per scenario, a column per model, and the mean over scenarios."""
    by = rows.groupby(["scenario", "model"], sort=False).distance
    cells = by.agg(of).unstack(sort=False)
    mean = by.mean().groupby("model", sort=False).mean().map("{:.3f}".format)
    cells.loc["mean over scenarios"] = mean.reindex(cells.columns)
    lines = ["| scenario | " + " | ".join(cells.columns) + " |", "|---" * (len(cells.columns) + 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join([str(name), *row]) + " |" for name, row in cells.iterrows())])


def still_to_measure(models: Sequence[str], there: set[str], experiments: int) -> list[str]:
    """Of the models asked for, those whose distance in a world is not there yet."""
    of = {PACKAGES: set(PACKAGE_NAMES), "hazard": {"hazard", "hazard_calibrated"} if experiments else {"hazard"}}
    return [model for model in models if not of.get(model, {model}) <= there]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = [*COMPANY, *DESIGNS]
    parser.add_argument("--scenarios", default=",".join(everything), help=f"a comma list of {', '.join(everything)}")
    parser.add_argument("--models", default=",".join(MODELS), help=f"a comma list of {', '.join(MODELS)}")
    parser.add_argument("--seeds", type=int, default=20, help="seeds 1 to this of each scenario (default 20)")
    parser.add_argument("--first-seed", type=int, default=1, help="where the seeds begin (default 1)")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help=f"of every world (default {ACCOUNTS})")
    parser.add_argument("--experiments", type=int, default=0, help="also correct `hazard` by so many (default 0)")
    parser.add_argument("--cache", type=Path, default=Path("var/attribution_truth"), help="where truths are kept")
    parser.add_argument("--out", type=Path, help=f"a CSV to go on with and add to: {', '.join(COLUMNS)}")
    given = parser.parse_args()
    scenarios, models = given.scenarios.split(","), given.models.split(",")
    unknown = [name for name in scenarios if name not in DESIGNS and name not in SCENARIOS]
    if given.seeds < 1 or given.accounts < 1:
        sys.exit("--seeds and --accounts are at least 1")
    if unknown:
        sys.exit(f"unknown scenarios {', '.join(unknown)}; known: {', '.join([*SCENARIOS, *DESIGNS])}")
    if strange := [name for name in models if name not in MODELS]:
        sys.exit(f"unknown models {', '.join(strange)}; known: {', '.join(MODELS)}")
    if given.experiments and "hazard" not in models:
        sys.exit("--experiments correct `hazard`, which is not among --models")
    rows = pd.read_csv(given.out).to_dict("records") if given.out and given.out.exists() else []
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    asked = [(scenario, given.accounts, seed) for seed in seeds for scenario in scenarios]
    shown: list[dict[str, object]] = []
    with reporter() as progress:
        progress.phase(f"{len(scenarios)} scenarios x {given.seeds} seeds")
        for number, world in enumerate(asked):
            known = [row for row in rows if (row["scenario"], row["accounts"], row["seed"]) == world]
            there = {str(row["model"]) for row in known}
            if missing := still_to_measure(models, there, given.experiments):
                scenario, size, seed = world
                found = measure(scenario, seed, size, given.cache, missing, given.experiments)
                new = [dict(zip(COLUMNS, (*world, *one), strict=True)) for one in found.items() if one[0] not in there]
                rows, known = rows + new, known + new
                if given.out:
                    pd.DataFrame(rows).to_csv(given.out, index=False)
            shown += known
            progress.advance(number + 1, len(asked), "worlds")
    print(table(pd.DataFrame(shown), lambda values: f"{values.mean():.3f} ± {values.std(ddof=0):.3f}"))


if __name__ == "__main__":
    main()
