"""One run of dbt over a parsed project that is kept: a program of its own, started by `pipeline.dbt`.

    python -P dbt_process.py KEPT RESULTS FLAGS ARGUMENT...

KEPT is the file of the parsed project, named by all that parsing reads; RESULTS is where the results of nodes go; FLAGS
are those that both parsing and running take, a JSON list; ARGUMENT... is the command. Where the file is there dbt is
given what it holds, and else parses the project and leaves it there, for the next night too. dbt's own partial parsing
begins anew whenever a var has changed, and a night's business date is one.

What it prints are lines of JSON like dbt's own: warnings, errors, and each node as it is done. dbt prints nothing
itself: it would turn every event into JSON before it looks at the level, and most are of a level that nobody reads.

It imports nothing of the project: `pipeline` has a module `dbt`, too.
"""

import fcntl
import gc
import json
import os
import sys
from pathlib import Path

from dbt.cli.exceptions import DbtUsageException
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder, write_manifest
from dbt_common.events.base_types import EventMsg

#: As many parsed projects are kept in a folder, the ones that were used last.
MOST_KEPT = 16
#: A manifest of the whole project would be written twice a run; who wants one asks for it (`parse`).
QUIET = ["--log-level", "none", "--no-write-json"]


def parsed(kept: Path, flags: list[str]) -> Manifest | None:
    """The parsed project, read from `kept` or parsed and left there; None where dbt could not parse it, and said so."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who wants the same waits for it, and others do not
        if kept.exists():
            kept.touch()
            manifest = Manifest.from_msgpack(kept.read_bytes(), extended_mashumuro_decoder)
            manifest.build_flat_graph()
            return manifest
        done = dbtRunner(callbacks=[tell]).invoke(["parse", *QUIET, *flags])
        if not done.success or not isinstance(done.result, Manifest):
            return None
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_bytes(done.result.to_msgpack(extended_mashumaro_encoder))
        written.replace(kept)
        _keep_the_last(kept.parent)
        return done.result


def _keep_the_last(folder: Path) -> None:
    used = sorted(folder.glob("*.msgpack"), key=lambda file: file.stat().st_mtime)
    for file in used[:-MOST_KEPT]:
        file.unlink(missing_ok=True)
        file.with_suffix(".lock").unlink(missing_ok=True)


def tell(event: EventMsg) -> None:
    """Print what the parent reads of an event: a warning, an error, or how many nodes are done."""
    said = {"info": {"level": event.info.level, "msg": event.info.msg}}
    if all(hasattr(event.data, name) for name in ("index", "total", "status")):
        said["data"] = {name: getattr(event.data, name) for name in ("index", "total", "status")}
    if "data" in said or event.info.level in ("warn", "error"):
        print(json.dumps(said), flush=True)


def main() -> int:
    """Run dbt; its exit code: 1 where a model or test failed, 2 where it could not run."""
    gc.disable()  # looking through the parsed project for cycles again and again takes a fifth of building the marts
    kept, results, flags, arguments = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), sys.argv[4:]
    manifest = parsed(kept, flags)
    if manifest is None:
        return 2
    done = dbtRunner(manifest, callbacks=[tell]).invoke([*arguments, *QUIET, *flags])
    if arguments == ["parse"]:  # what it is asked for is the artifact
        write_manifest(manifest, flags[flags.index("--target-path") + 1])
    elif done.result is not None:
        done.result.write(results)
    if isinstance(done.exception, DbtUsageException):  # any other dbt tells itself
        print(done.exception, file=sys.stderr)
    return 0 if done.success else 1 if done.exception is None else 2


if __name__ == "__main__":
    sys.exit(main())
