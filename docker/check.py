"""Bring docker-compose.yml up for real, let its scheduler run one demo night, look at what is published, take it down.

    python3 docker/check.py [--keep] [--port 18080] [--compose docker-compose]

Works in a compose project and with secrets of its own, so nothing that is running is touched. Needs a container
engine and Python alone. `--keep` leaves everything up to look at, and says how to take it down.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parent.parent
PROJECT = "touchledger-check"
LONG_RUNNING = {"postgres", "api-server", "scheduler", "dag-processor", "triggerer"}


class Stack:
    """One compose project, its command line and its REST API."""

    def __init__(self, compose: str, env_file: Path, port: int) -> None:
        self.command = [*compose.split(), "--env-file", str(env_file), "-p", PROJECT]
        self.base = f"http://localhost:{port}"
        self.password = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if "=" in line)[
            "AIRFLOW_ADMIN_PASSWORD"
        ]
        self.token: str | None = None

    def run(self, *arguments: str, capture: bool = False) -> str:
        """One compose command; a failure ends the check with its output."""
        done = subprocess.run([*self.command, *arguments], cwd=PROJECT_DIR, text=True, capture_output=capture)
        if done.returncode:
            sys.exit(f"`{' '.join(arguments)}` failed:\n{done.stderr if capture else 'see above'}")
        return done.stdout if capture else ""

    def touchledger(self, *arguments: str) -> str:
        """The command line in a container of its own, on the stack's volumes."""
        return self.run("run", "--rm", "-T", "touchledger", *arguments, capture=True)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """One REST call as admin."""
        if self.token is None and path != "/auth/token":
            self.token = self.api("POST", "/auth/token", {"username": "admin", "password": self.password})[
                "access_token"
            ]
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, None if body is None else json.dumps(body).encode(), 30) as answer:
            return json.load(answer)

    def unhealthy(self) -> set[str]:
        """Long-running services that are not healthy yet."""
        listed = subprocess.run(
            [
                "docker",
                "ps",
                "--filter",
                f"label=com.docker.compose.project={PROJECT}",
                "--filter",
                "health=healthy",
                "--format",
                '{{.Label "com.docker.compose.service"}}',
            ],
            text=True,
            capture_output=True,
            check=True,
        )
        return LONG_RUNNING - set(listed.stdout.split())


def wait(what: str, seconds: float, done: Any) -> Any:
    """Ask every two seconds until there is an answer; returns it."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if answer := done():
                return answer
        except (TimeoutError, ConnectionError):
            print(f"no answer yet, still waiting for {what}")
        if time.monotonic() > deadline:
            sys.exit(f"gave up on {what} after {seconds:.0f} s")
        time.sleep(2)


def scheduled_night(now: datetime) -> date:
    """The business date that a DAG of 02:00 UTC runs for when it is unpaused now."""
    return (now - timedelta(hours=2)).date() - timedelta(days=1)


def one_night(stack: Stack) -> None:
    """Deliver a demo company's files, unpause the DAG, and see its scheduled night through."""
    night = scheduled_night(datetime.now(UTC)).isoformat()
    stack.touchledger("demo", "--out", "/srv/touchledger/landing", "--end-date", night, "--accounts", "100")
    dag = "/api/v2/dags/revenue_nightly"

    def parsed() -> bool:
        try:
            return bool(stack.api("GET", dag))
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False

    wait("the DAG to be parsed", 60, parsed)
    stack.api("PATCH", dag, {"is_paused": False})
    since = time.monotonic()

    def finished() -> Any:
        runs = stack.api("GET", f"{dag}/dagRuns")["dag_runs"]
        return [run for run in runs if run["state"] in ("success", "failed")]

    run = wait(f"the night of {night}", 1800, finished)[0]
    tasks = stack.api("GET", f"{dag}/dagRuns/~/taskInstances?limit=100")["task_instances"]
    not_done = [f"{task['task_id']} is {task['state']}" for task in tasks if task["state"] != "success"]
    if run["state"] != "success" or not_done:
        stack.run("logs", "--tail", "40", "scheduler")
        sys.exit(f"the night of {night} ended {run['state']}: {', '.join(not_done)}")
    print(f"the night of {night} took {time.monotonic() - since:.0f} s as {run['dag_run_id']}")

    status = stack.touchledger("status")
    print(status)
    if night not in status:
        sys.exit(f"nothing is published for {night}")
    checksums = stack.touchledger("checksums")
    print(checksums)
    if not checksums.strip():
        sys.exit("no mart is published")


def main() -> None:
    """Up, healthy, one night, down; exit 1 with the reason when something is not as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the stack up")
    parser.add_argument("--port", type=int, default=18080, help="port of Airflow's page (default 18080)")
    parser.add_argument("--compose", default="docker-compose", help="the compose command, e.g. 'docker compose'")
    options = parser.parse_args()

    env_file = Path(tempfile.mkdtemp(prefix="touchledger-check-")) / ".env"
    subprocess.run([sys.executable, "docker/make_env.py", str(env_file)], cwd=PROJECT_DIR, check=True)
    text = env_file.read_text().replace("AIRFLOW_PORT=8080", f"AIRFLOW_PORT={options.port}")
    env_file.write_text(text.replace("LANDING=/", "#LANDING=/"))
    stack = Stack(options.compose, env_file, options.port)
    down = (*stack.command, "down", "--volumes", "--remove-orphans")
    try:
        stack.run("build")
        since = time.monotonic()
        stack.run("up", "-d")
        wait(f"{', '.join(sorted(LONG_RUNNING))} to be healthy", 240, lambda: not stack.unhealthy())
        print(f"healthy after {time.monotonic() - since:.0f} s")
        one_night(stack)
        subprocess.run(["docker", "stats", "--no-stream", "--format", "{{.Name}}  {{.MemUsage}}"], check=True)
    finally:
        if options.keep:
            print(f"left up at {stack.base} (admin, {stack.password}); take it down: {' '.join(down)}")
        else:
            subprocess.run(down, cwd=PROJECT_DIR, check=False)
            env_file.unlink()
            env_file.parent.rmdir()


if __name__ == "__main__":
    main()
