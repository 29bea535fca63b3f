"""Which model to believe: one verdict per model and conversion type, from the figures of the other questions.

* `not_enough_data`: nobody can say.
* `fails`: it foretells later journeys worse than their length alone does; or, being learnt, it credits a channel of
  random touches and is sure of it in more draws than a tenth explains, or is further from a known truth than first
  touch, last touch or linear.
* `holds_up`: it foretells later journeys better than their length alone, and nothing speaks against it.
* `unproven`: neither.

A rule makes no claim about effects, so what it gives the placebo, and how far it is from a known truth, is said and not
held against it. None of this shows cause: only an experiment does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy.stats import binom

#: What everybody has already; whatever is further from a known truth than the nearest of these has lost to it.
BASELINES = ("first_touch", "last_touch", "linear")

NOT_ENOUGH_DATA, FAILS, UNPROVEN, HOLDS_UP = "not_enough_data", "fails", "unproven", "holds_up"


@dataclass(frozen=True)
class Figures:
    """What is known of one model and conversion type; None where a question had no answer.

    difference: log-loss beyond that of the length alone, with its interval. placebo_share: mean over the draws.
    weekly_move: the largest of a week. distance: to the truth, and that of the nearest baseline.
    """

    model_name: str
    conversion_type: str
    is_learnt: bool
    reason: str = ""
    log_loss: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    placebo_share: float | None = None
    placebo_touch_share: float | None = None
    placebo_flagged: int | None = None
    placebo_draws: int = 0
    weekly_move: float | None = None
    distance: float | None = None
    best_baseline: str | None = None
    best_baseline_distance: float | None = None


@dataclass(frozen=True)
class Verdict:
    """One of the words above, and the sentences that say why."""

    figures: Figures
    verdict: str
    reasons: Sequence[str] = field(default_factory=list)


def verdicts(found: Sequence[Figures], options: Mapping[str, Any]) -> list[Verdict]:
    """A verdict for each, learnt models also held against the rule that foretells best.

    options: `most_placebo_share`, `most_weekly_move`.
    """
    best_rules: dict[str, Figures] = {}
    for one in found:
        if not one.is_learnt and one.log_loss is not None:
            best = best_rules.get(one.conversion_type)
            if best is None or (one.log_loss, one.model_name) < (best.log_loss, best.model_name):
                best_rules[one.conversion_type] = one
    return [_verdict(one, best_rules.get(one.conversion_type), options) for one in found]


def _verdict(one: Figures, best_rule: Figures | None, options: Mapping[str, Any]) -> Verdict:
    against, open_questions, merits = [], [], []
    if one.difference is not None:
        if one.difference_low > 0:
            against.append(f"foretells later journeys worse than their length alone ({_signed(one.difference)} nats)")
        elif one.difference_high < 0:
            merits.append(f"foretells later journeys better than their length alone ({_signed(one.difference)} nats)")
        else:
            open_questions.append(
                f"not shown to foretell later journeys better than their length alone ({_signed(one.difference)} nats, "
                f"{_signed(one.difference_low)} to {_signed(one.difference_high)})"
            )
        if one.is_learnt and best_rule is not None and one.log_loss > best_rule.log_loss:
            open_questions.append(
                f"the rule {best_rule.model_name} foretells them better ({best_rule.log_loss:.3f} against "
                f"{one.log_loss:.3f})"
            )
    if one.placebo_share is not None and one.placebo_share > options["most_placebo_share"]:
        said = f"gives a channel of random touches {one.placebo_share:.1%} of the credit"
        if one.placebo_flagged is not None:
            said += f", its interval above zero in {one.placebo_flagged} of {one.placebo_draws} draws"
        is_credited = one.is_learnt and more_than_a_tenth(one.placebo_flagged or 0, one.placebo_draws)
        (against if is_credited else open_questions).append(said)
    if one.weekly_move is not None and one.weekly_move > options["most_weekly_move"]:
        open_questions.append(f"moved {one.weekly_move:.1%} of its credit from one week to the next")
    if one.distance is not None and one.best_baseline_distance is not None:
        beside = f"{one.distance:.2f} against {one.best_baseline_distance:.2f}"
        if one.distance > one.best_baseline_distance and one.model_name not in BASELINES:
            said = f"further from the known truth than {one.best_baseline} ({beside})"
            (against if one.is_learnt else open_questions).append(said)
        elif one.distance < one.best_baseline_distance:
            merits.append(f"nearer to the known truth than {one.best_baseline} ({beside})")
    if one.reason and not against:
        return Verdict(one, NOT_ENOUGH_DATA, [one.reason, *open_questions])
    word = FAILS if against else HOLDS_UP if one.difference_high is not None and one.difference_high < 0 else UNPROVEN
    return Verdict(one, word, [*against, *open_questions, *merits])


def more_than_a_tenth(flagged: int, draws: int) -> bool:
    """Whether so many flagged draws are more than a model shows that flags one in ten: at the 10% level, binomial.

    Nominal 90% intervals flag one draw in twenty of a channel that does nothing, so that one of five proves nothing.
    """
    return flagged > 0 and float(binom.sf(flagged - 1, draws, 0.1)) < 0.1


def _signed(value: float) -> str:
    return f"{value:+.3f}"
