"""Markov: how many conversions would be lost if a channel led nowhere.

Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016), "Mapping the customer journey: Lessons learned
from graph-based online attribution modeling", International Journal of Research in Marketing 33(3), 457-474. Journeys
are paths of an absorbing chain with a start, a state per channel, and the ends `converted` and `null`; the removal
effect of a channel is the part of the conversion probability that is lost when all that enters it goes to null.

With Q the transitions between channels, s those from the start, k those to conversion and F = (I - Q)^-1 the
fundamental matrix (Kemeny, J. G. and Snell, J. L. (1960), Finite Markov Chains, theorem 3.2.4), the chance of a
conversion is s F k, the chance that a journey ever enters channel c is (s F)_c / F_cc (theorem 3.5.4), and after that
it converts with (F k)_c. So one factorisation gives every channel's removal effect:

    removal effect of c = (s F)_c / F_cc * (F k)_c / (s F k)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.attribution.fitted import Fit, FittedModel, NotEnoughData, Relations, Summary


def summary(relations: Relations, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Steps from touch to touch by group: source (null: the start), target (null: the end), weight."""
    return {
        "steps": f"""
        select group_number, source, target, is_converted, sum(weight) as weight
        from (
            select group_number, weight, channel as target, false as is_converted,
                lag(channel) over (partition by journey_key order by touch_number) as source
            from {relations.touches} as touch
            union all
            select group_number, weight, cast(null as string), is_converted, channel
            from {relations.touches} as touch
            where touch_number = touch_count
        ) as step
        group by group_number, source, target, is_converted"""
    }


def fit(summary: Summary, parameters: Mapping[str, Any]) -> Fit:
    """The removal effects of all channels, for the data and every replicate."""
    cells, totals = summary.totals("steps", ["source", "target", "is_converted"])
    channels = sorted({*cells["source"].dropna(), *cells["target"].dropna()})
    place = {channel: number for number, channel in enumerate(channels)}
    between = cells["source"].notna() & cells["target"].notna()
    counts = np.zeros((len(totals), len(channels), len(channels)))
    start, converted, lost = (np.zeros((len(totals), len(channels))) for _ in range(3))
    sources, targets = cells["source"].map(place), cells["target"].map(place)
    for mask, into in (
        (cells["target"].isna() & cells["is_converted"], converted),
        (cells["target"].isna() & ~cells["is_converted"], lost),
    ):
        into[:, sources[mask].astype(int)] = totals[:, mask]
    start[:, targets[cells["source"].isna()].astype(int)] = totals[:, cells["source"].isna()]
    counts[:, sources[between].astype(int), targets[between].astype(int)] = totals[:, between]
    leaving = counts.sum(axis=2) + converted + lost
    if not (leaving[0] > 0).all() or not converted[0].any():
        raise NotEnoughData("no journey with a touch converted")
    effects, probability = removal_effects(
        _part(counts, leaving[:, :, None]), _part(start, start.sum(axis=1, keepdims=True)), _part(converted, leaving)
    )
    return Fit(
        channels=channels,
        effects=effects,
        parameters={"removal_effect": np.maximum(effects[0], 0.0)},
        diagnostics={"order": 1, "conversion_probability": float(probability[0])},
    )


def removal_effects(steps: np.ndarray, start: np.ndarray, converting: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Removal effects (…, n) and conversion probability (…) of chains of n channels.

    steps: (…, n, n), start: (…, n), converting: (…, n); all probabilities.
    """
    fundamental = np.linalg.inv(np.eye(steps.shape[-1]) - steps)
    visits = np.einsum("...i,...ij->...j", start, fundamental)
    chances = np.einsum("...ij,...j->...i", fundamental, converting)
    probability = (start * chances).sum(axis=-1)
    entered = visits / np.diagonal(fundamental, axis1=-2, axis2=-1)
    return _part(entered * chances, probability[..., None]), probability


def _part(of: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(of, whole, out=np.zeros_like(of), where=whole > 0)


MODEL = FittedModel(
    name="markov",
    description="by how much fewer conversions there would be if the channel led nowhere",
    source="Anderl et al. 2016",
    summary=summary,
    fit=fit,
    reads=("removal_effect",),
    weight="removal_effect",
)
