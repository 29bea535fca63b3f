"""Small worlds of accounts, touches and conversions whose true effects are known exactly.

Written apart from the simulated company, and simpler than it: one step to one conversion. They differ in what
attribution models assume: how effects add up and fade, and what decides whom a channel reaches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

START = pd.Timestamp("2025-01-01")
#: No account is reached more often than this in a step of time.
MOST_TOUCHES = 3.0


@dataclass(frozen=True)
class Design:
    """What a world is like.

    link: how the channels' stocks act on the daily chance to convert, `additive`, `multiplicative` or `logistic`.
    response: what a stock does, `linear`, `saturating` or `logarithmic`. fade: `exponential`, `window` (all or nothing
    for a time) or `delayed` (rises before it fades). targeting: how much better accounts are sought out (log-touches
    per standard deviation of quality, times a number between -0.2 and 1.6 by channel); quality_effect: how much sooner
    they convert. recorded: the noise with which a covariate tells quality, None for not at all. has_interest: accounts
    are in the market for a while, then convert sooner and are reached more by some channels.
    """

    accounts: int = 6000
    days: int = 365
    channels: int = 10
    placebos: int = 2
    step_days: float = 1.0
    conversions: int = 2000
    baseline: float = 0.4
    touches_per_year: float = 2.0
    link: str = "additive"
    response: str = "linear"
    fade: str = "exponential"
    interactions: int = 0
    targeting: float = 0.0
    quality_effect: float = 0.8
    recorded: float | None = None
    has_interest: bool = False
    untouched: float = 0.15
    half_lives: tuple[float, float] = (3.0, 60.0)


#: Worlds that the model was tuned on, and worlds that it was not.
TUNED = {
    "additive": Design(),
    "recorded_quality": Design(targeting=1, recorded=0.0),
    "unrecorded_quality": Design(targeting=1),
    "multiplicative": Design(link="multiplicative", response="saturating", targeting=1, recorded=0.7),
    "interest": Design(has_interest=True, channels=12),
}
HELD_OUT = {
    "logistic": Design(link="logistic", response="logarithmic", targeting=1, recorded=0.0, channels=12),
    "window": Design(fade="window", response="logarithmic", channels=7),
    "delayed_unrecorded": Design(fade="delayed", targeting=1, channels=9),
    "hourly": Design(link="multiplicative", step_days=0.25, days=180, channels=6, half_lives=(1.5, 20)),
    "few_conversions": Design(conversions=250, channels=6, targeting=1, recorded=0.0),
}


@dataclass(frozen=True)
class World:
    """What happened, as files tell it, and what is true.

    journeys: a row per touch; accounts: the risk set. lost: by channel, the conversions lost without it.
    half_life_days: by channel. placebos: channels that do nothing.
    """

    journeys: pd.DataFrame
    accounts: pd.DataFrame
    lost: pd.Series
    half_life_days: pd.Series
    placebos: list[str]

    @property
    def truth(self) -> pd.Series:
        """What is lost without each channel, as parts of their sum."""
        return self.lost / self.lost.sum()


def simulate(design: Design, seed: int) -> World:
    """One world; the same seed gives the same."""
    random = np.random.default_rng(seed)
    n, steps, count = design.accounts, int(design.days / design.step_days), design.channels
    at = np.arange(steps) * design.step_days
    quality = random.normal(size=n)
    first = np.where(random.random(n) < 0.5, 0, random.integers(0, design.days // 2, n)).astype(float)
    is_seen = at[None, :] >= first[:, None]
    half = np.exp(random.uniform(*np.log(design.half_lives), count))
    interest = _interest(design, random, at)
    touches = _touches(design, random, quality, interest, is_seen)
    response = np.stack([_response(design, _stock(design, touches[c], half[c])) for c in range(count)])
    effect = random.gamma(1.5, 1.0, count)
    placebos = random.permutation(count)[: design.placebos]
    effect[placebos] = 0
    pairs = [(int(a), int(b), float(random.uniform(0.5, 1.5)))
             for a, b in random.integers(0, count, (design.interactions, 2)) if a != b]  # fmt: skip
    shift = design.quality_effect * quality if design.targeting or design.recorded is not None else np.zeros(n)
    demand = np.exp(shift - shift.var() / 2)[:, None] * (1 + 3 * interest)

    def index(without: int | None) -> np.ndarray:
        total = np.zeros((n, steps), np.float32)
        for c in range(count):
            if c != without and effect[c]:
                total += np.float32(effect[c]) * response[c]
        for a, b, joint in pairs:
            if without not in (a, b):
                total += np.float32(joint) * np.minimum(response[a] * response[b], 4)
        return total

    whole = index(None)
    scale = _scale(design, whole, demand * is_seen)

    def chances(total: np.ndarray | float, level: float) -> np.ndarray:
        acts = {
            "additive": lambda x: level * (1 + x) * demand,
            "multiplicative": lambda x: level * demand * np.exp(np.minimum(x, 4)),
            "logistic": lambda x: np.log1p(level * demand * np.exp(np.minimum(x, 4))),
        }
        return acts[design.link](scale * total) * design.step_days * is_seen

    def expected(total: np.ndarray | float, level: float) -> float:
        return float((1 - np.exp(-chances(total, level).sum(axis=1))).sum())

    low, high = 1e-9, 1.0
    for _ in range(30):
        level = float(np.sqrt(low * high))
        low, high = (level, high) if expected(whole, level) < design.conversions else (low, level)
    everything = expected(whole, level)
    lost = np.array([max(everything - expected(index(c), level), 0) if effect[c] else 0.0 for c in range(count)])
    reached = chances(whole, level).cumsum(axis=1) >= random.exponential(size=n)[:, None]
    converted = np.where(reached.any(axis=1), at[reached.argmax(axis=1)], np.inf)
    names = [f"channel_{c:02d}" for c in range(count)]
    journeys, accounts = _files(design, random, touches, names, first, converted, quality)
    return World(
        journeys,
        accounts,
        pd.Series(lost, names),
        pd.Series(half, names),
        [names[c] for c in placebos],
    )


def small(design: Design, **changes: object) -> Design:
    """The design with some fields replaced."""
    return replace(design, **changes)  # type: ignore[arg-type]


def _interest(design: Design, random: np.random.Generator, at: np.ndarray) -> np.ndarray:
    found = np.zeros((design.accounts, len(at)), bool)
    for _ in range(2 if design.has_interest else 0):
        starts = random.exponential(400, design.accounts) - 30
        ends = starts + random.gamma(3, 20, design.accounts)
        found |= (at >= starts[:, None]) & (at < ends[:, None])
    return found


def _touches(
    design: Design, random: np.random.Generator, quality: np.ndarray, interest: np.ndarray, is_seen: np.ndarray
) -> np.ndarray:
    """Touches in each step, (channels, accounts, steps)."""
    rates = np.exp(random.normal(0, 0.6, design.channels))
    rates *= design.touches_per_year / rates.mean()
    slopes = random.uniform(-0.2, 1.6, design.channels) * design.targeting
    lifts = np.where(random.random(design.channels) < 0.4, random.uniform(2, 6, design.channels), 1.0)
    is_reached = random.random(design.accounts) >= design.untouched
    touches = np.zeros((design.channels, *interest.shape), np.float32)
    for c in range(design.channels):
        rate = rates[c] / 365 * design.step_days * np.exp(slopes[c] * quality - slopes[c] ** 2 / 2) * is_reached
        touches[c] = random.poisson(np.minimum(rate[:, None] * np.where(interest, lifts[c], 1), MOST_TOUCHES))
    return touches * is_seen


def _stock(design: Design, touches: np.ndarray, half_life: float) -> np.ndarray:
    if design.fade == "window":
        width = max(1, int(1.5 * half_life / design.step_days))
        total = touches.cumsum(axis=1)
        total[:, width:] -= total[:, :-width].copy()
        return total
    found, now, later = np.zeros_like(touches), np.zeros(len(touches)), np.zeros(len(touches))
    is_delayed = design.fade == "delayed"
    keep = 0.5 ** (design.step_days / (half_life * (0.6 if is_delayed else 1)))
    for step in range(touches.shape[1]):
        now = now * keep + touches[:, step]
        later = later * keep + now * (1 - keep)
        found[:, step] = later if is_delayed else now
    return found


def _response(design: Design, stock: np.ndarray) -> np.ndarray:
    if design.response == "saturating":
        return stock / (1 + stock)
    return np.log1p(stock) if design.response == "logarithmic" else stock


def _scale(design: Design, whole: np.ndarray, demand: np.ndarray) -> float:
    """What effects are multiplied by, so that about `baseline` of the conversions need no touch."""
    if design.link == "additive":
        return (1 - design.baseline) / design.baseline / float((whole * demand).sum() / demand.sum())
    low, high = 1e-3, 20.0
    for _ in range(25):
        scale = float(np.sqrt(low * high))
        without = demand.sum() / (demand * np.exp(np.minimum(scale * whole, 4))).sum()
        low, high = (scale, high) if without > design.baseline else (low, scale)
    return scale


def _files(
    design: Design,
    random: np.random.Generator,
    touches: np.ndarray,
    names: list[str],
    first: np.ndarray,
    converted: np.ndarray,
    quality: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    channel, account, step = np.nonzero(touches)
    times = touches[channel, account, step].astype(int)
    channel, account, step = (np.repeat(one, times) for one in (channel, account, step))
    is_daily = design.step_days >= 1
    day = step * design.step_days + (0 if is_daily else random.random(len(step)) * design.step_days * 0.98)
    ends = np.where(np.isfinite(converted), converted + (0 if is_daily else design.step_days * 0.99), design.days)
    kept = day <= ends[account]
    channel, account, day = channel[kept], account[kept], day[kept]
    identity = np.array([f"account {one:06d}" for one in range(design.accounts)])
    has_converted = np.isfinite(converted)[account]
    journeys = pd.DataFrame(
        {
            "journey_id": identity[account],
            "account_id": identity[account],
            "touch_id": [str(number) for number in range(len(account))],
            "touched_at": _time(day),
            "channel": np.array(names)[channel],
            "converted": has_converted,
            "converted_at": pd.Series(_time(ends[account])).where(has_converted),
        }
    )
    accounts = pd.DataFrame({"account_id": identity, "observed_from": _time(first), "observed_until": _time(ends)})
    if design.recorded is not None:
        accounts["score"] = np.round(quality + random.normal(0, 1, design.accounts) * design.recorded, 3)
    accounts["industry"] = random.choice(["retail", "software", "health", "energy"], design.accounts)
    return journeys, accounts


def _time(day: np.ndarray) -> pd.DatetimeIndex:
    return (START + pd.to_timedelta(day, unit="D")).round("s")
