"""What must not change the journeys, and what the vars change."""

import pytest

from tests.journeys.conftest import Built, World

pytestmark = pytest.mark.slow

RELATIONS = ("fct_journeys", "fct_journey_touches", "fct_accounts_at_risk")


@pytest.fixture(scope="module")
def shuffled(built: Built, world: World, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The same records, written in another order."""
    again = Built(tmp_path_factory.mktemp("shuffled"), world, shuffle=7)
    again.build("build", "--selector", "journeys", "--resource-type", "model", "seed")
    return again


@pytest.mark.parametrize("relation", RELATIONS)
def test_the_order_of_raw_rows_changes_nothing(built: Built, shuffled: Built, relation: str) -> None:
    def rows(of: Built) -> list[str]:
        return sorted(str(list(row.values())) for row in of.query(f"SELECT * FROM journeys.{relation}"))

    assert rows(built)
    assert rows(built) == rows(shuffled)


def test_the_vars_say_whose_touches_count_and_whether_a_win_uses_them_up(shuffled: Built) -> None:
    shuffled.build(
        "run",
        "--select",
        "int_journeys_of_opportunities+",
        "int_journeys_without_opportunity+",
        "--exclude",
        "path:models/marts",
        journey_grain="contact_roles",
        reuse_touches_after_win=True,
    )
    assert shuffled.touches("won:RO3") == ["R1", "R2", "R3", "R4", "R5"]
    assert shuffled.touches("won:WO") == []
    assert shuffled.touches("opportunity:account:QA") == ["Q1"]
    assert shuffled.journey("won:RO3")["journey_grain"] == "contact_roles"
