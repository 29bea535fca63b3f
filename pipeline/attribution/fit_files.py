"""Fitting on files: the relations of a fit from the journeys or paths, and the accounts, that an analyst brought."""

from pathlib import Path

from pipeline.attribution.fit_inputs import FitInputs, make_relations
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.fitting import FITTED, FitResult, Fitter
from pipeline.attribution.journey_files import JOURNEYS, TOUCHED, FileReport
from pipeline.attribution.tables import Field, read_table
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

ACCOUNT_FIELDS = {
    "account_id": Field("text", required=True),
    "observed_from": Field("moment", required=True),
    "observed_until": Field("moment", required=True),
}
ACCOUNTS = "file_accounts"

#: What a file's journeys convert to has no name.
NO_TYPE = ""

#: Of the touches at one instant, the order in which a file's stand (see `files`).
TOUCH_ORDER = "given_number, touched_at, channel, campaign_id, touch_id, _row"


def read_accounts(warehouse: DuckDBWarehouse, path: Path) -> None:
    """Make ACCOUNTS, a row per account with its covariates."""
    read_table(warehouse, path, ACCOUNT_FIELDS, ACCOUNTS, keep_others=True)
    place = "line" if path.suffix.lower() == ".csv" else "row"
    for wrong, where in (
        ("account_id is empty", "account_id is null"),
        ("observed_from is empty", "observed_from is null"),
        ("observed_until is empty", "observed_until is null"),
        ("observed_until is before observed_from", "observed_until < observed_from"),
    ):
        line = warehouse.value(f"select min(_line) from {ACCOUNTS} where {where}")
        if line is not None:
            raise UsageError(f"{path.name} {place} {line}: {wrong}")
    twice = warehouse.rows(
        f"select account_id, max(_line) from {ACCOUNTS} group by account_id having count(*) > 1 order by 2 limit 1"
    )
    if twice:
        raise UsageError(f"{path.name} {place} {twice[0][1]}: account {twice[0][0]!r} is there more than once")


def fit_file(
    warehouse: DuckDBWarehouse, models: list[FittedModel], *, has_accounts: bool, report: FileReport
) -> dict[str, FitResult]:
    """Fit learnt models on what was read; by model name. What could not be fitted is noted with its reason."""
    risk_set = [model.name for model in models if model.reads_accounts]
    if risk_set:
        _note_risk_set(warehouse, ", ".join(risk_set), has_accounts=has_accounts, report=report)
    inputs = _relations(warehouse, has_accounts=has_accounts)
    fitter = Fitter(warehouse, inputs)
    results = {}
    for model in models:
        result = results[model.name] = fitter.fit(model, NO_TYPE)
        if result.status != FITTED:
            report.notes.append(f"not enough data for {model.name}: {result.reason}")
        report.notes += [f"{model.name}: {warning}" for warning in result.warnings]
    return results


def _note_risk_set(warehouse: DuckDBWarehouse, names: str, *, has_accounts: bool, report: FileReport) -> None:
    """Note what the risk set lacks; raises `UsageError` when nothing ties the journeys to the accounts given."""
    if not warehouse.value(f"select count(converted_at) from {JOURNEYS}"):
        report.notes.append(
            f"{names}: no converted_at, so every journey ends at its last touch, which looks effective whatever its "
            "channel"
        )
    if not has_accounts:
        report.notes.append(
            f"{names}: no --accounts, so the risk set was made of the journeys, each from its first touch to its end; "
            "accounts that nobody touched are not compared"
        )
        return
    converted, tied, strange = warehouse.rows(
        f"""select count(*), count(journey.account_id),
            sum(case when account.account_id is null and journey.account_id is not null then 1 else 0 end)
        from {JOURNEYS} as journey left join {ACCOUNTS} as account on journey.account_id = account.account_id
        where journey.converted"""
    )[0]
    if converted and not tied:
        raise UsageError(f"{names} ties journeys to the accounts by account_id, and no converted journey has one")
    for number, what in (
        (converted - tied, "have no account_id"),
        (strange or 0, "are of accounts not among --accounts"),
    ):
        if number:
            report.notes.append(f"{names}: {number} of {converted} converted journeys {what} and were not learnt from")


def _relations(warehouse: DuckDBWarehouse, *, has_accounts: bool) -> FitInputs:
    ended = "coalesce(journey.converted_at, last.last_touched_at)"
    journeys = f"""
        select cast(journey.journey_id as string) as journey_id, '{NO_TYPE}' as conversion_type, journey.account_id,
            coalesce(journey.account_id, concat('journey|', cast(journey.journey_id as string), '|',
                cast(outcome.is_converted as string))) as cluster_id,
            outcome.is_converted, outcome.weight, {ended} as ended_at
        from {JOURNEYS} as journey
        inner join (
            select journey_id, true as is_converted, coalesce(conversions, journey_count) as weight
            from {JOURNEYS} where converted
            union all
            select journey_id, false, coalesce(nulls, journey_count) from {JOURNEYS}
            where not converted or nulls is not null
        ) as outcome on journey.journey_id = outcome.journey_id
        left join (
            select journey_id, max(touched_at) as last_touched_at from {TOUCHED} group by journey_id
        ) as last on journey.journey_id = last.journey_id"""
    touches = f"""
        select cast(journey_id as string) as journey_id, touch_id, touched_at, channel,
            days_before_conversion as days_before_end,
            row_number() over (partition by journey_id order by {TOUCH_ORDER}) as touch_order
        from {TOUCHED}"""
    if not has_accounts:
        return make_relations(warehouse, journeys, touches)
    known = ", ".join(f"account.{name}" for name in ACCOUNT_FIELDS)
    covariates = "".join(
        f', account."{name}" as "covariate_{name}"'  # whatever it is called, it is no column of ours
        for name in warehouse.columns(ACCOUNTS)
        if name not in (*ACCOUNT_FIELDS, "_line", "_row")
    )
    accounts = f"""
        select {known}{covariates}, '{NO_TYPE}' as conversion_type,
            converted.converted_at is not null as is_converted, converted.converted_at
        from {ACCOUNTS} as account
        left join (
            select journey.account_id, min({ended}) as converted_at
            from {JOURNEYS} as journey
            left join (
                select journey_id, max(touched_at) as last_touched_at from {TOUCHED} group by journey_id
            ) as last on journey.journey_id = last.journey_id
            where journey.converted
            group by journey.account_id
        ) as converted on account.account_id = converted.account_id"""
    account_touches = f"""
        select distinct journey.account_id, coalesce(touch.touch_id, '') as touch_id, touch.touched_at, touch.channel
        from {TOUCHED} as touch
        inner join {JOURNEYS} as journey on touch.journey_id = journey.journey_id
        where journey.account_id is not null"""
    return make_relations(warehouse, journeys, touches, accounts, account_touches)
