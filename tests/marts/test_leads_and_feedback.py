"""What sales made of leads, and what teams and customers say, on the small company."""

import pytest


def cell(marts, kpi: str, segment: str = "overall", value: str = "all") -> list[tuple]:
    """Name, value, numerator, denominator and n of a KPI's cells of all time, by name."""
    return marts.rows(
        f"""select kpi, value, numerator, denominator, n from marts.{kpi}
            where period_grain = 'all_time' and segment_type = ? and segment_value = ? order by kpi, value_kind""",
        [segment, value],
    )


def test_hand_overs_that_are_taken_back_skipped_or_never_decided_are_no_acceptance(marts):
    # P1's acceptance is inferred, P3 was never decided, P5 was disqualified.
    assert cell(marts, "kpi_sal_acceptance_of_decided") == [("sal_acceptance_of_decided", None, 0, 0, 0)]
    assert cell(marts, "kpi_sal_acceptance_of_delivered") == [("sal_acceptance_of_delivered", 0, 0, 3, 3)]
    assert marts.rows(
        """select delivered_count, undecided_count, stagnant_count, is_decided_below_threshold,
               is_delivered_below_threshold
           from marts.mart_sal_acceptance where month_start = date '2026-04-01' and segment_type = 'overall'"""
    ) == [(1, 1, 1, None, True)]


def test_responses_of_a_converted_lead_are_found_under_its_contact(marts):
    # P3 was called after three minutes, P1 (as lead L1) written to after a day, P5 never heard of anybody.
    assert dict(marts.rows("select person_id, response_minutes from marts.fct_lead_handovers")) == {
        "P1": 1440,
        "P3": 3,
        "P5": None,
    }
    assert [row[1:4] for row in cell(marts, "kpi_lead_response_shares") if row[0] == "lead_response_never"] == [
        (1 / 3, 1, 3)
    ]


def test_a_meeting_to_come_is_booked_and_not_held(marts):
    assert marts.rows(
        "select account_id, touches_to_booked, touches_to_held from marts.fct_first_meetings order by 1"
    ) == [("A1", 3, None), ("A2", 1, 1)]


@pytest.mark.parametrize(("team", "expected"), [("sales", (40, 200, 5, 5)), ("marketing", (None, None, None, 4))])
def test_the_enps_of_a_team_of_four_is_not_shown(marts, team, expected):
    # Three promoters, one passive and one detractor of five; four answers are too few.
    assert [row[1:] for row in cell(marts, "kpi_enps", "team", team)] == [expected]


def test_a_pulse_is_favourable_from_four_of_five(marts):
    assert [row[1:] for row in cell(marts, "kpi_pulse_favourable_share")] == [(0.6, 3, 5, 5)]
    assert [row[1:] for row in cell(marts, "kpi_survey_participation", "survey_type", "pulse")] == [(5 / 6, 5, 6, 6)]


def test_what_customers_say(marts):
    assert [row[1:4] for row in cell(marts, "kpi_complaint_share")] == [(1 / 3, 1, 3)]
    assert [row[1:4] for row in cell(marts, "kpi_broken_promise_share")] == [(1 / 3, 1, 3)]
    assert [row[1:4] for row in cell(marts, "kpi_customer_satisfaction")] == [(0.5, 1, 2)]
