"""Generated journeys for the laws: one batch that hypothesis makes up, and the batches that follow from it.

Every law speaks of single conversions, so one call of the engine judges a model over the whole batch, and a failure
names the conversion that breaks the law.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.attribution import inputs
from pipeline.attribution.engine import credits_sql
from pipeline.attribution.fit_inputs import read_fit_inputs
from pipeline.attribution.fitted import FittedModel, FrozenFit
from pipeline.attribution.fitting import Fitter
from pipeline.attribution.model import Choice, Model, WeightModel
from pipeline.attribution.model_fits import bound, fitted_models
from pipeline.attribution.registry import all_models
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import FLAGS, Journey, Touch, load

#: Models declared in vars, so that the laws hold for those too.
DECLARED: dict[str, Any] = {
    "custom_models": {
        "custom_milestones": {"milestones": {"first": 0.2, "mql": 0.3, "sql": 0.2}, "rest": 0.3},
        "custom_two_stages": {"milestones": {"mql": 0.5, "closing": 0.5}},
        "custom_weight": {
            "weight": "case when channel = 'email' then half else 1 end * power(2, -days_before_conversion / 14)"
            " + case when is_lead_creation or buying_role in ('champion') then 1 else 0 end - 0.4",
            "numbers": {"half": 0.5},
        },
        "blended_learnt": {"blend": {"markov": 0.5, "shapley": 0.2, "linear": 0.3}},
        "blended_mix": {"blend": {"linear": 0.5, "w_shaped": 0.3, "lead_creation_touch": 0.2}},
    },
    "model_parameters": {},
}
#: A few replicates, and few draws, are enough where nobody looks at how precise they are.
FEW_DRAWS = {"replicates": 3, "least_moments": 300}


def quick(model: Model) -> Model:
    """A learnt model with few draws, and any other as it is."""
    few = {name: value for name, value in FEW_DRAWS.items() if name in model.parameters}
    return model.with_values(few) if isinstance(model, FittedModel) else model


def variants() -> dict[str, Model]:
    """Every registered model, those declared above, and every policy and middle scope of those that have one."""
    found = {}
    for declared in all_models(DECLARED):
        model = quick(declared)
        found[model.name] = model
        for name, choice in model.parameters.items():
            for word in choice.words if isinstance(choice, Choice) else ():
                if word != choice.default:
                    found[f"{model.name} {name}={word}"] = model.with_values({name: word})
        if "buying_role_weights" in model.parameters:
            roles = {"buying_role_weights": {"champion": 2.5, "user": 0}}
            found[f"{model.name} by buying role"] = model.with_values(roles)
    return found


CHANNELS = ["email", "paid", "direct", "webinar", 'say "hi", \\ Zoë']
TYPES = ["mql", "sal", "sql", "opportunity", "won"]
AMOUNTS = st.one_of(
    st.none(),
    st.decimals(-1_000_000, 1_000_000, places=2),
    st.decimals(-10, 10, places=4),
    st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("-0.01"), Decimal("99999999999.99")]),
)


@st.composite
def journey(draw: Callable[..., Any]) -> Journey:
    """A journey of up to seven touches, some at the same instant, holding any milestones or none."""
    count = draw(st.integers(0, 7))
    days = sorted((draw(st.sampled_from([0.0, 0.5, 1.0, 7.25, 30.0, 364.0])) for _ in range(count)), reverse=True)
    holders = {flag: draw(st.integers(-2, count - 1)) for flag in FLAGS} if count else {}
    touches = [
        Touch(
            f"t{number}",
            draw(st.sampled_from(CHANNELS)),
            day,
            [flag for flag, holder in holders.items() if holder == number],
            person_id=f"person {number % 2}",
            buying_role=draw(st.sampled_from([None, "champion", "user"])),
        )
        for number, day in enumerate(days)
    ]
    return Journey(
        "unit",
        touches,
        draw(st.sampled_from(TYPES)),
        amount=draw(AMOUNTS),
        amount_reporting=draw(AMOUNTS),
        minor_unit_digits=draw(st.sampled_from([0, 2, 3])),
        converted_at=datetime(2026, 3, 1) + timedelta(days=draw(st.integers(0, 30))),
    )


@cache
def journeys(count: int = 400) -> tuple[Journey, ...]:
    """The batch: hypothesis's journeys, its edge cases among them, each of another unit."""
    found: list[Journey] = []

    @settings(
        max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(one=journey())
    def collect(one: Journey) -> None:
        unit = f"u{len(found):04}"
        touches = [replace(touch, touch_id=f"{unit}.{touch.touch_id}") for touch in one.touches]
        found.append(one.but(unit_id=unit, account_id=f"account of {unit}", touches=touches))

    collect()
    return tuple(found)


@cache
def lost() -> tuple[Journey, ...]:
    """Journeys that did not convert, for models that learn from them: like others of the batch, with fewer touches."""
    return tuple(
        one.but(unit_id=f"lost {one.unit_id}", account_id=f"lost {one.account_id}", touches=one.touches[1:],
                is_converted=False)
        for one in journeys()[::2]
    )  # fmt: skip


def named_channels() -> set[str]:
    """The channels that some model names: relabelling those is not expected to relabel credit."""
    weights = [model.weight for model in variants().values() if isinstance(model, WeightModel)]
    return {"direct", *(name for weight in weights for name in re.findall(r"'([^']*)'", weight))}


def relabelled(one: Journey) -> Journey:
    """The same journey with other names for its channels, in another order, and minus three times the amount."""
    named = named_channels()
    renamed = [t if t.channel in named else replace(t, channel=f"a {t.channel[::-1]}") for t in one.touches]
    return one.but(touches=renamed, amount=None if one.amount is None else Decimal(one.amount) * -3)


def lone(one: Journey) -> Journey:
    """The first touch of a journey alone."""
    return one.but(unit_id=f"lone {one.unit_id}", touches=one.touches[:1])


def another(one: Journey) -> Journey:
    """A journey like it, of another account."""
    return one.but(unit_id=f"another {one.unit_id}", account_id=f"another {one.account_id}")


#: What is done to the batch, by the name of the law that speaks of it.
WORLDS: dict[str, Callable[[DuckDBWarehouse, Sequence[Journey]], None]] = {
    "as it is": load,
    "relabelled": lambda warehouse, batch: load(warehouse, [relabelled(one) for one in batch]),
    "lone": lambda warehouse, batch: load(warehouse, [lone(one) for one in batch]),
    "with others": lambda warehouse, batch: load(warehouse, [*(another(one) for one in batch), *batch]),
    "shuffled and twice": lambda warehouse, batch: (
        load(warehouse, batch, random.Random(7).shuffle),
        warehouse.execute("insert into journeys.fct_journey_touches from journeys.fct_journey_touches"),
    )[0],
}

#: Where learnt models weigh by what they learnt from the batch as it is; elsewhere they are fitted anew.
FROZEN_IN = ("lone", "with others")

COLUMNS = (
    "conversion_id", "touch_id", "touch_number", "channel", "credit_kind", "credit_share", "credited_amount",
    "credited_amount_reporting", "base_weight", "reallocated_weight",
)  # fmt: skip
Credit = dict[str, Any]
Credits = dict[str, list[Credit]]


class Worlds:
    """The credits of any model in any world, each world read by the engine once."""

    def __init__(self) -> None:
        self.warehouses: dict[str, DuckDBWarehouse] = {}
        self.known: dict[tuple[str, str], Credits] = {}
        self.fitters: dict[str, Fitter] = {}
        self.fits: dict[tuple[str, str], dict[str, FrozenFit]] = {}

    def credits(self, world: str, name: str, model: Model) -> Credits:
        """A model's credits by conversion, in the order of the touches."""
        if (world, name) not in self.known:
            [fitted] = bound([model], self._fits("as it is" if world in FROZEN_IN else world, model))
            self.known[world, name] = self._read(self._warehouse(world), fitted)
        return self.known[world, name]

    def _fits(self, world: str, model: Model) -> dict[str, dict[str, FrozenFit]]:
        """The fits of a learnt model, or of those it mixes, in a world."""
        learnt = fitted_models([model])
        if learnt and world not in self.fitters:
            warehouse = self._warehouse(world)
            self.fitters[world] = Fitter(warehouse, read_fit_inputs(warehouse))
        for one in learnt:
            if (world, repr(one.definition())) not in self.fits:
                fits = {kind: self.fitters[world].fit(one, kind).frozen() for kind in TYPES}
                self.fits[world, repr(one.definition())] = fits
        found = {one.name: self.fits[world, repr(one.definition())] for one in learnt}
        for name, fits in found.items():
            assert all(fit.is_fitted for fit in fits.values()), f"{name} was not fitted: {fits}"
        return found

    def _warehouse(self, world: str) -> DuckDBWarehouse:
        if world not in self.warehouses:
            warehouse = self.warehouses[world] = DuckDBWarehouse.in_memory()
            WORLDS[world](warehouse, [*journeys(), *lost()])
            inputs.read_conversions(warehouse, "(select '' as conversion_id)", everything=True)
        return self.warehouses[world]

    def _read(self, warehouse: DuckDBWarehouse, model: Model) -> Credits:
        rows = warehouse.rows(
            f"select {', '.join(COLUMNS)} from ({credits_sql(model)}) as credit order by conversion_id, touch_number"
        )
        found: Credits = defaultdict(list)
        for row in rows:
            credit = dict(zip(COLUMNS, row, strict=True))
            found[credit["conversion_id"]].append(credit)
        return dict(found)

    def close(self) -> None:
        """Close every warehouse."""
        for warehouse in self.warehouses.values():
            warehouse.close()
