"""Why one conversion's credit went where it did: its touches, what each model gave them, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.attribution.ledger import CHANGES, CREDITS, credits_as_of
from pipeline.errors import UsageError
from pipeline.warehouse.base import Warehouse

NOT_YET = "nothing has been attributed yet: run `touchledger run --date YYYY-MM-DD` first"


@dataclass(frozen=True)
class ExplainedTouch:
    """A touch of the journey, or (touch_id None) the place of what nobody earned."""

    touch_id: str | None
    touch_number: int | None
    touched_at: datetime | None
    channel: str | None
    touch_kind: str | None
    person_id: str | None
    buying_role: str | None
    campaign_id: str | None


@dataclass(frozen=True)
class ExplainedCredit:
    """What one model gave one touch: `share = (base_weight + reallocated_weight) / their sum over the touches`."""

    touch_id: str | None
    share: float
    amount: Decimal | None
    position_roles: str | None
    base_weight: float
    reallocated_weight: float
    reason: str | None


@dataclass(frozen=True)
class ExplainedModel:
    """One model's current word on the conversion, and since which run it holds."""

    name: str
    version: str
    policy: str | None
    valid_from_run: int
    credits: Sequence[ExplainedCredit]


@dataclass(frozen=True)
class Change:
    """One night that moved the credit: why, which models, and the largest share that moved between touches."""

    run_number: int
    business_date: date
    reason: str
    reasons: str
    models: Sequence[str]
    moved_share: float
    touches: tuple[int | None, int | None]
    amounts: tuple[Decimal | None, Decimal | None]
    currencies: tuple[str | None, str | None]


@dataclass(frozen=True)
class Explanation:
    """All there is to say about one conversion. `as_of` is the run it was asked for, None for the latest."""

    conversion_id: str
    facts: dict[str, Any]
    touches: Sequence[ExplainedTouch]
    models: Sequence[ExplainedModel]
    changes: Sequence[Change] = field(default=())
    as_of: int | None = None


def explain(warehouse: Warehouse, conversion_id: str, as_of: int | None = None) -> Explanation:
    """Read what the ledger says about a conversion, now or as a past run left it.

    Raises `UsageError` with the three nearest ids when the ledger has never heard of it.
    """
    if not warehouse.exists(CREDITS):
        raise UsageError(NOT_YET)
    source = f"({credits_as_of(as_of)})" if as_of else f"(select * from {CREDITS} where valid_to_run is null)"
    columns = (
        "conversion_type", "account_id", "opportunity_id", "opportunity_status", "converted_at", "reporting_date",
        "currency", "reporting_currency", "model_name", "model_version", "policy", "valid_from_run", "touch_id",
        "touch_number", "touched_at", "channel", "touch_kind", "person_id", "buying_role", "campaign_id",
        "credit_share", "credited_amount", "credited_amount_reporting", "position_roles", "base_weight",
        "reallocated_weight", "credit_reason",
    )  # fmt: skip
    rows = [
        dict(zip(columns, row, strict=True))
        for row in warehouse.rows(
            f"select {', '.join(columns)} from {source} as credit where conversion_id = ? "
            "order by model_name, coalesce(touch_number, 2147483647)",
            [conversion_id],
        )
    ]
    changes = _changes(warehouse, conversion_id, as_of)
    if not rows and not changes:
        raise _unknown(warehouse, conversion_id)
    return Explanation(conversion_id, _facts(rows), _touches(rows), _models(rows), changes, as_of)


def _facts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {}
    first, name = rows[0], rows[0]["model_name"]
    own = [row for row in rows if row["model_name"] == name]
    kept = (
        "conversion_type", "account_id", "opportunity_id", "opportunity_status", "converted_at", "reporting_date",
        "currency", "reporting_currency",
    )  # fmt: skip
    totals = {
        total: None if own[0][part] is None else sum(row[part] for row in own)
        for total, part in (("amount", "credited_amount"), ("amount_reporting", "credited_amount_reporting"))
    }
    return {**{column: first[column] for column in kept}, **totals}


def _touches(rows: list[dict[str, Any]]) -> list[ExplainedTouch]:
    found = {row["touch_id"]: row for row in rows}
    ordered = sorted(found.values(), key=lambda row: (row["touch_number"] is None, row["touch_number"] or 0))
    return [ExplainedTouch(**{name: row[name] for name in ExplainedTouch.__dataclass_fields__}) for row in ordered]


def _models(rows: list[dict[str, Any]]) -> list[ExplainedModel]:
    return [
        ExplainedModel(
            name,
            own[0]["model_version"],
            own[0]["policy"],
            own[0]["valid_from_run"],
            [
                ExplainedCredit(
                    row["touch_id"],
                    row["credit_share"],
                    row["credited_amount"],
                    row["position_roles"],
                    row["base_weight"],
                    row["reallocated_weight"],
                    row["credit_reason"],
                )
                for row in own
            ],
        )
        for name in dict.fromkeys(row["model_name"] for row in rows)
        if (own := [row for row in rows if row["model_name"] == name])
    ]


def _changes(warehouse: Warehouse, conversion_id: str, as_of: int | None) -> list[Change]:
    until = f" and run_number <= {int(as_of)}" if as_of else ""
    found: dict[tuple[Any, ...], Change] = {}
    for number, day, reason, reasons, model, moved, *facts in warehouse.rows(
        f"""select run_number, business_date, reason, reasons, model_name, moved_share, touch_count_before,
            touch_count_after, amount_before, amount_after, currency_before, currency_after
        from {CHANGES} where conversion_id = ?{until} order by run_number, reason, model_name""",
        [conversion_id],
    ):
        told = (number, reasons, *facts)  # models that a setting switched on or off are told apart from the others
        seen = found.get(told)
        found[told] = Change(
            number,
            day,
            reason,
            reasons,
            [*(seen.models if seen else ()), model],
            max(moved, seen.moved_share if seen else 0.0),
            (facts[0], facts[1]),
            (facts[2], facts[3]),
            (facts[4], facts[5]),
        )
    return list(found.values())


def _unknown(warehouse: Warehouse, conversion_id: str) -> UsageError:
    nearest = warehouse.rows(
        f"""select conversion_id from (select distinct conversion_id from {CREDITS}) as known
        order by case when conversion_id like concat('%:', ?) then 0 else levenshtein(conversion_id, ?) end,
            conversion_id limit 3""",
        [conversion_id, conversion_id],
    )
    known = ", ".join(row[0] for row in nearest) or "none: no conversion has been credited"
    return UsageError(f"there is no conversion {conversion_id!r}; the nearest are {known}")
