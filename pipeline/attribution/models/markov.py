"""Markov: how many conversions would be lost if a channel led nowhere.

Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016), "Mapping the customer journey: Lessons learned
from graph-based online attribution modeling", International Journal of Research in Marketing 33(3), 457-474. Journeys
are paths of an absorbing chain with a start, the ends `converted` and `null`, and a state for each sequence of the last
`order` channels; the removal effect of a channel is the part of the conversion probability that is lost when all that
enters it goes to null.

With Q the transitions between states, s those from the start, k those to conversion and F = (I - Q)^-1 the fundamental
matrix (Kemeny, J. G. and Snell, J. L. (1960), Finite Markov Chains, theorem 3.2.4), a conversion has the chance s F k.
Let A be the states that end in channel c. What passes through A is a block of the same matrix, so that one
factorisation gives every channel's removal effect:

    removal effect of c = (s F)_A (F_AA)^-1 (F k)_A / (s F k)

which for order 1 is the chance of ever entering c, (s F)_c / F_cc (theorem 3.5.4), times that of converting from there.
Order 1 is solved anew for each replicate; higher orders have many states, and their replicates follow to first
order, d(s F k) = sum over steps i -> j of (s F)_i dP_ij (F k)_j.

`auto` takes the order whose steps predict those of accounts held out best (two halves, each by the other), smoothed
towards order 1. Paths that stand for several journeys cannot be split, and are judged by Akaike's criterion, which
estimates the same (Stone, M. (1977), Journal of the Royal Statistical Society B 39(1), 44-47).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Relations, Summary
from pipeline.attribution.model import Choice

ORDERS = (1, 2, 3, 4)

#: At most so many sequences are states, the most frequent; a rarer one counts as its last channel alone.
LARGEST_CHAIN = 800

#: In place of a state: where a journey starts or ends.
OUTSIDE = -1

#: Steps of order 1 that a rare state's own are smoothed with, and uniform ones that those are.
PRIOR_STEPS = 1.0


def summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """For each order: `states` (state, channel it ends in), `steps` by group, `halves`: steps by half of the groups.

    A step has source and target, each the number of a state or OUTSIDE, is_converted (at its end), and weight.
    """
    orders = ORDERS if parameters["order"] == "auto" else (int(parameters["order"]),)
    return {name: query for order in orders for name, query in _of_order(relations, order).items()}


def _of_order(relations: Relations, order: int) -> dict[str, str]:
    window = "over (partition by journey_key order by touch_number)"
    earlier = "".join(f", chr(31), coalesce(lag(channel, {back}) {window}, '')" for back in range(1, order))
    sequences = f"(select *, concat(channel{earlier}) as sequence from {relations.touches} as touch)"
    kept = f"""(
        select sequence, row_number() over (order by sum(weight) desc, sequence) as place
        from {sequences} as sequences group by sequence)"""
    placed = f"""(
        select sequences.*, case when kept.place <= {LARGEST_CHAIN} then sequences.sequence else channel end as state
        from {sequences} as sequences inner join {kept} as kept on sequences.sequence = kept.sequence)"""
    numbers = f"""(
        select state, channel, row_number() over (order by channel, state) - 1 as number
        from (select distinct state, channel from {placed} as placed) as states)"""
    numbered = f"""(
        select placed.journey_key, placed.group_number, placed.weight, placed.is_converted, placed.touch_number,
            placed.touch_count, numbers.number
        from {placed} as placed inner join {numbers} as numbers on placed.state = numbers.state)"""
    steps = f"""(
        select group_number, weight, number as target, false as is_converted,
            coalesce(lag(number) {window}, {OUTSIDE}) as source
        from {numbered} as numbered
        union all
        select group_number, weight, {OUTSIDE}, is_converted, number
        from {numbered} as numbered
        where touch_number = touch_count)"""

    def totals(by: str, name: str) -> str:
        return f"""
        select {by} as {name}, source, target, is_converted, sum(weight) as weight
        from {steps} as steps group by {by}, source, target, is_converted"""

    return {
        f"states_{order}": f"select number as state, channel from {numbers} as numbers order by number",
        f"steps_{order}": totals("group_number", "group_number"),
        f"halves_{order}": totals("group_number % 2", "half"),
    }


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """The removal effects of all channels, for the data and every replicate."""
    order, judged = _order(summary, parameters["order"])
    cells, totals = summary.totals(f"steps_{order}", ["source", "target", "is_converted"])
    ends = summary.frames[f"states_{order}"]["channel"].to_numpy()
    if not cells["is_converted"].any():
        raise NotEnoughData("no journey with a touch converted")
    channels, channel_of = np.unique(ends, return_inverse=True)
    source = cells["source"].to_numpy(int)
    target = np.where(cells["is_converted"], len(ends), cells["target"].to_numpy(int))
    leaving = np.zeros((len(totals), len(ends) + 1))
    np.add.at(leaving.T, source, totals.T)
    chances = _part(totals, leaving[:, source])
    effects, probability = (
        _every_replicate(source, target, chances, len(ends))
        if order == 1
        else _first_order(source, target, chances, channel_of)
    )
    return Fit(
        channels=channels.tolist(),
        effects=effects,
        parameters={"removal_effect": np.maximum(effects[0], 0.0)},
        diagnostics={
            "order": order,
            "states": len(ends),
            "conversion_probability": probability,
            **judged,
        },
    )


def _order(summary: Summary, wanted: str) -> tuple[int, dict[str, Any]]:
    """The order to fit, and, where it was chosen, the log-loss per step of each that it was chosen from."""
    if wanted != "auto":
        return int(wanted), {}
    judge, name = (_criterion, "log_loss_by_akaike") if (summary.sizes > 1).any() else (_held_out, "held_out_log_loss")
    losses = {order: judge(*_named_steps(summary, order)) for order in ORDERS}
    return min(losses, key=lambda one: (losses[one], one)), {name: {str(one): loss for one, loss in losses.items()}}


def _every_replicate(
    source: np.ndarray, target: np.ndarray, chances: np.ndarray, count: int
) -> tuple[np.ndarray, float]:
    """Order 1: chains (replicates, n, n), one inverse each. Steps into state n convert, those into -1 are lost."""
    whole = np.zeros((len(chances), count + 1, count + 2))
    whole[:, source, target] = chances
    between, start, converting = whole[:, :count, :count], whole[:, count, :count], whole[:, :count, count]
    fundamental = np.linalg.inv(np.eye(count) - between)
    visits = np.einsum("ri,rij->rj", start, fundamental)
    converts = np.einsum("rij,rj->ri", fundamental, converting)
    probability = (start * converts).sum(axis=1)
    entered = visits / np.diagonal(fundamental, axis1=1, axis2=2)
    return _part(entered * converts, probability[:, None]), float(probability[0])


def _first_order(
    source: np.ndarray, target: np.ndarray, chances: np.ndarray, channel_of: np.ndarray
) -> tuple[np.ndarray, float]:
    """Higher orders: the data's chain solved, and the replicates from its derivatives."""
    count = len(channel_of)
    whole = np.zeros((count + 1, count + 2))
    whole[source, target] = chances[0]
    start = whole[count, :count]
    fundamental = np.linalg.inv(np.eye(count) - whole[:count, :count])
    visits, converts = start @ fundamental, fundamental @ whole[:count, count]
    moved = chances - chances[0]

    def probabilities(visits: np.ndarray, converts: np.ndarray) -> np.ndarray:
        from_each, to_each = np.append(visits, 1.0), np.concatenate([converts, [1.0, 0.0]])
        return start @ converts + moved @ (from_each[source] * to_each[target])

    probability = probabilities(visits, converts)
    effects = np.empty((len(chances), channel_of.max() + 1))
    for channel in range(effects.shape[1]):
        through = np.flatnonzero(channel_of == channel)
        block = fundamental[np.ix_(through, through)]
        left = visits - np.linalg.solve(block.T, visits[through]) @ fundamental[through]
        right = converts - fundamental[:, through] @ np.linalg.solve(block, converts[through])
        left[through] = right[through] = 0.0
        effects[:, channel] = 1.0 - _part(probabilities(left, right), probability)
    return effects, float(probability[0])


def _named_steps(summary: Summary, order: int) -> tuple[pd.DataFrame, int]:
    """Steps as orders have them in common: `to` the channel, `+` or `-`, from `source` and its `last` channel.

    Returns them, by half of the groups, and how many channels there are.
    """
    steps, ends = summary.frames[f"halves_{order}"], summary.frames[f"states_{order}"]["channel"].to_numpy()
    source, target = steps["source"].to_numpy(int), steps["target"].to_numpy(int)
    end = np.where(steps["is_converted"], "+", "-")
    named = pd.DataFrame(
        {
            "source": source,
            "last": np.where(source == OUTSIDE, "", ends[source]),
            "to": np.where(target == OUTSIDE, end, "=" + ends[target]),
            "half": steps["half"],
            "weight": steps["weight"],
        }
    )
    return named, len(np.unique(ends))


def _criterion(steps: pd.DataFrame, channels: int) -> float:
    """Half of Akaike's criterion per step."""
    pooled = steps.groupby(["source", "to"], as_index=False)["weight"].sum()
    leaving = pooled.groupby("source")["weight"].transform("sum")
    free = len(pooled) - pooled["source"].nunique()
    return float((free - (pooled["weight"] * np.log(pooled["weight"] / leaving)).sum()) / steps["weight"].sum())


def _held_out(steps: pd.DataFrame, channels: int) -> float:
    """Log-loss per step of each half of the groups, as the other half predicts it."""
    loss = 0.0
    for half in (0, 1):
        known, held = steps[steps["half"] != half], steps[steps["half"] == half]
        loss -= float((held["weight"] * np.log(_predicted(known, held, channels))).sum())
    return loss / float(steps["weight"].sum())


def _predicted(known: pd.DataFrame, held: pd.DataFrame, channels: int) -> np.ndarray:
    """The chance of each held-out step: what its source did, smoothed by what its last channel did."""

    def counts(columns: list[str]) -> np.ndarray:
        sums = known.groupby(columns)["weight"].sum().rename("sum").reset_index()
        return held[columns].merge(sums, on=columns, how="left")["sum"].fillna(0.0).to_numpy()

    uniform = 1.0 / (channels + 2)
    by_last = (counts(["last", "to"]) + PRIOR_STEPS * uniform) / (counts(["last"]) + PRIOR_STEPS)
    return (counts(["source", "to"]) + PRIOR_STEPS * by_last) / (counts(["source"]) + PRIOR_STEPS)


def _part(of: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(of, whole, out=np.zeros_like(of), where=whole > 0)


MODEL = FittedModel(
    name="markov",
    description="by how much fewer conversions there would be if the channel led nowhere",
    source="Anderl et al. 2016",
    own={
        "order": Choice(
            "1",
            "how many touches back a step depends on, or `auto`: as predicts held-out accounts best",
            (*map(str, ORDERS), "auto"),
        )
    },
    summary=summary,
    fit=fit,
    reads=("removal_effect",),
    weight="removal_effect",
)
