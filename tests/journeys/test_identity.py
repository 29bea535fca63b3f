"""Who a touch belongs to: visitor, email, person, account."""

import pytest

from tests.journeys.conftest import Built, World


def world(w: World) -> None:
    # A chain of merges, and two records that name each other.
    w.account("IA1", master_record_id="IA2", is_deleted=True)
    w.account("IA2", master_record_id="IA3", is_deleted=True)
    w.account("IA3")
    w.contact("IC_old", "IA1", master_record_id="IC", is_deleted=True)
    w.contact("IC", "IA1")
    w.opportunity("IO", "IA2", "2025-06-01 12:00:00")
    w.meeting("I_meeting", "IC_old", "2025-05-01 12:00:00")
    w.account("IX1", master_record_id="IX2")
    w.account("IX2", master_record_id="IX1")
    w.opportunity("IXO", "IX2", "2025-06-01 12:00:00")

    # Domains.
    w.account("FA")
    w.contact("FC", "FA", email="owner@gmail.com")
    w.lead("FL", "2025-01-01 12:00:00", email="other@gmail.com")
    w.account("VA", website="https://www.verified.example/about")
    w.lead("VL", "2025-01-01 12:00:00", email="someone@verified.example")
    w.event("V_event", "2025-03-01")
    w.attendance("V_attendance", "V_event", "unknown@verified.example", "2025-03-01")
    w.account("GA1", website="shared.example", created_date="2024-01-01 00:00:00")
    w.account("GA2", website="shared.example", created_date="2023-01-01 00:00:00")
    w.lead("GL", "2025-01-01 12:00:00", email="gl@shared.example")
    for number in (1, 2):
        w.contact(f"HC{number}", w.account(f"HA{number}"), email=f"hc{number}@consultant.example")
    w.lead("HL", "2025-01-01 12:00:00", email="hl@consultant.example")
    w.account("KA", name="The Kappa Company, Inc.")
    w.lead("KL", "2025-01-01 12:00:00", email="kl@gmail.com", company="KAPPA")

    # A lead converted into an account that had people and history.
    w.account("EA")
    w.contact("EC0", "EA", email="ec0@existing.example", created_date="2024-12-01 00:00:00")
    w.contact("EC1", "EA", email="el@existing.example", created_date="2025-03-01 14:00:00", owner_id="E_executive")
    w.lead(
        "EL",
        "2025-02-01 12:00:00",
        email="el@private.example",
        owner_id="E_developer",
        is_converted=True,
        converted_date="2025-03-01",
        converted_account_id="EA",
        converted_contact_id="EC1",
        converted_opportunity_id="EO",
    )
    w.opportunity("EO", "EA", "2025-03-01 15:00:00")
    w.lead(
        "ENL",
        "2025-02-01 12:00:00",
        email="enl@private.example",
        is_converted=True,
        converted_date="2025-03-01",
        converted_account_id="EA",
        converted_contact_id="never_delivered",
    )
    w.email_click("E_before", "el@private.example", "2025-02-10 12:00:00")
    w.email_click("E_other", "ec0@existing.example", "2025-02-11 12:00:00")

    # Visitors.
    w.lead("AL", "2025-02-01 12:00:00", {"Marketing Qualified": "2025-03-02 12:00:00"}, email="v1@anonymous.example")
    w.session("A_before", "AV", "2025-01-05 12:00:00")
    w.form("A_form", "AV", "2025-02-01 12:00:00", "V1@Anonymous.example ")
    w.session("A_after", "AV", "2025-03-01 12:00:00")
    w.session("A_stranger", "AV_other", "2025-02-01 12:00:00")
    for person in ("p", "q"):
        w.lead(f"BL_{person}", "2025-01-01 12:00:00", email=f"{person}@both.example")
    w.session("B_first", "BV", "2025-01-15 12:00:00")
    w.form("B_form_nobody", "BV", "2025-01-20 12:00:00", "nobody@elsewhere.example")
    w.form("B_form_p", "BV", "2025-02-01 12:00:00", "p@both.example")
    w.session("B_second", "BV", "2025-02-15 12:00:00")
    w.form("B_form_q", "BV", "2025-03-01 12:00:00", "q@both.example")
    w.session("B_third", "BV", "2025-03-15 12:00:00")

    # One address, two records.
    w.lead("JL1", "2025-01-01 12:00:00", {"Marketing Qualified": "2025-03-01 12:00:00"}, email="same@twins.example")
    w.lead("JL2", "2025-01-02 12:00:00", {"Marketing Qualified": "2025-03-01 12:00:00"}, email="Same@twins.example")
    w.email_click("J_click", "same@twins.example", "2025-02-01 12:00:00")


def test_merged_accounts_and_people_are_their_survivors(built: Built) -> None:
    assert built.journey("opportunity:IO")["account_id"] == "IA3"
    touch = built.one("SELECT * FROM intermediate.int_touches WHERE touch_id LIKE '%:I_meeting'")
    assert (touch["person_id"], touch["person_rule"], touch["account_id"]) == ("IC", "crm_record", "IA3")
    assert built.touches("opportunity:IO") == ["I_meeting"]
    risks = built.query("SELECT DISTINCT account_id FROM journeys.fct_accounts_at_risk WHERE account_id LIKE 'IA%'")
    assert risks == [{"account_id": "IA3"}]


def test_records_merged_into_each_other_are_one_account(built: Built) -> None:
    assert built.journey("opportunity:IXO")["account_id"] == "IX1"
    accounts = built.query("SELECT account_id FROM intermediate.int_accounts WHERE account_id LIKE 'IX%'")
    assert accounts == [{"account_id": "IX1"}]


@pytest.mark.parametrize(
    ("person", "account", "rule"),
    [
        ("FL", None, None),  # free mail shows no company
        ("VL", "VA", "email_domain"),
        ("GL", "GA2", "email_domain"),  # of two accounts with one website the oldest
        ("HL", None, None),  # an address of contacts at two accounts shows neither
        ("KL", "KA", "company_name"),
        ("EC1", "EA", "crm_account"),
        ("ENL", "EA", "converted_account"),
    ],
)
def test_people_are_linked_to_accounts_by_rules(
    built: Built, person: str, account: str | None, rule: str | None
) -> None:
    row = built.one("SELECT * FROM intermediate.int_people_resolved WHERE person_id = ?", person)
    assert (row["account_id"], row["account_rule"]) == (account, rule)
    links = built.query(
        "SELECT to_id, rule FROM intermediate.int_identity_links WHERE from_type = 'person' AND from_id = ?", person
    )
    assert links == ([{"to_id": account, "rule": rule}] if account else [])


def test_a_stranger_with_a_company_address_touches_the_company(built: Built) -> None:
    touch = built.one("SELECT * FROM intermediate.int_touches WHERE touch_id LIKE '%:V_attendance'")
    assert (touch["person_id"], touch["account_id"], touch["account_rule"]) == (None, "VA", "email_domain")


def test_what_a_lead_did_before_it_joined_an_existing_account_is_in_the_journey(built: Built) -> None:
    assert built.touches("opportunity:EO") == ["E_before", "E_other"]
    touch = built.one("SELECT person_id FROM intermediate.int_touches WHERE touch_id LIKE '%:E_before'")
    assert touch["person_id"] == "EC1"


def test_stages_of_a_lead_are_its_owners_after_it_became_the_contact_of_another(built: Built) -> None:
    owner = built.one("SELECT owner_id FROM intermediate.int_people_resolved WHERE person_id = 'EC1'")
    entries = built.query("SELECT DISTINCT owner_id FROM intermediate.int_stage_entries WHERE unit_id = 'EC1'")
    assert (owner["owner_id"], entries) == ("E_executive", [{"owner_id": "E_developer"}])


def test_anonymous_visits_before_the_form_belong_to_the_person_who_filled_it(built: Built) -> None:
    assert built.touches("mql:AL:1") == ["A_before", "A_form", "A_after"]
    stranger = built.one("SELECT person_id FROM intermediate.int_touches WHERE touch_id LIKE '%:A_stranger'")
    assert stranger["person_id"] is None


def test_a_shared_visitor_belongs_to_who_identified_last_and_at_first_to_the_first(built: Built) -> None:
    rows = built.query(
        "SELECT touch_id, person_id FROM intermediate.int_touches WHERE visitor_id = 'BV' ORDER BY touched_at"
    )
    people = {row["touch_id"].split(":", 2)[2]: row["person_id"] for row in rows}
    assert people == {
        "B_first": "BL_p",
        "B_form_nobody": "BL_p",  # an address that nobody has identifies nobody
        "B_form_p": "BL_p",
        "B_second": "BL_p",
        "B_form_q": "BL_q",
        "B_third": "BL_q",
    }


def test_people_with_one_address_share_its_touches(built: Built) -> None:
    assert built.touches("mql:JL1:1") == built.touches("mql:JL2:1") == ["J_click"]
