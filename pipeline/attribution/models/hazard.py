"""Hazard: how much sooner accounts convert for having been touched, among all that could have converted.

Each touch raises its account's daily chance to convert, by an amount that fades; what is left of all its touches adds
up (a point process with decaying, additive effects: Zhang, Y., Wei, Y. and Ren, J. (2014), "Multi-touch attribution
in online advertising with survival theory", ICDM; removal at the moment of conversion: Shender, D. et al. (2023), "A
time to event framework for multi-touch attribution"). The fade is a mixture of half-lives, weighed by likelihood, so
that no shape need be chosen. Touches of one channel saturate: with s_h what is left of all of them, the channel acts by
s_h / (1 + s_h / SATURATION). With demand of one that no touch brought (see `attribution.excess_hazard`),

    weight of a touch = sum over half-lives h of effect_h 2^(-days before conversion / h) / (1 + s_h / SATURATION),
    baseline = 1

so that a channel's part of a conversion is what the chance to convert at that very moment would have lost without it.
Where accounts convert once, some would have converted later without it all the same: the channel keeps what is lost for
good by the end of the data (`attribution.later_conversions`), and the rest is baseline too.

The comparison is with moments at which accounts could have converted and did not, touched or not, of the same hour of
the day. What else tells those apart is kept out of the channels' effects: the covariates, the time of observation, the
calendar, and, where the likelihood asks for it, what nobody recorded but touches show: the account's lasting quality
and its present state (`attribution.touch_process`). Direct visits serve that alone: who types the address was not
brought there, so they are signs of interest and earn nothing (a negative control exposure: Lipsitch, M. et al. (2010),
"Negative controls", Epidemiology 21(3)). So are meetings that sales holds: they are steps of a deal under way, and
would take the credit of whatever began it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.attribution.case_cohort import HALF_LIVES, moments_summary
from pipeline.attribution.excess_hazard import Excess, Moments, credits, fit_excess, replicate_effects, sharpened
from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Summary
from pipeline.attribution.later_conversions import expected_later
from pipeline.attribution.model import DIRECT_NAMES, Choice, Number
from pipeline.attribution.unrecorded import SAME_INSTANT, read_unrecorded

LOST_FOR_GOOD = "lost_for_good"
EFFECTS = tuple(f"effect_{days}" for days in HALF_LIVES)
#: Of what is left of a channel's touches: with so much it does half of what it ever could.
SATURATION = 4.0
#: Conversions from which on what nobody recorded is read off the touches; fewer cannot tell it.
READ_FROM = 100
#: The half-lives, by place, over which signs are counted where touches are not read.
SIGNS_OVER = (1, 2)
#: Channels that are signs of where an account stands and earn nothing, by the parameter that can make them channels.
SIGNS = {"direct": DIRECT_NAMES, "sales_meetings": ("sales_meeting", "sales meeting", "sales meetings")}
#: Fits to accounts weighed anew, whose mean effects are credited.
BAGS = 100
#: Replicates hold what was read off the touches, and so vary too little: they are drawn apart by as much as makes
#: intervals hold what they are meant to (benchmarks.attribution_intervals).
APART = 1.2
#: Of a text covariate, the commonest values are told apart.
MOST_VALUES = 10


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """The effects of all channels at all half-lives, and each channel's part of the conversions with its replicates."""
    moments, channels, stocks = _arrays(summary)
    is_case = moments["is_case"].to_numpy()
    if is_case.sum() < parameters["min_conversions"] or (~is_case).sum() < 100:
        raise NotEnoughData(f"{int(is_case.sum())} conversions of accounts at risk, at {len(is_case)} moments")
    risk_days = moments["risk_days"].max()
    weight = np.where(is_case, moments["weight"], risk_days / (~is_case).sum())
    described = _described(moments, ~is_case)
    signs, is_sign = [], np.zeros(len(channels), bool)
    for role, names in SIGNS.items():
        of_role = np.array([channel.strip().lower() in names for channel in channels])
        if parameters[role] != "channel" and of_role.any():
            left = stocks[:, of_role].sum(axis=1)
            signs += [np.log1p(left[:, place]) for place in SIGNS_OVER]
            is_sign |= of_role
    stocks = np.where(is_sign[None, :, None], 0.0, stocks)
    exposure = (stocks / (1 + stocks / SATURATION)).reshape(len(moments), -1)
    of_channel = np.repeat(np.arange(len(channels)), len(HALF_LIVES))

    z = np.column_stack([_standard(column, ~is_case) for column in [*described, *signs]])
    data = Moments(is_case, weight, moments["group_number"].to_numpy(), z, exposure, of_channel)
    found = fit_excess(data)
    read = None
    if is_case.sum() >= READ_FROM:
        read = read_unrecorded(summary, moments, channels, is_sign, parameters["arrival_hours"] / 24)
    if read is not None:
        told = replace(data, described=z[:, : len(described)], belief=read[0], features=read[1])
        by_touches = fit_excess(told, replace(found, slopes=found.slopes[: len(described)]))
        # Schwarz' criterion: each number must be worth half the logarithm of the conversions in log-likelihood.
        more = read[1].shape[1] - len(signs)
        if found.objective - by_touches.objective > more * np.log(is_case.sum()) / 2:
            data, found = told, by_touches
    found = sharpened(data, found)
    # What is credited are means of effects, as which channels a lasso leaves anything to hangs on a few conversions
    # (bagging: Breiman, L. (1996), Machine Learning 24(2); weights: Rubin, D. B. (1981), Annals of Statistics 9(1)).
    bags = np.random.default_rng(summary.seed).exponential(size=(BAGS, summary.weights.shape[1]))
    drawn = replicate_effects(data, found, np.vstack([bags, summary.weights[1:]]))
    effects = np.vstack([drawn[:BAGS].mean(axis=0), drawn[BAGS:]])
    found = replace(found, effects=effects[0])
    in_channel = np.eye(len(channels))[of_channel]
    at_once = credits(data, effects[:1], summary.weights[:1])[0] @ in_channel
    lost = _lost_for_good(moments, data, found, at_once) if parameters["later_anyway"] == "baseline" else None
    shares = credits(data, effects, summary.weights, lost) @ in_channel
    shares[1:] = np.maximum(shares[0] + APART * (shares[1:] - shares[0]), 0.0)
    shares[1:] /= np.maximum(shares[1:].sum(axis=1, keepdims=True), 1.0)
    by_channel = found.effects.reshape(len(channels), -1)
    cut_off = moments.attrs["is_touched_only"]
    return Fit(
        channels=channels,
        effects=shares,
        shares=shares,
        parameters={
            **dict(zip(EFFECTS, by_channel.T, strict=True)),
            "half_life_days": np.array([_half_life(row) for row in by_channel]),
            LOST_FOR_GOOD: np.divide(shares[0], at_once, out=np.ones(len(channels)), where=at_once > 0),
        },
        constants={"arrival_days": parameters["arrival_hours"] / 24},
        diagnostics={
            "cases": int(is_case.sum()),
            "moments_at_risk": int((~is_case).sum()),
            "days_at_risk": float(risk_days),
            "baseline_share": float(1 - shares[0].sum()),
            "reads_touches": data.belief is not None,
            "touched_only": cut_off,
        },
        warnings=["no account without a touch converts, so only accounts that had one are compared"] if cut_off else [],
    )


def _lost_for_good(moments: pd.DataFrame, data: Moments, fit: Excess, shares: np.ndarray) -> np.ndarray | None:
    """The chance that a conversion would not have come later without the channel, (cases, columns of the exposure).

    None where accounts convert more than once, or nobody told which were at risk: then none stands for another.
    """
    converts = moments["converts_later"].to_numpy(bool)
    if not converts.any():
        return None
    belief, features = data.classes
    told = [*(belief @ features).T, np.log(1 + data.exposure @ fit.effects)]
    described = np.column_stack([data.described, *(_standard(column, ~data.is_case) for column in told)])
    later = expected_later(described, moments["left_days"].to_numpy(float), converts, ~data.is_case)
    return np.exp(-np.outer(later[data.is_case], 1 - shares))[:, data.channel]


def _arrays(summary: Summary) -> tuple[pd.DataFrame, list[str], np.ndarray]:
    """Moments, channels and stocks (n, K, half-lives).

    Channels stand in the order of what is seen of them, not of their names, so that names change nothing. Where
    conversions without a touch are not told, moments without one cannot be compared.
    """
    moments, rows = summary.frames["moments"].reset_index(drop=True), summary.frames["stocks"]
    if not rows["touch_count"].sum() or not len(moments):
        raise NotEnoughData("no touch of an account at risk")
    columns = [*(f"stock_{days}" for days in HALF_LIVES), "touch_count", "arrival_count"]
    seen = rows.groupby("channel")[columns].sum().round(6).sort_values(columns, ascending=False, kind="stable")
    channels = list(seen.index)
    values = np.zeros((len(moments), len(channels), len(columns)))
    place = rows["channel"].map({channel: number for number, channel in enumerate(channels)}).to_numpy()
    values[rows["moment_number"].to_numpy() - 1, place] = rows[columns].to_numpy(float)
    touched, arrives = values[:, :, -2].sum(axis=1) > 0, values[:, :, -1].sum(axis=1) > 0
    touched_only = _are_touched_only(touched, arrives, moments["is_case"].to_numpy())
    if touched_only:
        moments, values = moments[touched].reset_index(drop=True), values[touched]
    moments.attrs["is_touched_only"] = touched_only
    return moments, channels, values[:, :, :-2]


def _are_touched_only(touched: np.ndarray, arrives: np.ndarray, is_case: np.ndarray) -> bool:
    """Whether only conversions of touched accounts are told, as in files that are rows of touches; of n moments each.

    None is without a touch then. The visit that it happened in may be the only one: by chance, which few conversions
    meet, and not because all of them happen in a visit.
    """
    if touched.all() or not (touched | arrives)[is_case].all():
        return False
    before = touched & is_case
    return touched[is_case].all() or (before.any() and arrives[before].mean() < 0.5)


def _described(moments: pd.DataFrame, at_risk: np.ndarray) -> list[np.ndarray]:
    """What is recorded of the account and the moment, a column each: day, day of the week, time seen, covariates."""
    day = moments["day"].to_numpy()
    calendar = 2 * (day - day.min()) / max(day.max() - day.min(), 1.0) - 1
    columns = [np.polynomial.legendre.Legendre.basis(degree)(calendar) for degree in (1, 2, 3)]
    columns += [(np.floor(day) % 7 == weekday).astype(float) for weekday in range(6)]
    columns.append(np.log1p(np.maximum(moments["elapsed"].to_numpy(), 0)))
    own = list(moments.columns[list(moments.columns).index("risk_days") + 1 :])
    for name in own:
        column = moments[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            number = column.to_numpy(float, na_value=np.nan)
            missing = ~np.isfinite(number)
            usual = float(np.median(number[at_risk & ~missing])) if (at_risk & ~missing).any() else 0.0
            number = np.where(missing, usual, number)
            columns += [_without_tail(number, at_risk), missing.astype(float)]
        else:
            words = column.astype("string").fillna("")
            common = words[at_risk].value_counts().index[: MOST_VALUES + 1]
            columns += [(words == value).to_numpy(float) for value in sorted(common)]
    return columns


def _without_tail(number: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """The logarithm of what is far from symmetrical, like a number of employees."""
    low, middle, high = np.quantile(number[at_risk], [0.05, 0.5, 0.95])
    skewed = low >= 0 and high - middle > 3 * (middle - low)
    return np.log1p(np.maximum(number, 0)) if skewed else number


def _standard(column: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    mean, spread = column[at_risk].mean(), column[at_risk].std()
    return (column - mean) / spread if spread > 1e-9 else np.zeros_like(column)


def _half_life(effects: np.ndarray) -> float:
    """The days after which half of all a touch does is done (one half-life alone: itself); 0 without an effect."""
    half_lives = np.array(HALF_LIVES, float)
    part = effects * half_lives
    if not part.sum() > 0:
        return 0.0
    part = part / part.sum()
    low, high = 0.0, half_lives[-1]
    for _ in range(50):
        middle = (low + high) / 2
        if part @ 0.5 ** (middle / half_lives) > 0.5:
            low = middle
        else:
            high = middle
    return low


def _weight() -> str:
    """The weight of a touch, over the touches of its conversion and channel."""
    is_arrival = f"days_before_conversion between {SAME_INSTANT} and arrival_days"
    parts = []
    for effect, days in zip(EFFECTS, HALF_LIVES, strict=True):
        left = f"case when {is_arrival} then 0e0 else power(5e-1, days_before_conversion / {days}e0) end"
        whole = f"""sum({left}) over (
            partition by conversion_key, channel order by touch_number
            rows between unbounded preceding and unbounded following)"""
        parts.append(f"{effect} * {left} / (1e0 + {whole} / {SATURATION!r})")
    return " + ".join(parts)


MODEL = FittedModel(
    name="hazard",
    description="what of the conversion would be lost by the end of the data without the touch, baseline demand apart",
    source="Zhang et al. 2014; Shender et al. 2023; Prentice 1986",
    own={
        "least_moments": Number(
            20_000, "moments at risk that conversions are compared with, more where they are many", above=100
        ),
        "arrival_hours": Number(1, "a touch less than this before the conversion is the visit it happened in", above=0),
        "direct": Choice(
            "interest", "what direct visits are: signs of interest, or a channel", ("interest", "channel")
        ),
        "sales_meetings": Choice(
            "progress", "what meetings of sales are: signs of how far a deal is, or a channel", ("progress", "channel")
        ),
        "later_anyway": Choice(
            "baseline",
            "whose are conversions that, without the channel that brought them, would have come later in the data",
            ("baseline", "channel"),
        ),
    },
    summary=moments_summary,
    fit=fit,
    reads=(*EFFECTS, LOST_FOR_GOOD),
    reads_constants=("arrival_days",),
    weight=_weight(),
    formula=f"sum over h of effect_h * 2^(-days_before_conversion / h) / (1 + left_h / {SATURATION:g}); "
    f"kept: {LOST_FOR_GOOD}",
    baseline="1e0",
    kept=f"coalesce({LOST_FOR_GOOD}, 1e0)",
    needs_times=True,
    reads_accounts=True,
)
