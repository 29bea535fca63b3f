"""One run of attribution over the warehouse: every conversion, by every enabled model, into the ledger."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pipeline.attribution import changes, inputs, ledger
from pipeline.attribution.amounts import credited_sql
from pipeline.attribution.calibration import with_calibrated
from pipeline.attribution.model import Model
from pipeline.attribution.model_fits import definition_of
from pipeline.attribution.refit import keep_touch_credit, with_frozen_fits
from pipeline.attribution.registry import enabled_models, version
from pipeline.attribution.shares import ALL_WEIGHTS_ZERO, shares_sql, text
from pipeline.progress import Progress
from pipeline.warehouse.base import Warehouse

#: Temporary relations of a run.
NEW = "attribution_new_credits"
DIFFERING = "attribution_differing"
DISABLED = "attribution_disabled"

AMOUNTS = {
    "credited_amount": ("amount", "minor_unit_digits"),
    "credited_amount_reporting": ("amount_reporting", "reporting_minor_unit_digits"),
}


@dataclass
class AttributionReport:
    """What one run did: counts of conversions, versions and credits, by model where that differs."""

    run_number: int
    is_replay: bool
    models: list[str] = field(default_factory=list)
    conversions: int = 0
    changed_conversions: int = 0
    computed: dict[str, int] = field(default_factory=dict)
    credits_written: int = 0
    credit_changes: dict[str, int] = field(default_factory=dict)
    unattributed: dict[str, int] = field(default_factory=dict)
    zero_weight: dict[str, int] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return asdict(self)


def attribute_warehouse(
    warehouse: Warehouse,
    rules: Mapping[str, Any],
    business_date: date,
    run_id: str,
    progress: Progress | None = None,
    *,
    full: bool = False,
) -> AttributionReport:
    """Credit the conversions of tonight's journeys and keep the ledger's versions.

    Computes only the conversions whose journey or amount changed, and everything of a model that changed; with `full`
    computes all and still writes only what differs. For a date older than the ledger's newest the result is a replay:
    shown in `attribution.current_credits`, and the ledger left as it is. All in one transaction.

    Raises `UsageError` when models, parameters or custom models are declared wrongly.
    """
    models = enabled_models(rules)
    progress = progress or Progress()
    with warehouse.transaction():
        models = with_frozen_fits(warehouse, models, business_date, run_id, progress)
        models = with_calibrated(warehouse, models, business_date, run_id)
        return _Run(warehouse, rules, business_date, run_id, progress, models, full).work()


def credits_sql(model: Model, which: str = "") -> str:
    """The query of a model's credits, as the ledger keeps them, over what `inputs` prepared.

    `which` is a where clause that picks conversions and their touches.
    """
    conversions = f"(select * from {inputs.CONVERSIONS}{which})"
    shares = shares_sql(model, f"(select * from {inputs.TOUCHES}{which})", conversions)
    credited = credited_sql(f"({shares})", conversions, AMOUNTS)
    return ledger.content_sql(credited, model.name, model.policy, version(model))


class _Run:
    def __init__(
        self,
        warehouse: Warehouse,
        rules: Mapping[str, Any],
        business_date: date,
        run_id: str,
        progress: Progress,
        models: list[Model],
        full: bool,
    ) -> None:
        self.warehouse, self.progress, self.models, self.full = warehouse, progress, models, full
        self.rules, self.business_date, self.run_id = rules, business_date, run_id
        self.started_at = datetime.now(UTC).replace(tzinfo=None)
        ledger.prepare(warehouse)
        newest = ledger.newest_date(warehouse)
        self.number = ledger.next_run_number(warehouse)
        self.versions = {model.name: version(model) for model in models}
        self.definitions = {model.name: definition_of(model) for model in models}
        self.last_models = ledger.last_models(warehouse)
        self.config = changes.journey_config(warehouse, rules)
        self.run = {"run_number": self.number, "run_id": run_id, "business_date": business_date}
        self.is_replay = newest is not None and business_date < newest
        self.report = AttributionReport(self.number, self.is_replay, [model.name for model in models])

    def work(self) -> AttributionReport:
        self.progress.phase("finding what changed")
        last_config = ledger.last_journey_config(self.warehouse)
        inputs.read_fingerprints(self.warehouse)
        changes.find_changed(self.warehouse, is_config_changed=last_config not in (None, self.config))
        stale = [name for name in self.versions if self._model_reason(name)]
        everything = self.full or self.is_replay or bool(stale)
        inputs.read_conversions(
            self.warehouse, f"(select * from {changes.CHANGED} where not is_gone)", everything=everything
        )
        self.report.conversions = self._count(inputs.FINGERPRINTS)
        self.report.changed_conversions = self._count(changes.CHANGED)

        self.progress.phase("crediting")
        self.warehouse.execute(f"delete from {ledger.REPLAY}")
        for done, model in enumerate(self.models):
            self.progress.advance(done, len(self.models), "models")
            self._credit(model, "" if self.full or self.is_replay or model.name in stale else " where is_changed")
        self.progress.advance(len(self.models), len(self.models), "models")

        keep_touch_credit(self.warehouse, self.models, self.run_id)
        self.progress.phase("keeping the ledger")
        if not self.is_replay:
            for name in self.last_models.keys() - self.versions.keys():
                self._withdraw(name)
            changes.remember(self.warehouse, self.number)
        ledger.show(self.warehouse, ledger.REPLAY if self.is_replay else ledger.CREDITS)
        self._record()
        return self.report

    def _credit(self, model: Model, which: str) -> None:
        """Credit a model's conversions, those of the where clause `which`, and keep what differs."""
        self.report.computed[model.name] = self._count(f"{inputs.CONVERSIONS}{which}")
        is_known = model.name in self.last_models or self._count(
            f"(select 1 as one from {ledger.CREDITS} where model_name = {text(model.name)} limit 1) as earlier"
        )
        if self.is_replay or not is_known:
            table = ledger.REPLAY if self.is_replay else ledger.CREDITS
            self._open(table, f"({credits_sql(model, which)}) as new")
            return
        self.warehouse.create_from_query(NEW, credits_sql(model, which))
        reason = self._model_reason(model.name)
        targets = f"(select conversion_id from {NEW} union select conversion_id from {changes.CHANGED} where is_gone)"
        differing = targets if reason else f"({ledger.differing_sql(NEW, model.name, targets)})"
        self.warehouse.create_from_query(DIFFERING, f"select distinct conversion_id from {differing} as differing")
        if self._count(DIFFERING) == 0:
            return
        changes.write_changes(self.warehouse, model.name, NEW, DIFFERING, self.run, reason)
        ledger.close(self.warehouse, model.name, DIFFERING, self.number)
        differing_credits = f"select * from {NEW} where conversion_id in (select conversion_id from {DIFFERING})"
        self._open(ledger.CREDITS, f"({differing_credits}) as opened")

    def _model_reason(self, name: str) -> str | None:
        """Why a model's credits are others than last time for every conversion; None when it is the same model."""
        if name not in self.last_models:
            return "config_change"
        last_version, last_definition = self.last_models[name]
        if last_version == self.versions.get(name):
            return None
        return "model_refit" if last_definition == self.definitions[name] else "config_change"

    def _open(self, table: str, credits: str) -> None:
        ledger.insert(self.warehouse, table, credits, self.run_id, self.number)

    def _withdraw(self, name: str) -> None:
        """Close the versions of a model that is no longer enabled."""
        self.warehouse.create_from_query(
            DISABLED,
            f"select distinct conversion_id from {ledger.CREDITS} "
            f"where valid_to_run is null and model_name = {text(name)}",
        )
        nothing = f"(select * from {ledger.CREDITS} where false)"
        changes.write_changes(self.warehouse, name, nothing, DISABLED, self.run, "config_change")
        ledger.close(self.warehouse, name, None, self.number)

    def _record(self) -> None:
        """Write the run, and per model how many conversions it could not place."""
        report = self.report
        written = ledger.REPLAY if self.is_replay else ledger.CREDITS
        report.credits_written = self._count(f"{written} where valid_from_run = {self.number}")
        counts = self.warehouse.rows(
            f"""select model_name,
                sum(case when credit_kind = 'unattributed' then 1 else 0 end),
                sum(case when credit_reason = '{ALL_WEIGHTS_ZERO}' and touch_number = 1 then 1 else 0 end)
            from {ledger.CURRENT} group by model_name"""
        )
        report.unattributed = {name: int(unattributed) for name, unattributed, _ in counts if unattributed}
        report.zero_weight = {name: int(zero) for name, _, zero in counts if zero}
        report.credit_changes = dict(
            self.warehouse.rows(
                f"select reason, count(*) from {ledger.CHANGES} where run_number = {self.number} group by reason"
            )
        )
        rules = {name: self.rules.get(name) for name in ("model_parameters", "custom_models", *changes.JOURNEY_RULES)}
        ledger.record(
            self.warehouse,
            ledger.RUNS,
            {
                "run_number": self.number,
                "run_id": self.run_id,
                "business_date": self.business_date,
                "started_at": self.started_at,
                "finished_at": datetime.now(UTC).replace(tzinfo=None),
                "is_replay": self.is_replay,
                "is_full": self.full,
                "model_count": len(self.models),
                "conversion_count": report.conversions,
                "changed_conversion_count": report.changed_conversions,
                "credit_change_count": sum(report.credit_changes.values()),
                "journey_config_hash": self.config,
                "config": json.dumps(rules, sort_keys=True, default=str),
            },
        )
        ledger.record(
            self.warehouse,
            ledger.RUN_MODELS,
            [
                {
                    "run_number": self.number,
                    "model_name": model.name,
                    "model_version": self.versions[model.name],
                    "definition": self.definitions[model.name],
                    "conversion_count": report.conversions,
                    "computed_conversion_count": report.computed[model.name],
                    "unattributed_conversion_count": report.unattributed.get(model.name, 0),
                    "zero_weight_conversion_count": report.zero_weight.get(model.name, 0),
                }
                for model in self.models
            ],
        )

    def _count(self, relation: str) -> int:
        return int(self.warehouse.value(f"select count(*) from {relation}"))
