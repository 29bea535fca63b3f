"""One act that several systems saw is one touch."""

from tests.journeys.conftest import Built, World


def world(w: World) -> None:
    w.lead("1L", "2025-02-01 10:06:00", {"Marketing Qualified": "2025-02-10 12:00:00"}, email="one@act.example")
    w.campaign("1_campaign")
    w.ad_click("1_click", "2025-02-01 10:00:00", "1V")
    w.session("1_session", "1V", "2025-02-01 10:00:05", click_id="1_click")
    w.form("1_form", "1V", "2025-02-01 10:05:00", "one@act.example", session_id="1_session")
    w.form("1_second_form", "1V", "2025-02-01 10:20:00", "one@act.example", session_id="1_session")
    w.response("1_response", "1_campaign", "2025-02-01", lead="1L")
    w.session("1_later_session", "1V", "2025-02-01 12:00:00")

    w.lead("2L", "2025-02-01 12:00:00", {"Marketing Qualified": "2025-03-10 12:00:00"}, email="two@act.example")
    w.campaign("2_campaign", "Trade Show")
    w.campaign("2_other_campaign", "Trade Show")
    w.event("2_event", "2025-03-03", "2_campaign")
    w.attendance("2_attendance", "2_event", "two@act.example", "2025-03-03", attended_at="2025-03-04 01:00:00")
    w.response("2_response", "2_campaign", "2025-03-03", lead="2L")
    w.response("2_other_response", "2_other_campaign", "2025-03-03", lead="2L")

    w.lead("3L", "2025-02-01 12:00:00", {"Marketing Qualified": "2025-03-10 12:00:00"}, email="three@act.example")
    w.email_click("3_click", "three@act.example", "2025-03-01 10:00:00", visitor_id="3V")
    w.session("3_session", "3V", "2025-03-01 10:00:20", utm_source="newsletter", utm_medium="email")
    w.session("3_search", "3V", "2025-03-01 10:05:00", referrer_url="https://www.google.com/")


def test_click_session_form_and_response_are_one_touch(built: Built) -> None:
    assert built.touches("mql:1L:1") == ["1_form", "1_second_form", "1_later_session"]
    touch = built.one("SELECT * FROM intermediate.int_touches WHERE touch_id LIKE '%:1_form'")
    assert touch["merged_touch_count"] == 3
    assert touch["channel"] == "paid_search_non_brand"  # the ad click knows better than the form behind it
    assert touch["campaign_id"] == "1_campaign"


def test_every_match_keeps_its_rule_and_evidence(built: Built) -> None:
    rows = built.query(
        "SELECT split_part(touch_id, ':', 3) AS absorbed, split_part(kept_touch_id, ':', 3) AS kept, "
        "split_part(surviving_touch_id, ':', 3) AS survivor, rule, evidence "
        "FROM intermediate.int_touch_matches WHERE surviving_touch_id LIKE '%:1_form' ORDER BY absorbed"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("1_click", "1_form", "1_form", "form_fill_and_ad_click", "visitor_id=1V"),
        ("1_response", "1_form", "1_form", "form_fill_and_response", "person_key=1L"),
        ("1_session", "1_click", "1_form", "ad_click_and_session", "click_id=1_click"),
    ]


def test_a_response_is_the_attendance_of_the_same_person_campaign_and_day(built: Built) -> None:
    assert built.touches("mql:2L:1") == ["2_other_response", "2_attendance"]


def test_a_session_is_the_email_click_only_if_email_led_to_it(built: Built) -> None:
    assert built.touches("mql:3L:1") == ["3_click", "3_search"]
