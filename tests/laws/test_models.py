"""The laws of credit, for every registered model, unasked: a model's file is enough to be judged here.

Learnt models are fitted on the world they are judged in, save where a law speaks of what a frozen fit does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.laws.generated import Credits, Worlds, journeys, variants

MODELS = variants()
CreditsIn = Callable[[str], Credits]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    opened = Worlds()
    yield opened
    opened.close()


@pytest.fixture(params=MODELS)
def credits_in(request: pytest.FixtureRequest, worlds: Worlds) -> CreditsIn:
    """The credits of one model in a world given by name."""
    return lambda world: worlds.credits(world, request.param, MODELS[request.param])


def shares(found: Credits) -> dict[tuple[str, Any], float]:
    return {(key, row["touch_id"]): row["credit_share"] for key, rows in found.items() for row in rows}


def assert_agree(found: Credits, expected: Credits) -> None:
    """The same credits, doubles to 1e-9: what is learnt is sums of doubles, whose order engines choose."""
    assert found.keys() == expected.keys()
    for key, rows in expected.items():
        for row, other in zip(rows, found[key], strict=True):
            for column, value in row.items():
                wanted = pytest.approx(value, abs=1e-9) if isinstance(value, float) else value
                assert other[column] == wanted, (key, column)


def test_every_conversion_is_there_and_its_shares_are_a_whole(credits_in: CreditsIn):
    found = credits_in("as it is")
    assert found.keys() == {journey.conversion_id for journey in journeys()}
    for key, rows in found.items():
        assert abs(sum(row["credit_share"] for row in rows) - 1) < 1e-9, key
        assert all(0 <= row["credit_share"] <= 1 for row in rows), key
        assert len({row["touch_id"] for row in rows}) == len(rows), key


def test_credited_amounts_sum_to_the_amount_exactly(credits_in: CreditsIn):
    found = credits_in("as it is")
    for journey in journeys():
        rows, facts = found[journey.conversion_id or ""], journey.row()
        for amount, credited, digits in (
            (facts["amount"], "credited_amount", journey.minor_unit_digits),
            (facts["amount_reporting"], "credited_amount_reporting", 2),
        ):
            parts = [row[credited] for row in rows]
            if amount is None:
                assert parts == [None] * len(rows), journey
                continue
            unit = Decimal(10) ** -digits
            assert sum(parts) == amount, journey
            assert all(part * amount >= 0 for part in parts), f"a part has another sign: {journey}"
            assert sum(part % unit != 0 for part in parts) <= 1, f"parts that are no whole minor unit: {journey}"
            for row, part in zip(rows, parts, strict=True):
                assert abs(part - Decimal(row["credit_share"]) * amount) <= 2 * unit, f"far from its share: {journey}"


def test_one_touch_gets_all_and_no_touch_leaves_it_unattributed(credits_in: CreditsIn):
    touched = {f"{one.conversion_type}:lone {one.unit_id}": bool(one.touches) for one in journeys()}
    for key, rows in credits_in("lone").items():
        kind = "touch" if touched[key] else "unattributed"
        baseline = sum(row["credit_share"] for row in rows if row["credit_kind"] == "baseline")
        others = [(row["credit_kind"], row["credit_share"]) for row in rows if row["credit_kind"] != "baseline"]
        assert others == [(kind, pytest.approx(1 - baseline, abs=1e-12))], key
        assert baseline == 0 or touched[key], key


def test_a_credit_explains_itself(credits_in: CreditsIn):
    for key, rows in credits_in("as it is").items():
        if all(row["credit_kind"] == "touch" for row in rows):
            weights = [row["base_weight"] + row["reallocated_weight"] for row in rows]
            for row, weight in zip(rows, weights, strict=True):
                assert abs(row["credit_share"] - weight / sum(weights)) < 1e-9, key


def test_neither_the_order_of_rows_nor_a_touch_that_is_delivered_twice_matters(credits_in: CreditsIn):
    assert_agree(credits_in("shuffled and twice"), credits_in("as it is"))


def test_relabelling_channels_relabels_credit_and_scaling_amounts_leaves_its_shares(credits_in: CreditsIn):
    assert shares(credits_in("relabelled")) == pytest.approx(shares(credits_in("as it is")), abs=1e-9)


def test_adding_conversions_leaves_other_accounts_alone(credits_in: CreditsIn):
    before, after = credits_in("as it is"), credits_in("with others")
    assert_agree({key: rows for key, rows in after.items() if key in before}, before)


def test_the_generated_journeys_reach_what_the_laws_are_about():
    batch = journeys()
    days = [[touch.days for touch in one.touches] for one in batch]
    assert sum(not one for one in days) > 5, "without touches"
    assert sum(len(one) == 1 for one in days) > 5, "of one touch"
    assert sum(len(set(one)) < len(one) for one in days) > 20, "with touches at one instant"
    assert sum(any(len(touch.holds) > 1 for touch in one.touches) for one in batch) > 20, "with several milestones"
    assert sum(one.amount is not None and Decimal(one.amount) < 0 for one in batch) > 20, "with a negative amount"
    assert {one.conversion_type for one in batch} == {"mql", "sal", "sql", "opportunity", "won"}
