"""What there is: the registries a person can choose from, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.settings import Settings

CATALOGUE = ("sources", "models", "marts", "expectations", "steps")
Rows = Sequence[Sequence[object]]


def catalogue(kind: str, settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    """Headers and rows of one kind."""
    return {
        "sources": _sources,
        "models": _models,
        "marts": _marts,
        "expectations": _expectations,
        "steps": _steps,
    }[kind](settings, rules)


def _sources(settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    from pipeline.sources import all_sources

    enabled = rules["enabled_sources"]
    return ["source", "kind", "enabled", "delivers"], [
        (source.name, source.kind, source.name in enabled, ", ".join(entity.name for entity in source.entities))
        for source in all_sources().values()
    ]


def _models(settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    from pipeline.attribution import all_models, enabled_models

    enabled = {model.name for model in enabled_models(rules)}
    return ["model", "enabled", "what it does"], [
        (model.name, model.name in enabled, model.description) for model in all_models(rules)
    ]


def _marts(settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    folder = settings.dbt_project / "models" / "marts"
    return ["mart", "defined in"], [
        (path.stem, str(path.relative_to(settings.dbt_project))) for path in sorted(folder.rglob("*.sql"))
    ]


def _expectations(settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    return ["table", "file"], [
        (path.stem.replace("__", ".", 1), path.name) for path in sorted(settings.expectations.glob("*.yml"))
    ]


def _steps(settings: Settings, rules: Mapping[str, Any]) -> tuple[Sequence[str], Rows]:
    from pipeline import steps

    return ["step", "what it does"], [
        (name, (getattr(steps, name).__doc__ or "").splitlines()[0])
        for name in ("ingest", *steps.AFTER_INGEST, *steps.APART)
    ]
