"""What `touchledger doctor` tells: each value with its origin, and what would stop a run."""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from pipeline.errors import TouchledgerError
from pipeline.settings import Settings, business_rules, variable

LEAST_FREE_GIB = 1


def settings_with_origin(settings: Settings, options: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """`(setting, value, origin)`: an option, an environment variable or the default."""
    return [
        (
            field.name,
            str(getattr(settings, field.name)),
            f"--{field.name}" if options.get(field.name) else settings.origin(field.name),
        )
        for field in fields(settings)
    ]


def rules_with_origin(settings: Settings, given: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """`(var, value, origin)`: `--vars`, the vars file, or `dbt_project.yml`."""
    rules = business_rules(settings, given)
    project = business_rules(replace(settings, vars_file=None))
    with_file = business_rules(settings)

    def origin(name: str) -> str:
        if name in given:
            return "--vars"
        if with_file.get(name) != project.get(name):
            return f"{variable('vars_file')} ({settings.vars_file})"
        return "dbt_project.yml"

    return [(name, str(value), origin(name)) for name, value in rules.items()]


def problems(settings: Settings, rules: Mapping[str, Any]) -> list[str]:
    """What would stop or hurt a run, a sentence each; empty when all is well."""
    return list(_problems(settings, rules))


def _problems(settings: Settings, rules: Mapping[str, Any]) -> Iterator[str]:
    from pipeline.attribution import enabled_models
    from pipeline.sources import as_dbt_sources, enabled_sources
    from pipeline.warehouse.lock import holder

    for check in (
        lambda: enabled_sources(rules),
        lambda: enabled_models(rules),
        lambda: as_dbt_sources.check(settings.dbt_project),
    ):
        try:
            check()
        except TouchledgerError as error:
            yield str(error)
    if not settings.landing.is_dir():
        yield f"there is no landing folder at {settings.landing}: deliver extracts there, or set {variable('landing')}"
    above = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    if not os.access(above, os.W_OK):
        yield f"{above} cannot be written to: set {variable('home')}"
    elif (free := shutil.disk_usage(above).free / 2**30) < LEAST_FREE_GIB:
        yield f"only {free:.1f} GiB are free under {above}"
    writer = holder(settings.warehouse)
    if writer:
        yield f"the warehouse is being written by {writer}"
