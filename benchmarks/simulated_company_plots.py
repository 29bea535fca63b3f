"""Draws the plots of docs/reference/simulated_company.md from simulated companies.

    python benchmarks/simulated_company_plots.py --out docs/reference/img

needs matplotlib (`pip install touchledger[plots]`).
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.demo import simulate
from pipeline.demo.world import CHANNELS

WORLDS = ("default", "independent_exposure", "confounded_targeting")
INK, ACCENT, PALE = "#22313f", "#c0392b", "#7f8c8d"
#: Channels in which people meet or speak.
MEETINGS = ("webinar", "trade_show", "conference", "field_event", "executive_meeting", "sdr_outbound")
MARKERS = {"mql": (".", ACCENT), "sal": ("x", ACCENT), "sql": ("^", ACCENT), "opportunity": ("o", INK),
           "won": ("*", ACCENT), "lost": ("X", INK)}  # fmt: skip


def company(folder: Path, scenario: str, accounts: int = 600, truth_worlds: int = 3) -> Path:
    """The truth folder of one simulated company without dirt."""
    out = folder / scenario
    simulate(out / "landing", accounts=accounts, scenario=scenario, dirt=False, truth_worlds=truth_worlds)
    return out / "truth"


def table(truth: Path, name: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted((truth / name).glob("*.parquet"))])


def journeys(truth: Path) -> pd.DataFrame:
    """Recorded touches of each account in the 365 days before it opened its first deal: one row a touch."""
    stages, touches = table(truth, "stage_entries"), table(truth, "touches")
    opened = stages[stages.stage == "opportunity"].groupby("account_number").entered_at.min().rename("opened_at")
    joined = touches[touches.is_recorded].merge(opened, on="account_number")
    before = (joined.opened_at - joined.touched_at).dt.total_seconds() / 86400
    return joined.assign(days_before=before)[(before >= 0) & (before <= 365)]


def last_touch_share(touches: pd.DataFrame) -> pd.Series:
    last = touches.sort_values("touched_at").drop_duplicates("account_number", keep="last")
    return last.channel.value_counts(normalize=True)


def draw_journeys(truths: dict[str, Path], path: Path, plt) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), constrained_layout=True)
    touches = journeys(truths["default"])
    axes[0].hist(touches.groupby("account_number").size(), bins=np.arange(0, 160, 8), color=INK)
    axes[0].set(title="Touches in the year before a first deal", xlabel="touches", ylabel="accounts")
    for scenario, colour in (("short_cycle", PALE), ("default", INK), ("long_cycle", ACCENT)):
        stages = table(truths[scenario], "stage_entries")
        new = stages[stages.opportunity_type == "New Business"].pivot_table(
            index="unit_id", columns="stage", values="entered_at", aggfunc="min"
        )
        days = (new.won - new.opportunity).dropna().dt.total_seconds() / 86400
        axes[1].plot(np.sort(days), np.linspace(0, 1, len(days)), color=colour, label=scenario)
    axes[1].set(title="New business: opened to won", xlabel="days", ylabel="share won by then", xlim=(0, 250))
    axes[1].legend(frameon=False)
    stock = np.linspace(0, 5, 200)
    for steepness, colour in ((1, PALE), (2, INK), (4, ACCENT)):
        axes[2].plot(stock, stock**steepness / (1 + stock**steepness), color=colour, label=f"steepness {steepness}")
    axes[2].set(title="What a stock does", xlabel="stock / half saturation", ylabel="share of the full effect")
    axes[2].legend(frameon=False)
    save(figure, path)


def draw_paths(truth: Path, path: Path, plt) -> None:
    """The first twelve accounts that won a first deal, from half a year before its opening on."""
    stages, touches = table(truth, "stage_entries"), table(truth, "touches")
    opened = stages[stages.stage == "opportunity"].groupby("account_number").entered_at.min()
    won = stages[(stages.stage == "won") & (stages.opportunity_type == "New Business")].account_number.drop_duplicates()
    chosen = sorted(won[(opened.reindex(won) - stages.entered_at.min()).dt.days.to_numpy() > 180])[:12]
    figure, axis = plt.subplots(figsize=(11, 4.6), constrained_layout=True)

    def days(rows: pd.DataFrame, column: str) -> np.ndarray:
        return (rows[column] - rows.account_number.map(opened)).dt.total_seconds().to_numpy() / 86400

    for place, account in enumerate(chosen):
        seen = touches[(touches.account_number == account) & touches.is_recorded]
        met = seen.channel.isin(MEETINGS)
        for some, colour, size in ((seen[~met], PALE, 5), (seen[met], INK, 9)):
            axis.plot(days(some, "touched_at"), np.full(len(some), place), "|", color=colour, markersize=size)
        for stage, (marker, colour) in MARKERS.items():
            some = stages[(stages.account_number == account) & (stages.stage == stage)]
            axis.plot(days(some, "entered_at"), np.full(len(some), place - 0.32), marker, color=colour, markersize=5)
    names = [("|", PALE, "touch"), ("|", INK, "event, call or meeting"), *((*m, s) for s, m in MARKERS.items())]
    for marker, colour, name in names:
        axis.plot([], [], marker, color=colour, label=name)
    axis.axvline(0, color=PALE, linewidth=0.6)
    axis.set(xlim=(-180, 150), xlabel="days from the opening of the first deal", ylabel="accounts", yticks=[])
    axis.legend(frameon=False, ncols=len(names), loc="lower center", bbox_to_anchor=(0.5, 1))
    save(figure, path)


def draw_effects(truths: dict[str, Path], path: Path, plt) -> None:
    names = [channel.name for channel in CHANNELS][::-1]
    effects = pd.read_csv(truths["default"] / "effects.csv").set_index(["outcome", "channel"])
    figure, axes = plt.subplots(1, 3, figsize=(11, 4.2), sharey=True, constrained_layout=True)
    for axis, outcome in zip(axes, ("mql", "opportunity", "won"), strict=True):
        rows = effects.loc[outcome].reindex(names)
        total = rows.expected_total
        axis.barh(names, 100 * rows.expected_lost_without / total, xerr=200 * rows.standard_error / total,
                  color=INK, ecolor=ACCENT, height=0.65)  # fmt: skip
        axis.axvline(0, color=PALE, linewidth=0.8)
        axis.set(title=f"{outcome}: lost without the channel", xlabel="% of all, with 2 standard errors")
    save(figure, path)


def draw_hardness(truths: dict[str, Path], path: Path, plt) -> None:
    names = [channel.name for channel in CHANNELS][::-1]
    figure, axes = plt.subplots(1, len(WORLDS), figsize=(11, 4.2), sharey=True, constrained_layout=True)
    places = np.arange(len(names))
    for axis, scenario in zip(axes, WORLDS, strict=True):
        effects = pd.read_csv(truths[scenario] / "effects.csv")
        true = effects[effects.outcome == "opportunity"].set_index("channel").expected_lost_without.reindex(names)
        true = true.clip(lower=0)
        last = last_touch_share(journeys(truths[scenario])).reindex(names).fillna(0)
        axis.barh(places + 0.2, 100 * true / true.sum(), height=0.38, color=INK, label="true effect")
        axis.barh(places - 0.2, 100 * last / last.sum(), height=0.38, color=ACCENT, label="last touch")
        axis.set(title=scenario, xlabel="% of what channels get", yticks=places, yticklabels=names)
    axes[0].legend(frameon=False)
    save(figure, path)


def save(figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, metadata={"Software": None})


def main() -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/reference/img"))
    parser.add_argument("--accounts", type=int, default=600)
    options = parser.parse_args()
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    with tempfile.TemporaryDirectory() as folder:
        truths = {name: company(Path(folder), name, options.accounts) for name in WORLDS}
        for name in ("short_cycle", "long_cycle"):
            truths[name] = company(Path(folder), name, options.accounts, 0)
        draw_paths(truths["default"], options.out / "simulated_paths.png", plt)
        draw_journeys(truths, options.out / "simulated_journeys.png", plt)
        draw_effects(truths, options.out / "simulated_effects.png", plt)
        draw_hardness(truths, options.out / "simulated_hardness.png", plt)


if __name__ == "__main__":
    main()
