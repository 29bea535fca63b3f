"""Which touches are inside a journey, and in which order."""

from datetime import date, datetime

from tests.journeys.conftest import BUSINESS_END, Built, World


def world(w: World) -> None:
    w.account("WA")
    w.contact("WC", "WA", created_date="2024-01-01 00:00:00")
    w.opportunity("WO", "WA", "2025-06-01 12:00:00", closed="2025-06-30", won=True)
    w.stage("WO", "Discovery", "2025-06-01 12:00:00")
    w.stage("WO", "Closed Won", "2025-07-01 15:00:00")
    for name, at in {
        "W_too_old": "2024-06-01 11:59:59",
        "W_oldest": "2024-06-01 12:00:00",
        "W_at_creation": "2025-06-01 12:00:00",
        "W_between": "2025-06-10 08:00:00",
        "W_at_close": "2025-07-01 15:00:00",
        "W_too_late": "2025-07-01 15:00:01",
    }.items():
        w.meeting(name, "WC", at)

    w.account("OA")
    w.contact("OC", "OA", email="oc@order.example")
    w.opportunity("OO", "OA", "2025-06-01 12:00:00")
    w.campaign("O_campaign")
    w.email_click("O_click", "oc@order.example", "2025-05-01 10:00:00")
    w.meeting("O_meeting_b", "OC", "2025-05-01 10:00:00")
    w.meeting("O_meeting_a", "OC", "2025-05-01 10:00:00")
    w.response("O_response", "O_campaign", "2025-05-01", contact="OC")

    w.account("ZA")
    w.contact("ZC", "ZA")
    w.opportunity("ZO", "ZA", "2025-06-01 12:00:00", closed="2025-07-01", won=True)
    w.meeting("Z_last_second", "ZC", "2025-07-02 03:59:59")
    w.meeting("Z_next_day", "ZC", "2025-07-02 04:00:00")

    w.account("TA")
    w.contact("TC", "TA")
    w.opportunity("TO_open", "TA", "2026-06-01 12:00:00")
    w.meeting("T_tonight", "TC", "2026-07-01 03:59:59")
    w.meeting("T_tomorrow", "TC", "2026-07-01 04:00:00")


def test_a_journey_holds_the_touches_from_its_lookback_to_the_instant_of_conversion(built: Built) -> None:
    assert built.touches("won:WO") == ["W_oldest", "W_at_creation", "W_between", "W_at_close"]
    assert built.touches("opportunity:WO") == ["W_oldest", "W_at_creation"]
    assert built.flagged("won:WO", "is_opportunity_creation") == ["W_at_creation"]
    assert built.flagged("won:WO", "is_closing") == built.flagged("won:WO", "is_last") == ["W_at_close"]
    assert built.flagged("opportunity:WO", "is_closing") == []


def test_the_history_stamp_is_the_cut_off_and_the_close_date_the_reporting_date(built: Built) -> None:
    won = built.journey("won:WO")
    assert won["converted_at"] == won["closed_at"] == datetime(2025, 7, 1, 15)
    assert won["reporting_date"] == date(2025, 6, 30)
    assert won["touch_count"] == 4


def test_touches_at_one_instant_are_ordered_by_source_precedence_then_id(built: Built) -> None:
    assert built.touches("opportunity:OO") == ["O_response", "O_meeting_a", "O_meeting_b", "O_click"]


def test_a_close_without_a_time_stands_at_the_end_of_the_day_of_the_organisation(built: Built) -> None:
    assert built.touches("won:ZO") == ["Z_last_second"]
    won = built.journey("won:ZO")
    assert won["converted_at"] == datetime(2025, 7, 2, 3, 59, 59, 999999)
    assert won["reporting_date"] == date(2025, 7, 1)


def test_nothing_after_the_business_date_is_known(built: Built) -> None:
    assert built.touches("won:TO_open") == ["T_tonight"]
    journey = built.journey("won:TO_open")
    assert str(journey["ended_at"]) == BUSINESS_END
    assert (journey["outcome"], journey["conversion_id"]) == ("open", None)
    excluded = built.one(
        "SELECT touchpoint_count FROM intermediate.int_touches_excluded WHERE exclusion_reason = 'after_business_date'"
    )
    assert excluded["touchpoint_count"] == 1


def test_days_before_conversion_are_fractional(built: Built) -> None:
    touch = built.one(
        "SELECT days_before_conversion FROM journeys.fct_journey_touches "
        "WHERE journey_id = 'won:WO' AND touch_id LIKE '%W_between'"
    )
    assert touch["days_before_conversion"] == 21 + 7 / 24
