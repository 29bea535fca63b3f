"""What does a model give a channel that cannot have done anything?

Touches that happened are given to accounts drawn at random, as a channel of their own. A model of effects must give
it next to nothing, and its interval must reach down to nothing; a rule gives it what it gives to being there. Drawn
several times, since one draw may happen to fall on accounts that convert.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.attribution.evaluation.fits import fit_all
from pipeline.attribution.evaluation.population import PLACEBO, Population, read_population
from pipeline.attribution.fitting import FITTED
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import bound, fitted_models
from pipeline.warehouse.base import Warehouse


@dataclass
class Placebo:
    """What the draws gave the placebo: shares of the credit of one model and conversion type, one entry a draw.

    touch_shares: the placebo's part of the touches of the journeys that converted, which is what it would earn by
    being there. intervals: nominal 90% intervals of the fit's channel share; empty for a rule. reason: why a learnt
    model has no fit.
    """

    model_name: str
    conversion_type: str
    reason: str = ""
    shares: list[float] = field(default_factory=list)
    touch_shares: list[float] = field(default_factory=list)
    intervals: list[tuple[float, float]] = field(default_factory=list)
    raw_effects: list[float] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        """Mean share over the draws."""
        return float(np.mean(self.shares)) if self.shares else None

    @property
    def flagged(self) -> int | None:
        """Draws in which the interval says that the placebo earned something; None for a rule, which has none."""
        return sum(low > 0 for low, _ in self.intervals) if self.intervals else None


def placebo(
    warehouse: Warehouse,
    models: Sequence[Model],
    options: Mapping[str, Any],
    seed: int = 0,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> list[Placebo]:
    """The placebo's share by every model and conversion type, over `placebo_runs` draws."""
    found: dict[tuple[str, str], Placebo] = {}
    runs = int(options["placebo_runs"])
    learnt = [model.with_values({"replicates": int(options["placebo_replicates"])}) for model in fitted_models(models)]
    for draw in range(1, runs + 1):
        population = read_population(warehouse, options, seed, placebo=seed * runs + draw)
        fits: dict[str, dict[str, Any]] = {}
        for result in fit_all(warehouse, population.fit_inputs(), learnt) if learnt else []:
            one = found.setdefault(
                (result.model.name, result.conversion_type), Placebo(result.model.name, result.conversion_type)
            )
            one.reason = result.reason
            fits.setdefault(result.model.name, {})[result.conversion_type] = result.frozen()
            figure = next((one for one in result.channels() if one.channel == PLACEBO), None)
            if result.status == FITTED and figure is not None:
                one.intervals.append((figure.interval_low or 0.0, figure.interval_high or 0.0))
                one.raw_effects.append(figure.raw_effect)
        touched = _touch_shares(population)
        for place, model in enumerate(bound(models, fits)):
            weighed = f"evaluation_credit_{place}"
            population.weigh(model, weighed)
            for kind, credit in population.credit_by_channel(weighed).items():
                one = found.setdefault((model.name, kind), Placebo(model.name, kind))
                one.shares.append(credit.get(PLACEBO, 0.0) / (sum(credit.values()) or 1.0))
                one.touch_shares.append(touched.get(kind, 0.0))
            advance((draw - 1) * len(models) + place + 1, runs * len(models))
    return [found[key] for key in sorted(found)]


def _touch_shares(population: Population) -> dict[str, float]:
    """The placebo's part of the touches of converted journeys, by conversion type."""
    return dict(
        population.warehouse.rows(
            f"""
            select journey.conversion_type,
                sum(case when channels.channel = '{PLACEBO}' then channels.touch_count else 0 end)
                    / cast(sum(channels.touch_count) as double)
            from {population.channels} as channels
            inner join {population.journeys} as journey on channels.conversion_key = journey.conversion_key
            where journey.is_converted
            group by journey.conversion_type"""
        )
    )
