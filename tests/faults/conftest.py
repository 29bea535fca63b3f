from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deliveries import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    landing = Landing(tmp_path)
    yield landing
    landing.warehouse.close()
