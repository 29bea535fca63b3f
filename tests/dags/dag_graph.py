"""The DAGs' edges as text, so that a changed edge shows in review.

python -m tests.dags.dag_graph        rewrites tests/dags/<dag>.graph
"""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def lines(dag: Any) -> str:
    """One line per task: id, what sets it apart, and the tasks that wait for it."""
    described = []
    for task in dag.topological_sort():
        marks = [
            *(["mapped"] if task.is_mapped else []),
            *([f"pool={task.pool}"] if task.pool != "default_pool" else []),
            *([f"when={task.trigger_rule.value}"] if task.trigger_rule != "all_success" else []),
            *(f"emits={asset.name}" for asset in task.outlets or []),
        ]
        after = ", ".join(sorted(task.downstream_task_ids)) or "(end)"
        described.append(f"{' '.join([task.task_id, *(f'[{mark}]' for mark in marks)])} -> {after}")
    return "\n".join(described) + "\n"


def golden(dag_id: str) -> Path:
    """The file that holds a DAG's edges."""
    return HERE / f"{dag_id}.graph"


def main() -> None:
    """Write the edges of every DAG of the project."""

    from tests.dags.conftest import parse

    for dag_id, dag in parse().dags.items():
        golden(dag_id).write_text(lines(dag))
        print(f"wrote {golden(dag_id)}")


if __name__ == "__main__":
    main()
