"""Releases on disk: built aside, sealed by a rename, made current by a link that is swapped at once.

    published/
      current -> releases/2026-06-30-0007      what readers open
      releases/2026-06-30-0007/                never changed once it is there
      releases/.building/                      what a crash leaves behind; the next publication clears it

Whoever has a file of an older release open keeps reading it, even after the release is deleted.
"""

import json
import os
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

CURRENT = "current"
MANIFEST = "manifest.json"
_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}-(\d{4,})")


def begin(published: Path) -> Path:
    """An empty folder to build the next release in."""
    building = published / "releases" / ".building"
    if building.exists():
        shutil.rmtree(building)
    building.mkdir(parents=True)
    return building


def seal(building: Path, business_date: date) -> Path:
    """Flush a finished release to disk and give it its name, `<business date>-<sequence>`."""
    for path in sorted(building.rglob("*"), reverse=True):
        _flush(path)
    _flush(building)
    number = 1 + max((_sequence(release) for release in releases(building.parent.parent)), default=0)
    release = building.rename(building.parent / f"{business_date.isoformat()}-{number:04d}")
    _flush(release.parent)
    return release


def make_current(published: Path, release: Path) -> None:
    """Point `current` at a release: readers see the old one or the new one, never neither."""
    link = published / ".current-next"
    link.unlink(missing_ok=True)
    link.symlink_to(release.relative_to(published), target_is_directory=True)
    link.rename(published / CURRENT)
    _flush(published)


def drop_old(published: Path, keep: int) -> list[str]:
    """Delete all but the `keep` newest releases, never the current one; the names of those deleted."""
    current = current_release(published)
    old = releases(published)[: -max(keep, 1)]
    dropped = [release for release in old if release != current]
    for release in dropped:
        shutil.rmtree(release)
    return [release.name for release in dropped]


def releases(published: Path) -> list[Path]:
    """The sealed releases, in the order they were published."""
    folder = published / "releases"
    found = [path for path in folder.iterdir() if _RELEASE.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=_sequence)


def current_release(published: Path) -> Path | None:
    """The release that readers see, None before the first publication."""
    link = published / CURRENT
    return published / "releases" / link.readlink().name if link.is_symlink() and link.exists() else None


def current_manifest(published: Path) -> dict[str, Any] | None:
    """What is published: the current release's manifest, None when there is none that can be read."""
    release = current_release(published)
    try:
        return json.loads((release / MANIFEST).read_text(encoding="utf-8")) if release else None
    except (OSError, ValueError):
        return None


def _sequence(release: Path) -> int:
    match = _RELEASE.fullmatch(release.name)
    return int(match.group(1)) if match else 0


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
