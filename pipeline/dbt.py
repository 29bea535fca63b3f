"""Runs dbt as a child process: one `dbt build` a layer, with the run's own vars."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import StepError, examples
from pipeline.progress import Progress
from pipeline.settings import Settings, child_environment
from pipeline.warehouse import lock

FAILED = {"error", "fail", "runtime error", "skipped"}
#: Dates that move on. Each is read by the macro of its name alone, as SQL is compiled, and nothing that is parsed hangs
#: on it: with another date the parsed project stays as it is.
NOT_PARSED = {"business_date", "closed_through"}
#: The examples beside the models are the project's own tests, not a night's.
_NIGHT = {"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"}
_ENVIRONMENT_VARIABLE = re.compile(rb"""env_var\(\s*['"](\w+)""")
_PROCESS = Path(__file__).with_name("dbt_process.py")


def build(settings: Settings, rules: Mapping[str, Any], selector: str, progress: Progress) -> dict[str, Any]:
    """Build one layer: models, seeds and their tests, chosen by a selector of `selectors.yml`.

    Returns counts of results by status and the names of tests that warned. Raises `StepError`
    naming the first failures and the log. dbt's own environment variables hold.
    """
    progress.phase(f"dbt: {selector}")
    results = run(settings, rules, ["build", "--selector", selector], progress, _NIGHT)
    nodes = [(result["unique_id"], result["status"], result.get("message") or "") for result in results]
    warned = sorted(name.split(".")[2] for name, status, _ in nodes if status == "warn")
    return {"results": dict(Counter(status for _, status, _ in nodes)), "warned": warned}


def run(
    settings: Settings,
    rules: Mapping[str, Any],
    arguments: Sequence[str],
    progress: Progress,
    defaults: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Run a dbt command against the warehouse and return `run_results.json`'s results.

    defaults: environment variables that dbt is given where the process has no such.
    """
    results, exit_code, said = _call(settings, rules, arguments, progress, "run_results.json", defaults or {})
    failures = [result for result in results if result["status"] in FAILED]
    if exit_code == 0 and not failures:
        return results
    broken = [result for result in failures if result["status"] != "skipped"] or failures
    if broken:
        names = examples(f"{r['unique_id'].split('.')[2]} ({_first_line(r.get('message'))})" for r in broken)
        raise StepError(
            f"dbt {arguments[0]}: {len(broken)} failed: {names}. Full log: {_log_path(settings) / 'dbt.log'}"
        )
    raise _stopped(settings, arguments, said)


def freshness(
    settings: Settings, rules: Mapping[str, Any], sources: Sequence[str], progress: Progress
) -> list[dict[str, Any]]:
    """How long ago each entity of `sources` was delivered: the results of `dbt source freshness`.

    Results have `unique_id`, `status` (pass, warn, error), `max_loaded_at` and `max_loaded_at_time_ago_in_s`.
    Raises `StepError` when an age could not be computed.
    """
    arguments = ["source", "freshness", "--select", *(f"source:{name}" for name in sources)]
    results, _, said = _call(settings, rules, arguments, progress, "sources.json", {})
    if not results or any(result["status"] == "runtime error" for result in results):
        raise _stopped(settings, arguments, said)
    return results


def _call(
    settings: Settings,
    rules: Mapping[str, Any],
    arguments: Sequence[str],
    progress: Progress,
    results_file: str,
    defaults: Mapping[str, str],
) -> tuple[list[dict[str, Any]], int, list[str]]:
    """Run dbt. Returns the results that it left, its exit code and its last messages."""
    target_path, log_path = settings.home / "dbt_target", _log_path(settings)
    settings.temp.mkdir(parents=True, exist_ok=True)
    path = target_path / results_file
    path.unlink(missing_ok=True)
    flags = [
        *("--log-path", str(log_path), "--log-format-file", "text"),
        *("--log-level-file", "info"),  # every statement is in the target folder
        *("--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project)),
        *("--target", settings.target, "--target-path", str(target_path)),
        *("--vars", json.dumps(rules, default=str)),
    ]
    kept = settings.parsed / f"{parsed_from(settings, rules)}.msgpack"
    # -P: beside the program lies this file, which is called like what it imports.
    command = [sys.executable, "-P", str(_PROCESS), str(kept), str(path), json.dumps(flags), *arguments]
    environment = {
        **defaults,
        **child_environment(settings),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    tail: deque[str] = deque(maxlen=20)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=settings.dbt_project,
        # The child holds the lock too: if this process is killed, nobody else writes until dbt has ended.
        pass_fds=lock.descriptors(),
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                tail.append(_message(line))
                _report(line, progress)
        except BaseException:  # a time limit, Ctrl-C: leaving the block would wait for dbt to finish
            process.kill()
            raise
    results = json.loads(path.read_text())["results"] if path.exists() else []
    return results, process.returncode, [message for message in tail if message]


def parsed_from(settings: Settings, rules: Mapping[str, Any]) -> str:
    """A hash of all that parsing reads: the project's files, vars, the engine and its database, dbt.

    Environment variables too, of files that name them; the profile's are of the connection, and read by every run.
    """
    environment = child_environment(settings)
    parts = [version("dbt-core"), version("dbt-duckdb"), settings.target, settings.warehouse.stem]
    parts.append(json.dumps({name: rules[name] for name in sorted(rules.keys() - NOT_PARSED)}, default=str))
    digest = hashlib.sha256("\0".join([*parts, str(settings.dbt_project)]).encode())
    for path in sorted(settings.dbt_project.rglob("*")):
        inside = path.relative_to(settings.dbt_project)
        if path.is_file() and inside.parts[0] not in {"target", "logs"} and not inside.name.startswith("."):
            content = path.read_bytes()
            named = [] if inside.name == "profiles.yml" else sorted(set(_ENVIRONMENT_VARIABLE.findall(content)))
            read = [environment.get(name.decode(), "") for name in named]
            digest.update(json.dumps([str(inside), hashlib.sha256(content).hexdigest(), read]).encode())
    return digest.hexdigest()[:16]


def _stopped(settings: Settings, arguments: Sequence[str], said: Sequence[str]) -> StepError:
    lines = [
        f"dbt {arguments[0]} stopped before it ran anything:",
        *said,
        f"Full log: {_log_path(settings) / 'dbt.log'}",
    ]
    return StepError(os.linesep.join(lines))


def _log_path(settings: Settings) -> Path:
    return settings.logs / "dbt"


def _message(line: str) -> str:
    try:
        event = json.loads(line)["info"]
    except (ValueError, KeyError, TypeError):
        return line.rstrip()
    return event["msg"] if event.get("level") in ("error", "warn") else ""


def _report(line: str, progress: Progress) -> None:
    try:
        data = json.loads(line)["data"]
        done, total = int(data["index"]), int(data["total"])
    except (ValueError, KeyError, TypeError):
        return
    if "status" in data:
        progress.advance(done, total, "nodes")


def _first_line(message: str | None) -> str:
    lines = [line.strip() for line in (message or "no message").splitlines() if line.strip()]
    return " ".join(lines[:3])[:300]
