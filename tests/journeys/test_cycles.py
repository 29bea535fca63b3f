"""People who go through the funnel more than once, step back, or leave it."""

from datetime import datetime

import pytest

from tests.journeys.conftest import BUSINESS_END, Built, World


def world(w: World) -> None:
    w.lead(
        "CL",
        "2025-01-01 12:00:00",
        {
            "Marketing Qualified": "2025-01-10 12:00:00",
            "Sales Accepted": "2025-01-11 12:00:00",
            "Recycled": "2025-02-01 12:00:00",
            "Marketing Qualified#2": "2025-08-01 12:00:00",
            "Sales Rejected": "2025-08-05 12:00:00",
        },
        email="cl@cycles.example",
    )
    w.email_click("C1", "cl@cycles.example", "2025-01-05 12:00:00")
    w.email_click("C2", "cl@cycles.example", "2025-07-20 12:00:00")

    w.lead(
        "CL_back",
        "2025-01-01 12:00:00",
        {
            "Marketing Qualified": "2025-01-10 12:00:00",
            "Sales Accepted": "2025-01-11 12:00:00",
            "Marketing Qualified#2": "2025-01-12 12:00:00",
        },
    )
    w.account("CA")
    w.opportunity("CO", "CA", "2025-04-01 12:00:00")
    w.contact("CC", "CA", created_date="2025-06-10 13:00:00")
    w.lead(
        "CL_joins",
        "2025-05-01 12:00:00",
        {"Marketing Qualified": "2025-05-02 12:00:00", "Sales Accepted": "2025-05-03 12:00:00"},
        is_converted=True,
        converted_date="2025-06-10",
        converted_account_id="CA",
        converted_contact_id="CC",
        converted_opportunity_id="CO",
    )
    w.opportunity("CO_again", "CA", "2025-09-01 12:00:00", "2025-10-01", won=True, type="Expansion")
    w.role("CO_again", "CC", "Champion", primary=True)
    w.lead("CL_open", "2026-01-01 12:00:00")
    w.lead("CL_out", "2026-01-01 12:00:00", {"Disqualified": "2026-02-01 12:00:00"})


@pytest.mark.parametrize(
    ("journey", "outcome", "ended_at"),
    [
        ("mql:CL:1", "converted", datetime(2025, 1, 10, 12)),
        ("mql:CL:2", "converted", datetime(2025, 8, 1, 12)),
        ("sal:CL:1", "converted", datetime(2025, 1, 11, 12)),
        ("sal:CL:2", "lost", datetime(2025, 8, 5, 12)),
        ("sql:CL:1", "lost", datetime(2025, 2, 1, 12)),
        ("sql:CL:2", "lost", datetime(2025, 8, 5, 12)),
        ("mql:CL_out:1", "disqualified", datetime(2026, 2, 1, 12)),
        ("sql:CL_out:1", "disqualified", datetime(2026, 2, 1, 12)),
        ("mql:CL_open:1", "open", datetime.fromisoformat(BUSINESS_END)),
    ],
)
def test_each_cycle_has_its_own_journey_a_stage(built: Built, journey: str, outcome: str, ended_at: datetime) -> None:
    row = built.journey(journey)
    assert (row["outcome"], row["ended_at"]) == (outcome, ended_at)
    assert row["conversion_id"] == (journey if outcome == "converted" else None)


def test_a_second_cycle_has_the_touches_of_its_own_lookback(built: Built) -> None:
    assert built.touches("mql:CL:1") == ["C1"]
    assert built.touches("mql:CL:2") == ["C2"]
    assert built.journey("sal:CL:2")["mql_at"] == datetime(2025, 8, 1, 12)


def test_a_step_back_without_an_end_stays_in_its_cycle(built: Built) -> None:
    entries = built.query(
        "SELECT stage, cycle_number, entry_count, has_regression, left_at FROM intermediate.int_stage_entries "
        "WHERE unit_id = 'CL_back' ORDER BY entered_at"
    )
    assert [tuple(row.values()) for row in entries] == [
        ("inquiry", 1, 1, False, datetime(2025, 1, 10, 12)),
        ("mql", 1, 2, True, datetime(2025, 1, 11, 12)),
        ("sal", 1, 1, False, datetime(2025, 1, 12, 12)),
    ]


def test_a_lead_comes_to_a_deal_that_was_open_before_it_when_it_is_converted(built: Built) -> None:
    """And to none of those that its account is sold later."""
    entries = built.query(
        "SELECT stage, strftime(entered_at - INTERVAL 5 HOUR, '%Y-%m-%d') AS day, is_inferred "
        "FROM intermediate.int_stage_entries WHERE unit_type = 'person' AND unit_id = 'CC' "
        "ORDER BY entered_at, stage DESC"
    )
    assert [tuple(row.values()) for row in entries] == [
        ("inquiry", "2025-05-01", False),
        ("mql", "2025-05-02", False),
        ("sal", "2025-05-03", False),
        ("sql", "2025-06-10", True),
        ("opportunity", "2025-06-10", False),
    ]
