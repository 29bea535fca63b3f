"""Attribution on its own: any table of journeys or paths in, credits out, without a warehouse."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline.attribution import inputs
from pipeline.attribution.amounts import credited_sql
from pipeline.attribution.channel_sums import channels_query, read_figures
from pipeline.attribution.experiment_files import (
    corrected,
    experimented,
    experiments_of,
    read_experiments,
    what_to_test,
)
from pipeline.attribution.experiments import SUFFIX, calibrated, factors_of
from pipeline.attribution.fit_files import NO_TYPE, TOUCH_ORDER, fit_file, read_accounts
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.fitting import FitResult
from pipeline.attribution.journey_files import JOURNEYS, PATH_FIELDS, TOUCHED, FileReport, read_journeys, read_paths
from pipeline.attribution.model import BlendedModel, Model, WeightModel
from pipeline.attribution.model_fits import bound, fitted_models
from pipeline.attribution.registry import all_models, select_models
from pipeline.attribution.shares import shares_sql, text
from pipeline.attribution.tables import FORMATS
from pipeline.errors import UsageError
from pipeline.progress import Progress
from pipeline.settings import merge
from pipeline.warehouse.on_duckdb import DuckDBWarehouse

#: Files say no currency; most have cents.
MINOR_UNIT_DIGITS = 2

CONVERSIONS, TOUCHES, CREDITS = "file_conversions", "file_conversion_touches", "file_credits"


def attribute_file(
    *,
    journeys: Path | None = None,
    paths: Path | None = None,
    separator: str = " > ",
    accounts: Path | None = None,
    experiments: Path | None = None,
    models: str | Sequence[str] = "all",
    overrides: Sequence[str] = (),
    out: Path,
    rules: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> FileReport:
    """Credit the journeys (or aggregated paths) of a file by some models and write the credits.

    Args:
        journeys: a row per touch; or paths: a row per path, its channels joined by `separator`.
        accounts: the risk set, for models that need one.
        experiments: results of holding channels back; models with a baseline also appear corrected by them.
        models: names, or one text of names with commas, or `all`.
        overrides: `model.parameter=value`, as `--set` takes them.
        out: where credits go (.csv or .parquet); the sums by channel go beside it as `<out>_channels.<ext>`.
        rules: business rules with `custom_models` and `model_parameters`, where there are any.
        progress: told each model as it is computed.

    Raises `UsageError` with one sentence for whatever is wrong with the request or the file.
    """
    if (journeys is None) == (paths is None):
        raise UsageError("give either journeys (a row per touch) or paths (a row per path)")
    source = journeys or paths
    assert source is not None
    channels_out = out.with_name(f"{out.stem}_channels{out.suffix}")
    if out.suffix.lower() not in FORMATS:
        raise UsageError(f"{out.name}: credits are written as {' or '.join(FORMATS)}")
    if {out.resolve(), channels_out.resolve()} & {
        given.resolve() for given in (source, accounts, experiments) if given
    }:
        raise UsageError(f"{out} is the file to read; write the credits to another")
    chosen, is_all = _models(models, overrides, rules or {})
    for target in (out, channels_out):
        _make_folder(target)
    report = FileReport(out, channels_out, [])

    with tempfile.TemporaryDirectory() as spill, DuckDBWarehouse.in_memory() as warehouse:
        warehouse.execute(f"set temp_directory = {text(spill)}")
        progress = progress or Progress()
        progress.phase(f"reading {source.name}")
        if paths is not None:
            read_paths(warehouse, paths, separator, report)
            has_times, columns, lacking = False, set(PATH_FIELDS), "paths tell no times"
        else:
            columns = read_journeys(warehouse, source, report)
            has_times, lacking = "touched_at" in columns, f"{source.name} has no column touched_at"
        usable = _usable(chosen, has_times=has_times, is_all=is_all, lacking=lacking, report=report)
        learnt = fitted_models(usable)
        if accounts is not None:
            read_accounts(warehouse, accounts)
            if not any(model.reads_accounts for model in learnt):
                report.notes.append(f"none of the models reads {accounts.name}: they weigh journeys alone")
        _note_milestones(usable, columns, report)
        _prepare(warehouse)
        fits: dict[str, FitResult] = {}
        if learnt:
            progress.phase("fitting")
            fits = fit_file(warehouse, learnt, has_accounts=accounts is not None, report=report)
        usable = bound(usable, {name: {NO_TYPE: result.frozen()} for name, result in fits.items()})
        progress.phase("crediting")
        for done, model in enumerate(usable):
            progress.advance(done, len(usable), "models")
            _credit(warehouse, model, is_first=done == 0)
        progress.advance(len(usable), len(usable), "models")
        if experiments is not None:
            usable += _calibrate(warehouse, usable, experiments, fits, report)
        tested = experimented(warehouse) if experiments is not None else []
        for model in learnt:
            if model.baseline and model.name in fits:
                report.notes += what_to_test(fits.get(f"{model.name}{SUFFIX}", fits[model.name]), tested)
        report.models = [model.name for model in usable]
        _write(warehouse, _credits_out(is_paths=paths is not None), out)
        read_figures(warehouse, fits)
        _write(warehouse, channels_query([model.name for model in usable], CREDITS), channels_out)
    return report


def _calibrate(
    warehouse: DuckDBWarehouse,
    credited: list[Model],
    experiments: Path,
    fits: dict[str, FitResult],
    report: FileReport,
) -> list[Model]:
    """Credit once more, corrected by experiments, what has a baseline to take the difference; adds to `fits`."""
    read_experiments(warehouse, experiments, report)
    found: list[Model] = []
    for model in credited:
        if isinstance(model, FittedModel) and model.baseline:
            results = experiments_of(warehouse, fits[model.name], CREDITS, JOURNEYS)
            found.append(calibrated(model, {NO_TYPE: factors_of(results)}))
            fits[found[-1].name] = corrected(fits[model.name], results)
            _credit(warehouse, found[-1], is_first=False)
            report.notes += [
                f"{model.name} credits {one.channel} nothing in the window of its experiment, which says nothing then"
                for one in results
                if not one.credited > 0
            ]
    if not found:
        report.notes.append(f"none of the models is corrected by {experiments.name}: none keeps a baseline apart")
    return found


def parse_overrides(overrides: Sequence[str]) -> dict[str, Any]:
    """`["time_decay.half_life_days=7"]` as `{"time_decay": {"half_life_days": 7}}`."""
    parsed: dict[str, Any] = {}
    for given in overrides:
        name, equals, value = given.partition("=")
        keys = name.strip().split(".")
        if not equals or len(keys) < 2 or not all(keys):
            raise UsageError(f"{given!r} is not model.parameter=value, e.g. time_decay.half_life_days=7")
        try:
            one: Any = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"the value of {given!r} cannot be read") from error
        for key in reversed(keys):
            one = {key: one}
        parsed = merge(parsed, one)
    return parsed


def _models(
    models: str | Sequence[str], overrides: Sequence[str], rules: Mapping[str, Any]
) -> tuple[list[Model], bool]:
    given = {
        "custom_models": rules.get("custom_models") or {},
        "model_parameters": rules.get("model_parameters") or {},
    }
    all_models(given)  # what the rules say is wrong or right by itself
    given["model_parameters"] = merge(given["model_parameters"], parse_overrides(overrides))
    known = all_models(given)
    names = [name.strip() for name in (models.split(",") if isinstance(models, str) else models)]
    if names == ["all"]:
        return known, True
    if not any(names):
        raise UsageError(f"no model is named; known: {', '.join(sorted(model.name for model in known))}, or all")
    for name in names:
        if name not in {model.name for model in known} and name.removesuffix(SUFFIX) in {model.name for model in known}:
            raise UsageError(f"{name} comes of {name.removesuffix(SUFFIX)} with --experiments; ask for that")
    chosen = select_models(names, known)
    unused = parse_overrides(overrides).keys() - {model.name for model in chosen}
    if unused:
        raise UsageError(f"parameters are set for {', '.join(sorted(unused))}, which is not among the models asked for")
    return chosen, False


def _reads_time(model: Model) -> bool:
    members = model.members.values() if isinstance(model, BlendedModel) else [model]
    return any(
        (isinstance(one, WeightModel) and "days_before_conversion" in one.sql())
        or (isinstance(one, FittedModel) and one.needs_times)
        for one in members
    )


def _usable(chosen: list[Model], *, has_times: bool, is_all: bool, lacking: str, report: FileReport) -> list[Model]:
    timed = [model.name for model in chosen if not has_times and _reads_time(model)]
    if timed and not is_all:
        raise UsageError(f"{', '.join(timed)} weighs touches by time, and {lacking}")
    if timed:
        report.notes.append(f"left out, because {lacking}: {', '.join(timed)}")
    return [model for model in chosen if model.name not in timed]


def _note_milestones(chosen: list[Model], columns: set[str], report: FileReport) -> None:
    for milestone in inputs.FLAGGED:
        users = [
            model.name
            for model in chosen
            if milestone in getattr(model, "positions", ()) or getattr(model, "milestone", None) == milestone
        ]
        if users and f"is_{milestone}" not in columns:
            report.notes.append(
                f"there is no column is_{milestone}, so no touch holds that milestone for {', '.join(users)}"
            )


def _prepare(warehouse: DuckDBWarehouse) -> None:
    """Make CONVERSIONS and TOUCHES as the engine reads them."""
    warehouse.create_from_query(
        f"{CONVERSIONS}_unplaced",
        f"""select row_number() over (order by journey_id) as conversion_key, journey_id, amount,
            {MINOR_UNIT_DIGITS} as minor_unit_digits, cast(null as string) as conversion_type
        from {JOURNEYS} where converted""",
    )
    joined = f"""(select touch.* exclude (touch_number), conversion.conversion_key, conversion.conversion_type
        from {TOUCHED} as touch
        inner join {CONVERSIONS}_unplaced as conversion on touch.journey_id = conversion.journey_id)"""
    warehouse.create_from_query(TOUCHES, inputs.numbered_sql(joined, TOUCH_ORDER))
    warehouse.create_from_query(CONVERSIONS, inputs.placed_sql(f"{CONVERSIONS}_unplaced", TOUCHES))


def _credit(warehouse: DuckDBWarehouse, model: Model, *, is_first: bool) -> None:
    credited = credited_sql(
        f"({shares_sql(model, TOUCHES, CONVERSIONS)})",
        CONVERSIONS,
        {"credited_amount": ("amount", "minor_unit_digits")},
    )
    policy = text(model.policy) if model.policy else "cast(null as string)"
    query = f"""
        select conversion.journey_id, coalesce(touch.given_number, credited.touch_number) as touch_number,
            touch.touched_at, touch.channel, {text(model.name)} as model_name, credited.credit_share,
            credited.credited_amount, {policy} as policy, journey.journey_count, journey.conversions
        from ({credited}) as credited
        inner join {CONVERSIONS} as conversion on credited.conversion_key = conversion.conversion_key
        inner join {JOURNEYS} as journey on conversion.journey_id = journey.journey_id
        left join {TOUCHES} as touch
            on credited.conversion_key = touch.conversion_key and credited.touch_number = touch.touch_number
        order by credited.conversion_key, credited.touch_number"""
    if is_first:
        warehouse.create_from_query(CREDITS, query)
    else:
        warehouse.execute(f"insert into {CREDITS} {query}")


def _credits_out(*, is_paths: bool) -> str:
    if is_paths:
        return f"""select journey_id as path_number, touch_number, channel, model_name, credit_share, conversions,
            credited_amount, policy from {CREDITS}"""
    return f"""select journey_id, touch_number, touched_at, channel, model_name, credit_share, credited_amount, policy
        from {CREDITS}"""


def _write(warehouse: DuckDBWarehouse, query: str, path: Path) -> None:
    """Write a query's rows beside the file and move them over it, so that a half-written file never stands there."""
    beside = path.with_name(f".{path.name}.part")
    options = "(format parquet)" if path.suffix.lower() == ".parquet" else "(format csv, header true)"
    try:
        warehouse.execute(f"copy ({query}) to {text(str(beside))} {options}")
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _make_folder(path: Path) -> None:
    """Make the folder of a file before anything is computed; raises `UsageError` where it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path.parent} cannot be made: {error.strerror}") from error
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name the file to write")
