"""Where Touchledger runs: the only module that reads the environment.

Business rules (lookback, sources, models, thresholds) are dbt vars and seeds, read by
`business_rules`; a model's own numbers are in its file. There is no fourth home.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import UsageError

# The engine has threads of its own. Those of the linear algebra under numpy wait for each other in the fits' many small
# products: on busy cores twenty times as long as the products take. It is read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PROJECT_DIR = Path(__file__).resolve().parent.parent


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _default_threads() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """Paths and limits, each from an environment variable `TOUCHLEDGER_<NAME>` or its default."""

    home: Path = field(metadata={"help": "folder of everything a run writes"})
    landing: Path = field(metadata={"help": "folder that extract files are delivered to"})
    warehouse: Path = field(metadata={"help": "the DuckDB file"})
    published: Path = field(metadata={"help": "folder that marts are published to"})
    logs: Path = field(metadata={"help": "folder of step logs"})
    temp: Path = field(metadata={"help": "folder for spilling to disk"})
    dbt_project: Path = field(metadata={"help": "the dbt project"})
    parsed: Path = field(metadata={"help": "folder of the dbt project as dbt parsed it, which homes may share"})
    expectations: Path = field(metadata={"help": "folder of expectation files"})
    target: str = field(metadata={"help": "engine: duckdb"})
    threads: int = field(metadata={"help": "threads of the engine"})
    memory_limit: str = field(metadata={"help": "memory of the engine, e.g. 4GB"})
    vars_file: Path | None = field(metadata={"help": "YAML file of dbt vars laid over the project's"})

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> "Settings":
        """Read settings from `environ` (default: the process's); `overrides` win where not None.

        Raises `UsageError` naming the variable when a value cannot be read.
        """
        env = os.environ if environ is None else environ
        given = {name: value for name, value in overrides.items() if value is not None}

        def value(name: str, default: Any, convert: Any) -> Any:
            text = given.get(name, env.get(variable(name)))
            if text is None or text == "":
                return default
            try:
                return convert(text)
            except (TypeError, ValueError) as error:
                raise UsageError(f"{variable(name)}={text!r} cannot be read: {error}") from error

        home = value("home", _path("var"), _path)
        return cls(
            home=home,
            landing=value("landing", home / "landing", _path),
            warehouse=value("warehouse", home / "warehouse.duckdb", _path),
            published=value("published", home / "published", _path),
            logs=value("logs", home / "logs", _path),
            temp=value("temp", home / "temp", _path),
            dbt_project=value("dbt_project", PROJECT_DIR / "dbt_project", _path),
            parsed=value("parsed", home / "parsed", _path),
            expectations=value("expectations", PROJECT_DIR / "expectations", _path),
            target=value("target", "duckdb", str),
            threads=value("threads", _default_threads(), int),
            memory_limit=value("memory_limit", "4GB", str),
            vars_file=value("vars_file", None, _path),
        )

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables, for a child process (dbt's profile reads them)."""
        return {variable(f.name): str(v) for f in fields(self) if (v := getattr(self, f.name)) is not None}

    def origin(self, name: str, environ: Mapping[str, str] | None = None) -> str:
        """Where the value of one setting came from: its variable, or `default`."""
        env = os.environ if environ is None else environ
        return variable(name) if env.get(variable(name)) else "default"


def variable(name: str) -> str:
    """The environment variable of a setting: `TOUCHLEDGER_<NAME>`."""
    return f"TOUCHLEDGER_{name.upper()}"


def child_environment(settings: Settings) -> dict[str, str]:
    """The process's environment with these settings laid over it, for a child process."""
    return {**os.environ, **settings.environment()}


def business_rules(settings: Settings, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """dbt's vars as Python sees them: `dbt_project.yml`, then `vars_file`, then `overrides`.

    Mappings are laid over key by key, everything else replaces. The result is what dbt is
    given with `--vars`, so both read the same rules.
    """
    project = _read_yaml(settings.dbt_project / "dbt_project.yml").get("vars", {})
    rules = project
    if settings.vars_file is not None:
        rules = merge(rules, _read_yaml(settings.vars_file))
    return merge(rules, overrides or {})


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `over` laid over it; nested mappings are merged, other values replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        return _parse_yaml(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


@cache
def _parse_yaml(path: Path, _modified: int) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path} must hold a mapping of names to values")
    return content
