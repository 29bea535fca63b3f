"""What a run attributes: the conversions and their touches, and a fingerprint of each to tell what changed.

Reads `journeys.fct_journeys` and `journeys.fct_journey_touches` and nothing else.
"""

from pipeline.attribution.model import FUNNEL
from pipeline.warehouse.base import Warehouse

JOURNEYS = "journeys.fct_journeys"
JOURNEY_TOUCHES = "journeys.fct_journey_touches"

#: Temporary relations of a run.
FINGERPRINTS = "attribution_fingerprints"
CONVERSIONS = "attribution_conversions"
TOUCHES = "attribution_touches"

#: A milestone's flag in the journeys; the other positions follow from the order of the touches.
FLAGGED = FUNNEL[1:]

#: What a conversion is beside its touches, by what a change of it means (see `changes`).
IDENTITY = ("account_id", "person_id", "opportunity_id")
STAGES = (
    "conversion_type", "opportunity_status", "opportunity_type", "cycle_number", "started_at", "converted_at",
    "reporting_date", "lead_created_at", "mql_at", "sal_at", "sql_at", "opportunity_created_at", "closed_at",
)  # fmt: skip
MONEY = (
    "amount", "currency", "minor_unit_digits", "amount_reporting", "reporting_currency", "reporting_minor_unit_digits"
)  # fmt: skip

#: What a credit copies or a weight reads of a touch.
TOUCH_DETAILS = (
    "touch_number", "touched_at", "person_id", "channel", "campaign_id", "content_name", "touch_kind", "is_offline",
    "is_direct", "is_marketing", "buying_role", "days_before_conversion", *(f"is_{name}" for name in FLAGGED),
)  # fmt: skip


def read_fingerprints(warehouse: Warehouse) -> None:
    """Make FINGERPRINTS: one row per conversion of tonight's journeys, with a hash of everything credits depend on."""
    touch_ids = warehouse.ordered_text("touch_id", ",", "touch_id")
    touch_rows = warehouse.ordered_text("touch_hash", "", "touch_number, touch_id")
    warehouse.create_from_query(
        FINGERPRINTS,
        f"""
        select *, md5(concat_ws('|', identity_key, stage_key, amount_key, touch_set, touch_hash)) as input_hash
        from (
            select journey.conversion_id, journey.conversion_type, journey.account_id, journey.person_id,
                journey.opportunity_status, journey.amount, journey.currency,
                {_key("journey", IDENTITY)} as identity_key,
                {_key("journey", STAGES)} as stage_key,
                {_key("journey", MONEY)} as amount_key,
                coalesce(touches.touch_set, '') as touch_set,
                coalesce(touches.touch_hash, '') as touch_hash
            from {JOURNEYS} as journey
            left join (
                select conversion_id, md5({touch_ids}) as touch_set, md5({touch_rows}) as touch_hash
                from (
                    select conversion_id, touch_id, touch_number,
                        md5({_key("touch", ("touch_id", *TOUCH_DETAILS))}) as touch_hash
                    from {JOURNEY_TOUCHES} as touch
                    where conversion_id is not null
                ) as hashed
                group by conversion_id
            ) as touches on journey.conversion_id = touches.conversion_id
            where journey.is_converted and journey.conversion_id is not null
        ) as keyed""",
    )


def read_conversions(warehouse: Warehouse, changed: str, *, everything: bool) -> None:
    """Make CONVERSIONS and TOUCHES, for every conversion or only for those in `changed`.

    `changed` is a relation of conversion ids; `is_changed` marks them. A touch that is there twice counts once.
    """
    join = "left join" if everything else "inner join"
    warehouse.create_from_query(
        f"{CONVERSIONS}_unplaced",
        f"""
        select row_number() over (order by journey.conversion_id) as conversion_key,
            journey.conversion_id, journey.conversion_type, journey.account_id, journey.person_id,
            journey.opportunity_id, journey.opportunity_status, journey.reporting_date, journey.converted_at,
            {", ".join(f"journey.{column}" for column in MONEY)},
            changed.conversion_id is not null as is_changed
        from {JOURNEYS} as journey
        {join} {changed} as changed on journey.conversion_id = changed.conversion_id
        where journey.is_converted and journey.conversion_id is not null""",
    )
    warehouse.create_from_query(TOUCHES, _numbered(f"{CONVERSIONS}_unplaced"))
    warehouse.create_from_query(CONVERSIONS, placed_sql(f"{CONVERSIONS}_unplaced", TOUCHES))
    warehouse.execute(f"drop table {CONVERSIONS}_unplaced")


def _numbered(conversions: str) -> str:
    details = ", ".join(f"touch.{column}" for column in TOUCH_DETAILS if column != "touch_number")
    once = f"""
        select * from (
            select conversion.conversion_key, conversion.conversion_type, conversion.is_changed, touch.touch_id,
                touch.touch_number as journey_number, {details},
                row_number() over (
                    partition by conversion.conversion_key, touch.touch_id order by touch.touch_number
                ) as delivery
            from {JOURNEY_TOUCHES} as touch
            inner join {conversions} as conversion on touch.conversion_id = conversion.conversion_id
        ) as delivered
        where delivery = 1"""
    return numbered_sql(f"({once})", "journey_number, touch_id")


def numbered_sql(touches: str, order_by: str) -> str:
    """`touches` with touch_number from 1 in the order given, touch_count and what follows from both."""
    return f"""
        select *, touch_number = 1 as is_first, touch_number = touch_count as is_last
        from (
            select *,
                row_number() over (partition by conversion_key order by {order_by}) as touch_number,
                count(*) over (partition by conversion_key) as touch_count,
                count(*) over (partition by conversion_key, channel) as channel_touch_count
            from {touches} as touch
        ) as counted"""


def placed_sql(conversions: str, touches: str) -> str:
    """`conversions` with touch_count and, for each position, the number of the touch that holds it."""
    flagged = ", ".join(f"max(case when is_{name} then touch_number end) as at_{name}" for name in FLAGGED)
    kept = ", ".join(f"touches.at_{name}" for name in FLAGGED)
    return f"""
        select conversion.*, coalesce(touches.touch_count, 0) as touch_count,
            case when touches.touch_count > 0 then 1 end as at_first, {kept},
            touches.touch_count as at_last,
            coalesce(touches.at_non_direct, touches.touch_count) as at_last_non_direct
        from {conversions} as conversion
        left join (
            select conversion_key, count(*) as touch_count, {flagged},
                max(case when coalesce(is_direct, false) then null else touch_number end) as at_non_direct
            from {touches} as touch
            group by conversion_key
        ) as touches on conversion.conversion_key = touches.conversion_key"""


def _key(relation: str, columns: tuple[str, ...]) -> str:
    """One text of several columns, in which a null differs from an empty text."""
    return "concat_ws('|', " + ", ".join(f"coalesce(cast({relation}.{c} as string), '~')" for c in columns) + ")"
