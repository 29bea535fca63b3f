"""Deals side by side, one after another, in other currencies, and accounts without any."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.journeys.conftest import BUSINESS_END, Built, World


def world(w: World) -> None:
    w.account("RA")
    w.contact("RC", "RA", created_date="2024-01-01 00:00:00")
    for deal, created, won_at in [
        ("RO1", "2025-01-10 12:00:00", "2025-02-01 12:00:00"),
        ("RO2", "2025-01-20 12:00:00", "2025-03-01 12:00:00"),
        ("RO3", "2025-04-01 12:00:00", "2025-05-01 12:00:00"),
    ]:
        w.opportunity(deal, "RA", created, closed=won_at[:10], won=True)
        w.stage(deal, "Closed Won", won_at)
    for name, at in {
        "R1": "2025-01-05 12:00:00",
        "R2": "2025-01-25 12:00:00",
        "R3": "2025-02-15 12:00:00",
        "R4": "2025-03-01 12:00:00",
        "R5": "2025-04-15 12:00:00",
    }.items():
        w.meeting(name, "RC", at)

    # Only RC has a role: where journeys are of contact roles, this colleague stays outside.
    w.contact("RC_other", "RA", created_date="2024-06-01 00:00:00")
    w.meeting("R_other", "RC_other", "2025-04-16 12:00:00")
    for deal in ("RO1", "RO2", "RO3"):
        w.role(deal, "RC", "Champion")

    w.account("XA")
    w.rate("2025-06-01", "EUR", 1.1)
    w.rate("2025-06-16", "EUR", 1.2)
    for deal, currency, amount in [("XO_eur", "EUR", "999.99"), ("XO_usd", "USD", "10.50"), ("XO_jpy", "JPY", "5000")]:
        w.opportunity(
            deal, "XA", "2025-05-01 12:00:00", "2025-06-15", won=True, currency_iso_code=currency, amount=amount
        )

    w.account("LA", created_date="2024-01-01 12:00:00")
    w.opportunity("LO", "LA", "2025-01-01 12:00:00", closed="2025-02-01", won=False)
    w.stage("LO", "Closed Lost", "2025-01-20 12:00:00")
    w.stage("LO", "Negotiation", "2025-01-22 12:00:00")
    w.stage("LO", "Closed Lost", "2025-01-31 12:00:00")

    w.account("UA", created_date="2025-01-01 12:00:00", industry="Software", number_of_employees=250)
    w.account("QA", website="quit.example")
    w.lead("QL1", "2025-01-01 12:00:00", {"Disqualified": "2025-03-01 12:00:00"}, email="a@quit.example")
    w.lead("QL2", "2025-01-01 12:00:00", {"Disqualified": "2025-04-01 12:00:00"}, email="b@quit.example")
    w.email_click("Q1", "a@quit.example", "2025-03-15 12:00:00")
    w.email_click("Q2", "a@quit.example", "2025-04-01 12:00:01")


@pytest.mark.parametrize(
    ("journey", "touches"),
    [
        ("won:RO1", ["R1", "R2"]),
        ("won:RO2", ["R1", "R2", "R3", "R4"]),  # open beside RO1: touches are shared
        ("opportunity:RO3", []),
        ("won:RO3", ["R5", "R_other"]),  # opened after both wins: it begins after the latest
    ],
)
def test_a_later_deal_begins_after_the_previous_win_and_concurrent_ones_share(
    built: Built, journey: str, touches: list[str]
) -> None:
    assert built.touches(journey) == touches
    assert built.journey(journey)["touch_count"] == len(touches)


def test_amounts_are_converted_at_the_latest_rate_by_the_reporting_date(built: Built) -> None:
    eur = built.journey("won:XO_eur")
    assert (eur["exchange_rate"], eur["exchange_rate_date"]) == (Decimal("1.1"), date(2025, 6, 1))
    assert eur["amount_reporting"] == Decimal("1099.99")
    usd = built.journey("won:XO_usd")
    assert (usd["amount_reporting"], usd["exchange_rate"]) == (Decimal("10.5"), 1)
    jpy = built.journey("won:XO_jpy")
    assert (jpy["amount_reporting"], jpy["minor_unit_digits"], jpy["amount"]) == (None, 0, 5000)
    assert built.journey("opportunity:XO_eur")["amount_reporting"] is None  # opened before the first rate


def test_a_lost_deal_did_not_convert_and_ends_at_its_last_close(built: Built) -> None:
    lost = built.journey("won:LO")
    assert (lost["outcome"], lost["conversion_id"], lost["is_converted"]) == ("lost", None, False)
    assert lost["ended_at"] == datetime(2025, 1, 31, 12)
    assert built.journey("opportunity:LO")["is_converted"]


def test_an_account_without_a_deal_has_a_journey_and_is_at_risk_though_never_touched(built: Built) -> None:
    journey = built.journey("opportunity:account:UA")
    assert (journey["outcome"], journey["touch_count"], str(journey["ended_at"])) == ("open", 0, BUSINESS_END)
    risks = built.query("SELECT * FROM journeys.fct_accounts_at_risk WHERE account_id = 'UA' ORDER BY conversion_type")
    assert [row["conversion_type"] for row in risks] == ["mql", "opportunity", "sal", "sql", "won"]
    assert {row["observed_from"] for row in risks} == {datetime(2025, 1, 1, 12)}
    assert {str(row["observed_until"]) for row in risks} == {BUSINESS_END}
    assert {(row["industry"], row["employee_count"], row["is_converted"]) for row in risks} == {
        ("Software", 250, False)
    }


def test_an_account_whose_people_were_all_disqualified_ends_at_the_last_of_them(built: Built) -> None:
    journey = built.journey("opportunity:account:QA")
    assert (journey["outcome"], journey["ended_at"]) == ("disqualified", datetime(2025, 4, 1, 12))
    assert built.touches("opportunity:account:QA") == ["Q1"]


def test_an_account_that_converted_stays_at_risk_of_doing_so_again(built: Built) -> None:
    won = built.one("SELECT * FROM journeys.fct_accounts_at_risk WHERE account_id = 'RA' AND conversion_type = 'won'")
    assert won["is_converted"]
    assert won["converted_at"] == datetime(2025, 2, 1, 12)
    assert str(won["observed_until"]) == BUSINESS_END
