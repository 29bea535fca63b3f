"""Who may import whom: `dags → steps → rooms → sources → warehouse → settings → errors`."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: For each part of `pipeline`, the other parts it may import. The longest matching name counts.
MAY_IMPORT: dict[str, set[str]] = {
    "pipeline.errors": set(),
    "pipeline.progress": set(),
    "pipeline.settings": {"errors"},
    "pipeline.warehouse": {"errors", "settings"},
    "pipeline.sources": {"errors"},
    "pipeline.landing": {"errors", "progress", "settings", "sources", "warehouse"},
    "pipeline.attribution": {"errors", "progress", "settings", "warehouse"},
    "pipeline.attribution.models": {
        "attribution.model",
        "attribution.fitted",
        "attribution.case_cohort",
        "attribution.exposures",
        "attribution.excess_hazard",
        "attribution.later_conversions",
        "attribution.unrecorded",
    },
    "pipeline.attribution.later_conversions": set(),
    "pipeline.attribution.touch_process": set(),
    "pipeline.attribution.touch_process_fit": {"attribution.touch_process"},
    "pipeline.clv": {"errors", "progress", "settings", "warehouse"},
    "pipeline.clv.bg_nbd": {"clv.likelihood"},
    "pipeline.clv.gamma_gamma": {"clv.likelihood"},
    "pipeline.clv.likelihood": set(),
    "pipeline.quality": {"errors", "progress", "settings", "warehouse"},
    "pipeline.publish": {"errors", "progress", "settings", "warehouse"},
    "pipeline.demo": set(),
    "pipeline.dbt": {"errors", "progress", "settings", "warehouse"},
    "pipeline.step_runs": {"errors", "settings", "warehouse"},
}

#: What a fitted model may use beside `pipeline.attribution.model`.
MODEL_LIBRARIES = {"numpy", "scipy", "pandas", "math"}


def modules() -> list[Path]:
    found = sorted((ROOT / "pipeline").rglob("*.py"))
    assert len(found) > 20, "the import rules looked at almost nothing"
    return found


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] + "." if node.level else ""
            stem = (base + (node.module or "")).rstrip(".")
            names |= {f"{stem}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_pipeline_runs_with_airflow_uninstalled(path: Path):
    assert not {name for name in imports(path) if name.partition(".")[0] == "airflow"}


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_each_room_imports_only_what_lies_below_it(path: Path):
    name = module_name(path)
    room = max((part for part in MAY_IMPORT if name == part or name.startswith(part + ".")), key=len, default=None)
    if room is None:
        return  # steps, the command line and what it shows may import every room
    allowed = {f"pipeline.{part}" for part in MAY_IMPORT[room]} | {room}
    inside = {name for name in imports(path) if name.startswith("pipeline.")}
    outside = {name for name in inside if not any(name == part or name.startswith(part + ".") for part in allowed)}
    assert not outside, f"{name} imports {outside}; {room} may import {sorted(allowed)}"


@pytest.mark.parametrize("path", sorted((ROOT / "pipeline/attribution/models").glob("*.py")), ids=module_name)
def test_a_model_needs_nothing_but_its_declaration_and_numerics(path: Path):
    standard = set(sys.stdlib_module_names)
    roots = {name.partition(".")[0] for name in imports(path)}
    assert roots <= MODEL_LIBRARIES | standard | {"pipeline"}


def test_only_settings_reads_the_environment():
    readers = {
        module_name(path)
        for path in modules()
        if any(name in path.read_text(encoding="utf-8") for name in ("os.environ", "os.getenv", "getenv("))
    }
    assert readers == {"pipeline.settings"}
