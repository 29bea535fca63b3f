"""The reference says what the code does."""

import re
from pathlib import Path

from benchmarks.simulated_company_parameters import PAGE, page

ROOT = Path(__file__).parents[2]


def test_the_page_of_parameters_is_what_the_code_says():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), (
        "run python benchmarks/simulated_company_parameters.py and review the diff"
    )


def test_every_picture_of_the_world_is_there():
    page = ROOT / "docs" / "reference" / "simulated_company.md"
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", page.read_text(encoding="utf-8"))
    assert pictures
    assert [name for name in pictures if not (page.parent / name).exists()] == []
