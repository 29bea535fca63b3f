"""Sources, one file a system. A new file that declares `SOURCE` is found by itself."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pipeline.errors import unknown_name
from pipeline.sources.contract import Source


@cache
def all_sources() -> Mapping[str, Source]:
    """Every source that has a file here, by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def enabled_sources(rules: Mapping[str, Any]) -> list[Source]:
    """The sources that var `enabled_sources` names, in its order, with var `source_options` applied."""
    known = all_sources()
    options = rules.get("source_options") or {}
    for name in [*rules["enabled_sources"], *options]:
        if name not in known:
            raise unknown_name("source", name, known)
    return [known[name].with_options(options.get(name) or {}) for name in rules["enabled_sources"]]
