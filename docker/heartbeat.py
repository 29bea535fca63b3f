"""Health of one Airflow process: exit 0 when its job in the metadata database has a fresh heartbeat.

    python docker/heartbeat.py SchedulerJob|DagProcessorJob|TriggererJob

`airflow jobs check` answers the same question, but imports all of Airflow for it: seconds of CPU every time.
"""

import os
import socket
import sys

import psycopg

STALE_AFTER_SECONDS = 60
LATEST = """
    select extract(epoch from now() - max(latest_heartbeat))
    from job where job_type = %s and hostname = %s and state = 'running'
"""


def main(job_type: str) -> str | None:
    """None when the process is alive, else why it is not held to be."""
    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(LATEST, [job_type, socket.gethostname()]).fetchone()
    if row is None or row[0] is None:
        return f"no {job_type} is running on {socket.gethostname()}"
    return None if row[0] < STALE_AFTER_SECONDS else f"last heartbeat of {job_type} is {row[0]:.0f} s old"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
