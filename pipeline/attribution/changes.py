"""Why credit moved: each conversion's inputs tonight against those its current credits were computed from.

Reasons, and what tells them; where several hold, `reason` is the first in this order and `reasons` has them all.

* `config_change`   the model's definition or parameters are others, or the rules that journeys are built by are and
                    the conversion's touches or stages with them;
* `model_refit`     the model's definition is the same and its version is not: it was fitted anew;
* `reopened`        the conversion is no longer there (the stage was taken back, the deal reopened, the record deleted),
                    or is there again, or the opportunity of it left its closed stage;
* `identity_merge`  the conversion has another account or person; or a touch of it has; or it gained a touch that was
                    already known from another journey, or lost one that is now in another, with no stage to explain it;
* `stage_edit`      a stage time, the opportunity's status or type, or the reporting date is another;
* `late_touch`      a touch was added that no journey had before, or one was withdrawn or corrected by a delivery;
* `amount_edit`     the amount, its currency or its amount in the reporting currency is another.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.attribution.inputs import FINGERPRINTS, JOURNEY_TOUCHES, JOURNEYS
from pipeline.attribution.ledger import CHANGES, CONVERSION_INPUTS, CREDITS, TABLES, TOUCH_INPUTS
from pipeline.attribution.shares import text
from pipeline.warehouse.base import Warehouse

#: In the order in which they count.
REASONS = ("config_change", "model_refit", "reopened", "identity_merge", "stage_edit", "late_touch", "amount_edit")

#: The rules and seeds that journeys are built by.
JOURNEY_RULES = (
    "enabled_sources", "crms", "touchpoints", "source_options", "time_zone", "reporting_currency", "journey_grain",
    "lookback_days", "reuse_touches_after_win", "milestone_gap_days", "clock_tolerance_minutes", "touch_matching",
)  # fmt: skip
JOURNEY_SEEDS = (
    "channel_rules", "touch_kinds", "free_mail_domains", "lead_status_stages", "opportunity_stages", "buying_roles",
    "channels", "currencies",
)  # fmt: skip

#: Temporary relations of a run.
CHANGED = "attribution_changed"
TOUCH_MOVES = "attribution_touch_moves"


def journey_config(warehouse: Warehouse, rules: Mapping[str, Any]) -> str:
    """A hash of every rule and seed that journeys are built by."""
    seeds = {seed: _content_hash(warehouse, f"seeds.{seed}") for seed in JOURNEY_SEEDS}
    config = {"rules": {name: rules.get(name) for name in JOURNEY_RULES}, "seeds": seeds}
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _content_hash(warehouse: Warehouse, table: str) -> str | None:
    if not warehouse.exists(table):
        return None
    row = "concat_ws('|', " + ", ".join(f"coalesce(cast({c} as string), '~')" for c in warehouse.columns(table)) + ")"
    return warehouse.value(
        f"select md5({warehouse.ordered_text('line', ';', 'line')}) from (select {row} as line from {table}) as seed"
    )


def find_changed(warehouse: Warehouse, *, is_config_changed: bool) -> None:
    """Make CHANGED: one row per conversion that is new, gone, or has other inputs, with what differs.

    Columns: conversion_id, conversion_type, is_new (its first credits, or none ever), is_gone, and `is_<reason>`.
    A conversion that is gone while its journey is there, unconverted, was undone: touches it shares moved nowhere.
    """
    warehouse.create_from_query(
        f"{CHANGED}_inputs",
        f"""
        select coalesce(now.conversion_id, before.conversion_id) as conversion_id,
            coalesce(now.conversion_type, before.conversion_type) as conversion_type,
            before.conversion_id is null as is_new,
            now.conversion_id is null as is_gone,
            before.conversion_id is not null and now.conversion_id is not null and not before.is_present as is_back,
            now.conversion_id is null and undone.journey_id is not null as is_undone,
            before.opportunity_status in ('won', 'lost') and now.opportunity_status = 'open' as is_status_open_again,
            {_differs("identity_key")} as is_identity_other,
            {_differs("stage_key")} as is_stage_other,
            {_differs("touch_set")} as is_touch_set_other,
            {_differs("touch_hash")} as is_touch_other,
            {_differs("amount_key")} as is_amount_other
        from {FINGERPRINTS} as now
        full outer join {CONVERSION_INPUTS} as before on now.conversion_id = before.conversion_id
        left join (select distinct journey_id from {JOURNEYS} where not is_converted) as undone
            on before.conversion_id = undone.journey_id
        where now.conversion_id is null and before.is_present
            or now.conversion_id is not null and before.conversion_id is null
            or now.conversion_id is not null and not before.is_present
            or now.input_hash <> before.input_hash""",
    )
    warehouse.create_from_query(TOUCH_MOVES, _touch_moves())
    config = "true" if is_config_changed else "false"
    warehouse.create_from_query(
        CHANGED,
        f"""
        select conversion_id, conversion_type, is_new, is_gone, is_config_change, is_identity_merge,
            is_gone and not is_identity_merge or is_back or is_status_open_again as is_reopened,
            is_stage_edit,
            is_new_touch or is_touch_other
                and not (is_config_change or is_identity_merge or is_stage_edit) as is_late_touch,
            is_amount_edit
        from (
            select changed.*,
                {config} and (is_touch_other or is_stage_other or is_gone) as is_config_change,
                is_identity_other or coalesce(touch.is_other_person, 0) = 1
                    or coalesce(touch.is_moved, 0) = 1 and not is_stage_other and not is_undone and not {config}
                    as is_identity_merge,
                is_stage_other as is_stage_edit,
                coalesce(touch.is_unknown, 0) = 1 and not {config} as is_new_touch,
                is_amount_other as is_amount_edit
            from {CHANGED}_inputs as changed
            left join {TOUCH_MOVES} as touch on changed.conversion_id = touch.conversion_id
        ) as told""",
    )


def _differs(column: str) -> str:
    return f"before.conversion_id is not null and now.conversion_id is not null and now.{column} <> before.{column}"


def _touch_moves() -> str:
    """Per changed conversion, 0 or 1: a touch came from or went to another journey, or its person is another.

    is_unknown: a touch was added that no journey had, or withdrawn from all.
    """
    changed = f"(select conversion_id from {CHANGED}_inputs where not is_new and not is_touch_other is null)"
    return f"""
        select conversion_id,
            max(case when side = 'added' and elsewhere = 1 or side = 'removed' and elsewhere = 1 then 1 else 0 end)
                as is_moved,
            max(case when side in ('added', 'removed') and elsewhere = 0 then 1 else 0 end) as is_unknown,
            max(case when side = 'other_person' then 1 else 0 end) as is_other_person
        from (
            select pair.conversion_id, pair.side,
                case when pair.side = 'added' and known.touch_id is not null
                    or pair.side = 'removed' and still.touch_id is not null then 1 else 0 end as elsewhere
            from (
                select coalesce(now.conversion_id, before.conversion_id) as conversion_id,
                    coalesce(now.touch_id, before.touch_id) as touch_id,
                    case when before.touch_id is null then 'added' when now.touch_id is null then 'removed'
                        when coalesce(now.person_id, '~') <> coalesce(before.person_id, '~') then 'other_person'
                        else 'same' end as side
                from (select distinct conversion_id, touch_id, person_id from {JOURNEY_TOUCHES}
                    where conversion_id in {changed}) as now
                full outer join (select distinct conversion_id, touch_id, person_id from {TOUCH_INPUTS}
                    where conversion_id in {changed}) as before
                    on now.conversion_id = before.conversion_id and now.touch_id = before.touch_id
            ) as pair
            left join (select distinct touch_id from {TOUCH_INPUTS}) as known on pair.touch_id = known.touch_id
            left join (select distinct touch_id from {JOURNEY_TOUCHES}) as still on pair.touch_id = still.touch_id
            where pair.side <> 'same'
        ) as moved
        group by conversion_id"""


def remember(warehouse: Warehouse, run_number: int) -> None:
    """Keep tonight's inputs as those the current credits come from; what is gone stays, marked as gone."""
    columns = [name for name in TABLES[CONVERSION_INPUTS] if name not in ("is_present", "run_number")]
    listed = ", ".join(columns)
    warehouse.execute(
        f"update {CONVERSION_INPUTS} set is_present = false, run_number = {run_number} "
        f"where conversion_id in (select conversion_id from {CHANGED} where is_gone)"
    )
    there = f"(select conversion_id from {CHANGED} where not is_gone)"
    warehouse.execute(f"delete from {CONVERSION_INPUTS} where conversion_id in {there}")
    warehouse.execute(
        f"insert into {CONVERSION_INPUTS} ({listed}, is_present, run_number) select {listed}, true, {run_number} "
        f"from {FINGERPRINTS} where conversion_id in {there}"
    )
    warehouse.create_from_query(
        TOUCH_INPUTS,
        f"select {', '.join(TABLES[TOUCH_INPUTS])} from {JOURNEY_TOUCHES} as touch",
        temporary=False,
    )


def write_changes(
    warehouse: Warehouse, model_name: str, new: str, conversions: str, run: Mapping[str, Any], model_reason: str | None
) -> None:
    """Append to `credit_changes` why a model's versions of `conversions` (a relation) give way to `new` ones.

    Called before the old versions are closed. A conversion's first credits by the model are no change. `run` has
    run_number, run_id and business_date; `model_reason` is why the model itself is another, None when it is the same.
    """
    old = f"""(select * from {CREDITS} where valid_to_run is null and model_name = {text(model_name)}
        and conversion_id in (select conversion_id from {conversions}))"""
    new = f"(select * from {new} where conversion_id in (select conversion_id from {conversions}))"
    flags = {reason: f"coalesce(why.is_{reason}, false)" for reason in REASONS if reason != "model_refit"}
    if model_reason:
        flags[model_reason] = "true"
    flags = {reason: flags[reason] for reason in REASONS if reason in flags}
    reasons = (
        "concat_ws(',', " + ", ".join(f"case when {flag} then '{reason}' end" for reason, flag in flags.items()) + ")"
    )
    first = "case " + " ".join(f"when {flag} then '{reason}'" for reason, flag in flags.items()) + " end"
    values = {
        "run_number": str(run["run_number"]),
        "run_id": text(run["run_id"]),
        "business_date": f"cast({text(str(run['business_date']))} as date)",
        "model_name": text(model_name),
        "conversion_id": "changed.conversion_id",
        "conversion_type": "coalesce(after.conversion_type, before.conversion_type)",
        "reason": f"coalesce({first}, 'model_refit')",
        "reasons": f"coalesce(nullif({reasons}, ''), 'model_refit')",
        "moved_share": "case when before.conversion_id is null or after.conversion_id is null then 1e0 "
        "else moved.moved_share end",
        "shares_before": "before.shares",
        "shares_after": "after.shares",
        "touch_count_before": "before.touch_count",
        "touch_count_after": "after.touch_count",
        "amount_before": "before.amount",
        "amount_after": "after.amount",
        "currency_before": "before.currency",
        "currency_after": "after.currency",
        "amount_reporting_before": "before.amount_reporting",
        "amount_reporting_after": "after.amount_reporting",
        "valid_from_run_before": "before.valid_from_run",
    }
    listed = ", ".join(f"cast({values[name]} as {kind}) as {name}" for name, kind in TABLES[CHANGES].items())
    warehouse.execute(
        f"""
        insert into {CHANGES}
        select {listed}
        from {conversions} as changed
        left join ({_summary(warehouse, old, "valid_from_run")}) as before
            on changed.conversion_id = before.conversion_id
        left join ({_summary(warehouse, new, "cast(null as bigint)")}) as after
            on changed.conversion_id = after.conversion_id
        left join ({_moved(old, new)}) as moved on changed.conversion_id = moved.conversion_id
        left join {CHANGED} as why on changed.conversion_id = why.conversion_id
        where before.conversion_id is not null
            or changed.conversion_id in (select conversion_id from {CREDITS} where model_name = {text(model_name)})"""
    )


def _summary(warehouse: Warehouse, credits: str, valid_from_run: str) -> str:
    """Per conversion: a JSON text of the share of each channel, and the totals."""
    backslash, quote = "chr(92)", "chr(34)"  # as literals, engines read them differently
    name = f"replace(replace(channel_name, {backslash}, concat({backslash}, {backslash})), {quote}, "
    entry = f"concat({quote}, {name}concat({backslash}, {quote})), {quote}, ': ', cast(round(share, 6) as string))"
    entries = warehouse.ordered_text(entry, ", ", "channel_name")
    return f"""
        select conversion_id, max(conversion_type) as conversion_type, concat('{{', {entries}, '}}') as shares,
            cast(sum(touches) as integer) as touch_count, sum(amount) as amount, max(currency) as currency,
            sum(amount_reporting) as amount_reporting, max(valid_from_run) as valid_from_run
        from (
            select conversion_id, max(conversion_type) as conversion_type, channel_name, sum(credit_share) as share,
                count(touch_id) as touches, sum(credited_amount) as amount, max(currency) as currency,
                sum(credited_amount_reporting) as amount_reporting, max(valid_from_run) as valid_from_run
            from (
                select conversion_id, conversion_type, coalesce(channel, credit_kind) as channel_name, credit_share,
                    touch_id, credited_amount, currency, credited_amount_reporting, {valid_from_run} as valid_from_run
                from {credits} as credit
            ) as named
            group by conversion_id, channel_name
        ) as by_channel
        group by conversion_id"""


def _moved(old: str, new: str) -> str:
    """Per conversion in both: the share of the credit that went from some touches to others, 0 to 1."""
    return f"""
        select conversion_id, sum(abs(change)) / 2e0 as moved_share
        from (
            select conversion_id, touch, sum(share) as change
            from (
                select conversion_id, coalesce(touch_id, credit_kind) as touch, credit_share as share from {new} as n
                union all
                select conversion_id, coalesce(touch_id, credit_kind) as touch, - credit_share as share from {old} as o
            ) as both_sides
            group by conversion_id, touch
        ) as by_touch
        group by conversion_id"""
