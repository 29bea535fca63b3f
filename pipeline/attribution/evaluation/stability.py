"""How much credit changes channel from one week to the next, though little has happened in it.

Every model is asked as of the business date and as of the same day of the weeks before: journeys that had ended by
then, the open ones with their touches up to then. Learnt models are fitted anew for each, rules weigh what there was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from pipeline.attribution.evaluation.fits import fitted_on
from pipeline.attribution.evaluation.metrics import total_variation
from pipeline.attribution.evaluation.population import Population
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import fitted_models


@dataclass(frozen=True)
class Move:
    """From one week to the next: the share of the credit that changed channel, and the channel that moved most."""

    model_name: str
    conversion_type: str
    as_of: date
    previous: date
    conversions: float
    moved_share: float
    channel: str
    channel_share_before: float
    channel_share_after: float


def stability(
    population: Population,
    models: Sequence[Model],
    business_date: date,
    options: Mapping[str, Any],
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> list[Move]:
    """The moves of every model and conversion type over the `stability_weeks` before the business date."""
    weeks = [business_date - timedelta(weeks=back) for back in range(int(options["stability_weeks"]), -1, -1)]
    few = [model.with_values({"replicates": 1}) for model in fitted_models(models)]
    shares: dict[tuple[str, str], dict[date, dict[str, float]]] = {}
    for week, as_of in enumerate(weeks):
        until = datetime.combine(as_of, time.max)
        known = f"(ended_at <= cast('{until:%Y-%m-%d %H:%M:%S.%f}' as timestamp))"
        bound: Sequence[Model] = models
        if few:
            inputs = population.fit_inputs(
                f"({known} or not has_ended)", accounts=_accounts_as_of(population, until), until=until
            )
            bound, _ = fitted_on(population.warehouse, inputs, few, models)
        for place, model in enumerate(bound):
            weighed = f"evaluation_credit_{place}"
            if week == 0 or fitted_models([model]):
                population.weigh(model, weighed)
            for kind, credit in population.credit_by_channel(weighed, known).items():
                shares.setdefault((model.name, kind), {})[as_of] = credit
            advance(week * len(models) + place + 1, len(weeks) * len(models))
    return [
        _move(*key, credit, before, after)
        for key, credit in sorted(shares.items())
        for before, after in zip(sorted(credit), sorted(credit)[1:], strict=False)
    ]


def _move(name: str, kind: str, credit: Mapping[date, dict[str, float]], before: date, after: date) -> Move:
    was, now = (
        {channel: value / (sum(credit[day].values()) or 1.0) for channel, value in credit[day].items()}
        for day in (before, after)
    )
    channel = max(sorted({*was, *now}), key=lambda one: abs(now.get(one, 0.0) - was.get(one, 0.0)))
    return Move(
        name, kind, after, before, sum(credit[after].values()), total_variation(was, now), channel,
        was.get(channel, 0.0), now.get(channel, 0.0),
    )  # fmt: skip


def _accounts_as_of(population: Population, until: datetime) -> str | None:
    """The risk set as it was known at an instant."""
    if population.accounts is None:
        return None
    instant = f"cast('{until:%Y-%m-%d %H:%M:%S.%f}' as timestamp)"
    return f"""
        select risk.account_id, risk.conversion_type, risk.observed_from,
            least(risk.observed_until, {instant}) as observed_until,
            risk.is_converted and risk.converted_at <= {instant} as is_converted,
            case when risk.converted_at <= {instant} then risk.converted_at end as converted_at
            {"".join(f", risk.{name}" for name in population.covariates)}
        from ({population.accounts}) as risk where risk.observed_from < {instant}"""
