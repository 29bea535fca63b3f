"""Which touch holds which milestone."""

from datetime import datetime

from tests.journeys.conftest import Built, World


def world(w: World) -> None:
    w.account("MA")
    w.lead(
        "ML",
        "2025-03-01 12:00:00",
        {
            "Marketing Qualified": "2025-03-05 00:00:00",
            "Sales Accepted": "2025-03-06 12:00:00",
            "Sales Qualified": "2025-03-10 12:00:00",
            "Converted": "2025-03-20 12:00:00",
        },
        email="A@milestones.example",
        is_converted=True,
        converted_date="2025-03-20",
        converted_account_id="MA",
        converted_contact_id="MC1",
        converted_opportunity_id="MO",
    )
    w.contact("MC1", "MA", email="a@milestones.example", created_date="2025-03-20 12:00:00")
    w.contact("MC2", "MA", email="b@milestones.example", created_date="2025-03-15 12:00:00")
    w.opportunity("MO", "MA", "2025-04-01 12:00:00", closed="2025-05-01", won=True)
    w.stage("MO", "Closed Won", "2025-05-01 09:00:00")
    w.role("MO", "MC2", "Champion")
    w.role("MO", "MC1", "Decision Maker", primary=True)
    for name, person, at in [
        ("M1", "a", "2025-02-20 12:00:00"),
        ("M2", "b", "2025-02-28 12:00:00"),
        ("M3", "a", "2025-03-01 12:10:00"),
        ("M4", "b", "2025-03-05 00:00:00"),
        ("M5", "a", "2025-03-06 10:00:00"),
        ("M6", "a", "2025-03-20 12:00:00"),
        ("M7", "b", "2025-04-01 12:00:00"),
        ("M8", "a", "2025-04-20 12:00:00"),
    ]:
        w.email_click(name, f"{person}@milestones.example", at)

    for lead, touches in {
        "NL": {"N_too_old": "2024-11-30 12:00:00", "N_too_late": "2025-03-01 12:15:01"},
        "NL_edge": {"N_oldest": "2024-12-01 12:00:00"},
    }.items():
        w.lead(lead, "2025-03-01 12:00:00", {"Marketing Qualified": "2025-03-02 12:00:00"}, email=f"{lead}@n.example")
        for name, at in touches.items():
            w.email_click(name, f"{lead}@n.example", at)

    w.lead("SL", "2025-03-01 12:00:00", {"Marketing Qualified": "2025-03-02 12:00:00",
           "Sales Qualified": "2025-03-04 12:00:00"}, email="sl@s.example")  # fmt: skip
    w.email_click("S1", "sl@s.example", "2025-02-28 12:00:00")

    w.account("DA")
    for lead, contact, opportunity in [("DL1", "DC1", "DO1"), ("DL2", "DC2", None)]:
        w.contact(contact, "DA", created_date="2025-06-01 16:00:00")
        w.lead(
            lead,
            "2025-05-20 12:00:00",
            is_converted=True,
            converted_date="2025-06-01",
            converted_account_id="DA",
            converted_contact_id=contact,
            converted_opportunity_id=opportunity,
        )
    w.opportunity("DO1", "DA", "2025-06-01 16:00:00")


def test_each_milestone_is_held_by_one_touch_of_the_group(built: Built) -> None:
    flags = ["is_first", "is_lead_creation", "is_mql", "is_sal", "is_sql", "is_opportunity_creation", "is_closing"]
    held = {flag: built.flagged("won:MO", flag) for flag in flags}
    assert held == {
        "is_first": ["M1"],
        "is_lead_creation": ["M3"],  # the lead's own touch, stamped within the tolerance of the clocks
        "is_mql": ["M4"],  # the group's touch, at the very instant
        "is_sal": ["M5"],
        "is_sql": ["M5"],
        "is_opportunity_creation": ["M7"],
        "is_closing": ["M8"],
    }
    counts = built.query(
        "SELECT milestone_count FROM journeys.fct_journey_touches WHERE journey_id = 'won:MO' ORDER BY touch_number"
    )
    assert [row["milestone_count"] for row in counts] == [0, 0, 1, 1, 2, 0, 1, 1]


def test_the_role_in_the_deal_travels_with_the_touch(built: Built) -> None:
    roles = built.query(
        "SELECT DISTINCT person_id, buying_role FROM journeys.fct_journey_touches "
        "WHERE journey_id = 'won:MO' ORDER BY person_id"
    )
    assert roles == [
        {"person_id": "MC1", "buying_role": "decision_maker"},
        {"person_id": "MC2", "buying_role": "champion"},
    ]


def test_a_lead_and_the_contact_it_became_are_one_person_with_one_journey_a_stage(built: Built) -> None:
    assert built.touches("mql:MC1:1") == ["M1", "M3"]
    assert built.touches("sal:MC1:1") == ["M1", "M3", "M5"]
    assert built.flagged("sal:MC1:1", "is_mql") == ["M3"]
    mql = built.journey("mql:MC1:1")
    assert mql["lead_created_at"] == datetime(2025, 3, 1, 12)
    assert (mql["person_id"], mql["account_id"], mql["journey_grain"]) == ("MC1", "MA", "person")
    assert built.query("SELECT 1 FROM journeys.fct_journeys WHERE unit_id = 'ML'") == []


def test_a_touch_too_old_or_after_the_tolerance_created_no_lead(built: Built) -> None:
    assert built.touches("mql:NL:1") == ["N_too_old", "N_too_late"]
    assert built.flagged("mql:NL:1", "is_lead_creation") == []
    assert built.flagged("mql:NL_edge:1", "is_lead_creation") == ["N_oldest"]


def test_a_skipped_stage_is_inferred_and_neither_converts_nor_fails_to(built: Built) -> None:
    entry = built.one(
        "SELECT * FROM intermediate.int_stage_entries WHERE unit_type = 'person' AND unit_id = 'SL' AND stage = 'sal'"
    )
    assert entry["is_inferred"]
    assert entry["entered_at"] == entry["left_at"] == datetime(2025, 3, 4, 12)
    assert built.query("SELECT 1 FROM journeys.fct_journeys WHERE journey_id LIKE 'sal:SL:%'") == []
    assert built.flagged("sql:SL:1", "is_sal") == []
    assert built.journey("sql:SL:1")["sal_at"] is None


def test_a_conversion_without_a_time_never_stands_after_the_deal_it_made(built: Built) -> None:
    entries = built.query(
        "SELECT unit_id, stage, entered_at, is_inferred FROM intermediate.int_stage_entries "
        "WHERE unit_id IN ('DC1', 'DC2') AND stage = 'sql' ORDER BY unit_id"
    )
    assert entries == [
        {"unit_id": "DC1", "stage": "sql", "entered_at": datetime(2025, 6, 1, 16), "is_inferred": True},
        {
            "unit_id": "DC2",
            "stage": "sql",
            "entered_at": datetime(2025, 6, 2, 3, 59, 59, 999999),
            "is_inferred": True,
        },
    ]
