"""Customer lifetime value without a contract: fit when customers buy again and for how much, and predict.

Reads `journeys.fct_customer_purchases`, only its distinct histories; writes schema `clv`, which the marts read:

- `clv.fits`: one row per model (`bg_nbd`, `gamma_gamma`), how its fit went and on how many customers.
- `clv.parameters`: one row per model and parameter; none for a model that was not fitted.
- `clv.predictions`: one row per distinct purchase history: the probability that such a customer is alive and the
  purchases expected of it within the horizon, plain and discounted to today.

Time is in weeks. Var `clv` holds the horizon, the discount rate and the smallest base that is fitted.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.clv import bg_nbd, gamma_gamma
from pipeline.clv.likelihood import Fit
from pipeline.errors import UsageError
from pipeline.progress import Progress
from pipeline.warehouse.base import Warehouse

PURCHASES = "journeys.fct_customer_purchases"
WEEK_DAYS = 7
YEAR_WEEKS = 365.25 / WEEK_DAYS
#: Purchases of the horizon are discounted at the end of each quarter.
STEP_MONTHS = 3


@dataclass(frozen=True)
class Rules:
    """Var `clv`."""

    horizon_months: int
    annual_discount_rate: float
    least_repeat_customers: int

    @classmethod
    def read(cls, rules: Mapping[str, Any]) -> "Rules":
        """From the business rules; raises `UsageError` naming what is wrong."""
        try:
            found = cls(**rules["clv"])
        except (KeyError, TypeError) as error:
            raise UsageError(f"var clv must hold {', '.join(cls.__annotations__)}: {error}") from None
        if found.horizon_months <= 0 or found.horizon_months % STEP_MONTHS:
            raise UsageError(f"var clv: horizon_months is {found.horizon_months}; it is a multiple of {STEP_MONTHS}")
        if found.annual_discount_rate <= -1:
            raise UsageError(f"var clv: annual_discount_rate is {found.annual_discount_rate}; 0.1 means 10 % a year")
        return found


@dataclass(frozen=True)
class ModelFit:
    """How the fit of one model went. `status`: fitted, too_few_customers or no_maximum."""

    model_name: str
    status: str
    customer_count: int
    repeat_customer_count: int
    log_likelihood: float | None
    parameters: dict[str, float]


@dataclass(frozen=True)
class Report:
    """What the step did."""

    fits: tuple[ModelFit, ...]
    predicted_histories: int

    def summary(self) -> dict[str, Any]:
        """The report as JSON."""
        return {**{fit.model_name: fit.status for fit in self.fits}, "predicted_histories": self.predicted_histories}


def estimate(warehouse: Warehouse, rules: Mapping[str, Any], business_date: date, progress: Progress) -> Report:
    """Fit both models on the purchases up to the business date and write schema `clv` anew."""
    own = Rules.read(rules)
    progress.phase("customer lifetimes")
    histories, amounts = _histories(warehouse), _amounts(warehouse)
    repeat_customers = int(histories.count[histories.x > 0].sum())
    enough = repeat_customers >= own.least_repeat_customers

    def fitted(name: str, fit: Any, data: Any) -> ModelFit:
        found = fit(data) if enough else Fit(None, np.nan)
        status = "fitted" if found.parameters else "no_maximum" if enough else "too_few_customers"
        return ModelFit(
            name,
            status,
            int(data.count.sum()),
            repeat_customers,
            found.log_likelihood if found.parameters else None,
            found.parameters or {},
        )

    fits = (fitted("bg_nbd", bg_nbd.fit, histories), fitted("gamma_gamma", gamma_gamma.fit, amounts))
    predictions = _predictions(fits[0], histories, own)
    with warehouse.transaction():
        warehouse.execute("CREATE SCHEMA IF NOT EXISTS clv")
        _write(warehouse, "clv.fits", _fits_table(fits, business_date))
        _write(warehouse, "clv.parameters", _parameters_table(fits))
        _write(warehouse, "clv.predictions", predictions)
    return Report(fits, predictions.num_rows)


def _histories(warehouse: Warehouse) -> bg_nbd.Histories:
    found = warehouse.arrow(
        f"""
        SELECT repeat_count, recency_days, age_days, count(*) AS customer_count FROM {PURCHASES}
        GROUP BY repeat_count, recency_days, age_days ORDER BY repeat_count, recency_days, age_days"""
    )
    x, recency, age, count = (column.to_numpy().astype(float) for column in found.columns)
    return bg_nbd.Histories(x, recency / WEEK_DAYS, age / WEEK_DAYS, count)


def _amounts(warehouse: Warehouse) -> gamma_gamma.Amounts:
    found = warehouse.arrow(
        f"""
        SELECT repeat_count, cast(mean_repeat_amount_reporting AS double) AS mean_amount, count(*) AS customer_count
        FROM {PURCHASES} WHERE repeat_count > 0 AND mean_repeat_amount_reporting > 0
        GROUP BY repeat_count, mean_repeat_amount_reporting ORDER BY repeat_count, mean_repeat_amount_reporting"""
    )
    return gamma_gamma.Amounts(*(column.to_numpy().astype(float) for column in found.columns))


def _predictions(fit: ModelFit, histories: bg_nbd.Histories, rules: Rules) -> pa.Table:
    if not fit.parameters:
        histories = bg_nbd.Histories(*(np.empty(0) for _ in histories))
        alive = total = discounted = np.empty(0)
    else:
        parameters = np.array(list(fit.parameters.values()))
        alive = bg_nbd.alive_probability(parameters, histories)
        total, discounted = np.zeros(len(histories.x)), np.zeros(len(histories.x))
        for months in range(STEP_MONTHS, rules.horizon_months + 1, STEP_MONTHS):
            until = bg_nbd.expected_purchases(parameters, histories, months / 12 * YEAR_WEEKS)
            discounted += (until - total) / (1 + rules.annual_discount_rate) ** (months / 12)
            total = until
    return pa.table(
        {
            "repeat_count": histories.x.astype(np.int64),
            "recency_days": np.rint(histories.t_x * WEEK_DAYS).astype(np.int64),
            "age_days": np.rint(histories.T * WEEK_DAYS).astype(np.int64),
            "alive_probability": alive,
            "expected_purchase_count": total,
            "discounted_purchase_count": discounted,
        }
    )


def _fits_table(fits: tuple[ModelFit, ...], business_date: date) -> pa.Table:
    rows = [{**asdict(fit), "business_date": business_date} for fit in fits]
    types = {
        "model_name": pa.string(),
        "status": pa.string(),
        "customer_count": pa.int64(),
        "repeat_customer_count": pa.int64(),
        "log_likelihood": pa.float64(),
        "business_date": pa.date32(),
    }
    return pa.Table.from_pylist([{name: row[name] for name in types} for row in rows], pa.schema(types.items()))


def _parameters_table(fits: tuple[ModelFit, ...]) -> pa.Table:
    rows = [
        {"model_name": fit.model_name, "parameter_name": name, "value": value}
        for fit in fits
        for name, value in fit.parameters.items()
    ]
    types = [("model_name", pa.string()), ("parameter_name", pa.string()), ("value", pa.float64())]
    return pa.Table.from_pylist(rows, pa.schema(types))


def _write(warehouse: Warehouse, table: str, data: pa.Table) -> None:
    warehouse.create_from_arrow(table, data, temporary=False)
