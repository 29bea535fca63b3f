"""How far each model's channel shares are from the truth, over worlds whose truth is known.

    python -m benchmarks.attribution_truth --scenarios default,confounded_targeting,additive --seeds 20

Prints one row per scenario: the total-variation distance between the shares of channels (baseline and unattributed left
out) and the true removal effects, mean and standard deviation over seeds, for our models and, where the extra `bench`
is installed, for the open packages ChannelAttribution and marketing-attribution-models on the same journeys.

Scenarios are those of the simulated company (the first inquiry of an account; the truth is the mean over many lives of
other accounts of the same world, kept in --cache) and those of `attribution_worlds` (the truth is exact).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import attribution_worlds as worlds
from pipeline.attribution import attribute_file
from pipeline.console import reporter
from pipeline.demo import effects
from pipeline.demo.clock import epoch_seconds
from pipeline.demo.company import Company, found
from pipeline.demo.life import live
from pipeline.demo.log import Log
from pipeline.demo.people import Accounts, blocks, settle
from pipeline.demo.rng import BLOCK_ACCOUNTS
from pipeline.demo.scenarios import SCENARIOS, world_of
from pipeline.demo.simulate import END_DATE
from pipeline.demo.story import Story
from pipeline.demo.touches import touches_of

MODELS = ("first_touch", "last_touch", "linear", "markov", "shapley", "logistic", "hazard")
COMPANY = ("default", "independent_exposure", "confounded_targeting", "retargeting", "brand_search_consequence",
           "placebo_channel", "baseline_demand", "dark_touches")  # fmt: skip
DESIGNS = {**worlds.TUNED, **worlds.HELD_OUT}
#: The simulated company: days of each seed, and the lives that its truth is the mean of.
DAYS, LIVES, TRUTH_SEED = 365, 4, 991
OUTCOME = "inquiry"
#: Intervals are not looked at here.
OVERRIDES = tuple(f"{model}.replicates=2" for model in ("markov", "shapley", "logistic", "hazard"))


def company_of(scenario: str, seed: int, accounts: int) -> Company:
    """A company of the scenario that ran no experiment."""
    return found(seed, accounts, DAYS, END_DATE, replace(world_of(scenario), holdouts=()))


def company_truth(scenario: str, cache: Path) -> pd.Series:
    """Removal effects on accounts that ever inquire, clipped and normalised, from LIVES lives of one block."""
    kept = cache / f"{scenario}-{OUTCOME}-{DAYS}-{LIVES}.json"
    if kept.exists():
        return pd.Series(json.loads(kept.read_text()))
    company = company_of(scenario, TRUTH_SEED, BLOCK_ACCOUNTS)
    names, without = effects.removal_worlds(company)
    lost = np.zeros(len(names) - 1)
    for life in range(LIVES):
        accounts = settle(company, 0, life)
        everything = _reached(company, accounts, np.ones_like(without[0]), life)
        lost += [everything - _reached(company, accounts, one, life) for one in without[:-1]]
    truth = pd.Series(np.maximum(lost, 0), names[:-1])
    truth /= truth.sum()
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(truth.to_dict()))
    return truth


def _reached(company: Company, accounts: Accounts, switched_on: np.ndarray, life: int) -> int:
    log = Log()
    live(company, accounts, switched_on[None, :], log, replication=life)
    events = log.frame()
    return int(events[events.kind == OUTCOME].account.nunique())


def company_files(scenario: str, seed: int, size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Journeys to the first inquiry of each account, and the risk set, as a company would record them."""
    company = company_of(scenario, seed, size)
    start = epoch_seconds(np.zeros(1), company.start_date)[0]
    end = start + DAYS * 86400
    journeys, risk = [], []
    for block in range(blocks(size)):
        accounts, log = settle(company, block), Log()
        live(company, accounts, log=log)
        story = Story.tell(company, accounts, log)
        events = story.events[story.events.kind == OUTCOME].groupby("account").second.min()
        converted = np.full(accounts.count, np.inf)
        converted[events.index] = events
        touches = touches_of(story)
        touches = touches[touches.is_recorded & (touches.second <= converted[touches.account])]
        identity = np.array([f"account {number}" for number in accounts.number])
        silent = events.index.difference(touches.account)
        rows = pd.concat([touches[["account", "second", "name"]], pd.DataFrame({"account": silent})])
        at = converted[rows.account.astype(int)]
        journeys.append(
            pd.DataFrame(
                {
                    "journey_id": identity[rows.account.astype(int)],
                    "account_id": identity[rows.account.astype(int)],
                    "touched_at": _instant(rows.second),
                    "channel": rows.name.to_numpy(),
                    "converted": np.isfinite(at),
                    "converted_at": _instant(at),
                }
            )
        )
        risk.append(
            pd.DataFrame(
                {
                    "account_id": identity,
                    "observed_from": pd.Timestamp(start, unit="s"),
                    "observed_until": _instant(np.minimum(converted, end)),
                    "industry": accounts.industry.astype(str),
                    "region": accounts.region.astype(str),
                    "employees": accounts.employees,
                }
            )
        )
    return pd.concat(journeys), pd.concat(risk)


def _instant(seconds: np.ndarray | pd.Series) -> np.ndarray:
    """Seconds since 1970 as instants; none where they are not finite."""
    known = np.isfinite(np.asarray(seconds, float))
    found = np.where(known, seconds, 0).astype("int64").astype("datetime64[s]")
    return np.where(known, found, np.datetime64("NaT", "s"))


def own_shares(journeys: pd.DataFrame, accounts: pd.DataFrame) -> dict[str, pd.Series]:
    """Channel shares of our models, through the command's own way in."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        journeys.to_parquet(place / "journeys.parquet")
        accounts.to_parquet(place / "accounts.parquet")
        attribute_file(
            journeys=place / "journeys.parquet", accounts=place / "accounts.parquet", models=MODELS,
            overrides=OVERRIDES, out=place / "credits.parquet",
        )  # fmt: skip
        sums = pd.read_parquet(place / "credits_channels.parquet")
    return {str(name): rows.set_index("channel").credit_share for name, rows in sums.groupby("model_name")}


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


def measure(scenario: str, seed: int, size: int, cache: Path) -> dict[str, float]:
    """The distance of every model in one world; `size` is the accounts of the simulated company."""
    if scenario in DESIGNS:
        world = worlds.simulate(DESIGNS[scenario], seed)
        journeys, accounts, truth = world.journeys, world.accounts, world.truth
    else:
        truth = company_truth(scenario, cache)
        journeys, accounts = company_files(scenario, seed, size)
    shares = {**own_shares(journeys, accounts), **package_shares(journeys)}
    return {name: distance(one, truth) for name, one in shares.items()}


def table(rows: pd.DataFrame, of: Callable[[pd.Series], str]) -> str:
    """Markdown: a row per scenario, a column per model, and the mean over scenarios."""
    by = rows.groupby(["scenario", "model"], sort=False).distance
    cells = by.agg(of).unstack(sort=False)
    mean = by.mean().groupby("model", sort=False).mean().map("{:.3f}".format)
    cells.loc["mean over scenarios"] = mean.reindex(cells.columns)
    lines = ["| scenario | " + " | ".join(cells.columns) + " |", "|---" * (len(cells.columns) + 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join([str(name), *row]) + " |" for name, row in cells.iterrows())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = [*COMPANY, *DESIGNS]
    parser.add_argument("--scenarios", default=",".join(everything), help=f"a comma list of {', '.join(everything)}")
    parser.add_argument("--seeds", type=int, default=20, help="seeds 1 to this of each scenario (default 20)")
    parser.add_argument("--first-seed", type=int, default=1, help="where the seeds begin (default 1)")
    parser.add_argument("--accounts", type=int, default=16_384, help="of the simulated company (default 16384)")
    parser.add_argument("--cache", type=Path, default=Path("var/attribution_truth"), help="where truths are kept")
    parser.add_argument("--out", type=Path, help="also write a CSV: scenario, seed, model, distance")
    given = parser.parse_args()
    scenarios = given.scenarios.split(",")
    unknown = [name for name in scenarios if name not in DESIGNS and name not in SCENARIOS]
    if unknown or given.seeds < 1:
        sys.exit(f"unknown scenarios {', '.join(unknown)}; known: {', '.join([*SCENARIOS, *DESIGNS])}")
    rows: list[tuple[str, int, str, float]] = []
    columns = ["scenario", "seed", "model", "distance"]
    with reporter() as progress:
        progress.phase(f"{len(scenarios)} scenarios x {given.seeds} seeds")
        for number, scenario in enumerate(scenarios):
            for seed in range(given.seeds):
                measured = measure(scenario, given.first_seed + seed, given.accounts, given.cache)
                rows += [(scenario, given.first_seed + seed, model, value) for model, value in measured.items()]
                progress.advance(number * given.seeds + seed + 1, len(scenarios) * given.seeds, "worlds")
            if given.out:
                pd.DataFrame(rows, columns=columns).to_csv(given.out, index=False)
    frame = pd.DataFrame(rows, columns=columns)
    print(table(frame, lambda values: f"{values.mean():.3f} ± {values.std(ddof=0):.3f}"))


if __name__ == "__main__":
    main()
