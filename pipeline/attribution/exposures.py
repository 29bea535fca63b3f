"""Journeys by which channels they touched, whatever the order: the summary of models that count exposure only.

A set of channels is a bit per channel in two whole numbers, so that the engine groups by numbers. Bits are given in the
order of how often a channel was there in conversions, so that a channel's name has no part in anything drawn.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipeline.attribution.fitted import NotEnoughData, Relations, Summary

#: A double holds so many bits exactly; two numbers hold twice as many channels.
BITS = 50
WORDS = 2

#: Why exposure can seem to keep from converting.
LONGER_SEEN = (
    "journeys that did not convert saw more channels, as they do where they were observed for longer; "
    "hazard compares moments instead"
)


@dataclass(frozen=True)
class Exposures:
    """Distinct sets of channels and how many journeys had each.

    channels: by bit. sets: (sets, channels) of True and False. converted, journeys: sparse (sets, groups).
    """

    channels: list[str]
    sets: np.ndarray
    converted: sparse.csr_array
    journeys: sparse.csr_array


def exposure_queries(relations: Relations) -> dict[str, str]:
    """Queries `channels` (bit, channel) and `exposures` (group_number, mask_0, mask_1, is_converted, weight)."""
    bits = f"""(
        select channel, row_number() over (order by converted desc, journeys desc, touches desc, channel) - 1 as bit
        from (
            select channel, sum(case when is_converted and is_first_of_channel then weight else 0e0 end) as converted,
                sum(case when is_first_of_channel then weight else 0e0 end) as journeys,
                sum(weight) as touches
            from {relations.touches} as touch
            group by channel
        ) as counted)"""
    masks = ", ".join(
        f"sum(case when bits.bit >= {BITS * word} and bits.bit < {BITS * (word + 1)} "
        f"then power(2e0, bits.bit - {BITS * word}) else 0e0 end) as mask_{word}"
        for word in range(WORDS)
    )
    return {
        "channels": f"select channel, bit from {bits} as bits order by bit",
        "exposures": f"""
        select journey.group_number, coalesce(exposed.mask_0, 0e0) as mask_0, coalesce(exposed.mask_1, 0e0) as mask_1,
            journey.is_converted, sum(journey.weight) as weight
        from {relations.journeys} as journey
        left join (
            select touch.journey_key, {masks}
            from {relations.touches} as touch inner join {bits} as bits on touch.channel = bits.channel
            where touch.is_first_of_channel
            group by touch.journey_key
        ) as exposed on journey.journey_key = exposed.journey_key
        group by journey.group_number, coalesce(exposed.mask_0, 0e0), coalesce(exposed.mask_1, 0e0),
            journey.is_converted""",
    }


def read_exposures(summary: Summary) -> Exposures:
    """The sets of a summary; raises `NotEnoughData` when no set converted, or there are too many channels to tell."""
    channels = summary.frames["channels"]["channel"].tolist()
    if len(channels) > BITS * WORDS:
        raise NotEnoughData(f"{len(channels)} channels, and at most {BITS * WORDS} can be told apart")
    rows = summary.frames["exposures"]
    masks = rows[["mask_0", "mask_1"]].to_numpy(float).astype(np.int64)
    distinct, number = np.unique(masks, axis=0, return_inverse=True)
    bits = np.arange(len(channels))
    sets = (distinct[:, bits // BITS] >> (bits % BITS)) & 1 == 1
    weight, converted = rows["weight"].to_numpy(float), rows["is_converted"].to_numpy(bool)
    if not converted.any():
        raise NotEnoughData("no journey converted")

    def by_group(values: np.ndarray) -> sparse.csr_array:
        shape = (len(distinct), summary.weights.shape[1])
        return sparse.csr_array((values, (number.ravel(), rows["group_number"].to_numpy())), shape=shape)

    return Exposures(channels, sets, by_group(np.where(converted, weight, 0.0)), by_group(weight))


def warnings_of(effects: np.ndarray) -> list[str]:
    """What to say of raw effects (channels) most of which are below nought."""
    negative = int((effects < 0).sum())
    return (
        [f"{negative} of {len(effects)} channels have a negative effect: {LONGER_SEEN}"]
        if 2 * negative > len(effects)
        else []
    )
