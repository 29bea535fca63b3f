"""The same arguments give the same bytes, whoever does the work."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.demo import simulate
from pipeline.demo.rng import stream


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("file_format", ["csv", "csv.gz", "parquet"])
def test_same_seed_gives_the_same_bytes_twice(tmp_path, file_format):
    for run in ("a", "b"):
        simulate(tmp_path / run / "landing", accounts=12, days=70, file_format=file_format, truth_worlds=1, workers=1)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_another_company(tmp_path):
    for seed in (1, 2):
        simulate(tmp_path / str(seed) / "landing", accounts=20, days=60, seed=seed, truth_worlds=0, workers=1)
    first, second = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert (
        first["landing/salesforce/accounts/2026-06-27/accounts_0000.csv"]
        != (second["landing/salesforce/accounts/2026-06-27/accounts_0000.csv"])
    )


def test_workers_do_not_change_the_bytes(tmp_path):
    for workers in (1, 2):
        simulate(tmp_path / str(workers) / "landing", accounts=2060, days=30, truth_worlds=0, workers=workers)
    alone, together = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert len([name for name in alone if name.endswith("sessions_0001.csv")]) == 1
    assert alone == together


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "theirs.csv").write_text("a\n1\n")
    with pytest.raises(ValueError, match="not written by a simulation"):
        simulate(tmp_path / "landing", accounts=20, days=60)
    assert (tmp_path / "landing" / "theirs.csv").exists()


def test_what_was_simulated_stays_when_the_truth_may_not_go_where_it_was_told(tmp_path):
    landing, theirs = tmp_path / "landing", tmp_path / "theirs"
    simulate(landing, accounts=2, days=30, truth_worlds=0, workers=1)
    before = digests(landing)
    theirs.mkdir()
    (theirs / "a.csv").write_text("a\n1\n")
    for truth in (theirs, landing, landing / "truth", tmp_path):
        with pytest.raises(ValueError, match=r"not written by a simulation|the truth cannot lie in"):
            simulate(landing, accounts=2, days=30, truth_worlds=0, workers=1, truth_dir=truth)
    assert digests(landing) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenario": "default,no_such"}, "unknown scenario 'no_such'; known: .*placebo_channel"),
        ({"dirt": "dust"}, "unknown dirt 'dust'; known: .*malformed"),
        ({"accounts": 0}, "at least 1 account"),
        ({"nights": 400}, "nights must be between"),
        ({"seed": 2**32}, "seed must be between 0 and 4294967295"),
        ({"seed": -1}, "seed must be between"),
        ({"truth_worlds": -1}, "at least 0, not -1"),
        ({"workers": 0}, "at least 1 worker"),
    ],
)
def test_impossible_wishes_are_refused_in_a_sentence(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        simulate(tmp_path / "landing", **{"accounts": 20, "days": 60, **options})


def test_streams_of_different_purposes_share_nothing():
    draws = {
        key: stream(*key).random(4).tobytes()
        for key in [(1, 0, "a"), (1, 0, "b"), (1, 1, "a"), (2, 0, "a"), (1, 0, "a", 1)]
    }
    assert len(set(draws.values())) == len(draws)
    assert np.array_equal(stream(1, 0, "a").random(4), stream(1, 0, "a").random(4))
