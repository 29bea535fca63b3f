import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.errors import WarehouseBusyError
from pipeline.warehouse.lock import holder, writing

HOLD = """
import sys, time
from pathlib import Path
from pipeline.warehouse.lock import writing
with writing(Path(sys.argv[1]), "touchledger run --date 2026-06-30"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_stops_with_a_sentence_that_names_the_first(tmp_path: Path):
    path = tmp_path / "warehouse.duckdb"
    with hold(path, 30) as first:
        assert "touchledger run --date 2026-06-30" in (holder(path) or "")
        with (
            pytest.raises(WarehouseBusyError, match=rf"run --date 2026-06-30.*process {first.pid}.*--wait"),
            writing(path, "publish"),
        ):
            pass
        first.kill()


def test_a_second_writer_may_wait(tmp_path: Path):
    path = tmp_path / "warehouse.duckdb"
    with hold(path, 1), writing(path, "publish", wait_seconds=20):
        assert holder(path) is None, "what this process holds is not somebody else's"


def test_a_killed_writer_leaves_nothing_to_clean_up(tmp_path: Path):
    path = tmp_path / "warehouse.duckdb"
    with hold(path, 30) as first:
        first.kill()
    started = time.monotonic()
    with writing(path, "publish"), writing(path, "a step of the same run"):
        pass
    assert time.monotonic() - started < 5
