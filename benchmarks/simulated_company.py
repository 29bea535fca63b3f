"""How fast and in how much memory a company is simulated.

    python benchmarks/simulated_company.py --accounts 69000 --out /some/empty/folder

writes about ten million touches (146 an account in two years) and prints one line of JSON: touches,
rows, seconds, touches a second, gigabytes written, and the most memory used by parent and workers
together (an upper bound: every worker at its own peak at once).
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path

from pipeline.demo import simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=69_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--scenario", default="default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--format", default="parquet", choices=("csv", "csv.gz", "parquet"))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--truth-worlds", type=int, default=0, help="lives lived again without each channel")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    began = time.perf_counter()
    summary = simulate(
        options.out / "landing",
        accounts=options.accounts,
        days=options.days,
        scenario=options.scenario,
        seed=options.seed,
        file_format=options.format,
        workers=options.workers,
        truth_worlds=options.truth_worlds,
    )
    seconds = time.perf_counter() - began
    parent, worker = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    size = sum(path.stat().st_size for path in summary.landing.rglob("*") if path.is_file())
    print(
        json.dumps(
            {
                "accounts": options.accounts,
                "days": options.days,
                "format": options.format,
                "workers": options.workers,
                "touches": summary.touches,
                "rows": sum(summary.rows.values()),
                "seconds": round(seconds, 1),
                "cpu_seconds": round(cpu, 1),
                "touches_per_second": round(summary.touches / seconds),
                "gigabytes_written": round(size / 1e9, 2),
                "gigabytes_of_memory": round((parent + options.workers * worker) / 1e6, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
