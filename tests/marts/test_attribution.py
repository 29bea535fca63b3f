"""How models differ, which paths convert, who was engaged, why credit went where, and what it was before."""

from datetime import date
from decimal import Decimal


def test_models_are_compared_channel_by_channel(marts):
    assert marts.rows(
        """select channel, model_name, goals, credited_count, credited_share, credited_amount_reporting,
               channel_rank_number, spread_share
           from marts.mart_model_comparison where conversion_type = 'won' order by 1, 2"""
    ) == [
        ("paid_search_brand", "first_touch", "awareness", 1.0, 1.0, Decimal(1000), 1, 0.5),
        ("paid_search_brand", "linear", None, 0.5, 0.5, Decimal(500), 1, 0.5),
        ("webinar", "first_touch", "awareness", 0.0, 0.0, Decimal(0), 2, 0.5),
        ("webinar", "linear", None, 0.5, 0.5, Decimal(500), 1, 0.5),
    ]


def test_disagreement_names_the_models(marts):
    assert marts.rows(
        """select lowest_model_name, lowest_share, highest_model_name, highest_share, spread_share, rank_spread_count
           from marts.mart_model_disagreement where conversion_type = 'won' and channel = 'webinar'"""
    ) == [("first_touch", 0.0, "linear", 0.5, 0.5, 1)]


def test_paths_count_journeys_that_converted_and_that_did_not(marts):
    assert marts.rows(
        """select conversion_type, channel_path, path_rank_number, conversion_count, share_of_conversions,
               not_converted_count, open_count, amount_reporting, median_touch_count
           from marts.mart_top_paths
           where conversion_type in ('won', 'opportunity') and path_form = 'steps' order by 1, 3"""
    ) == [
        ("opportunity", "paid_search_brand > webinar", 1, 1, 1 / 3, 0, 0, Decimal(1000), 2.0),
        ("opportunity", "paid_social", 2, 1, 1 / 3, 0, 0, Decimal(600), 1.0),
        ("opportunity", "no_touch", 3, 1, 1 / 3, 0, 0, Decimal(300), 0.0),
        ("won", "paid_search_brand > webinar", 1, 1, 1.0, 0, 0, Decimal(1000), 2.0),
    ]


def test_journeys_are_measured_by_month(marts):
    assert marts.rows(
        """select conversion_count, untouched_count, single_touch_count, median_touch_count,
               round(median_days_from_first_touch, 4), median_days_from_lead_created
           from marts.mart_journey_length_and_velocity
           where conversion_type = 'won' and segment_type = 'overall'"""
    ) == [(1, 0, 0, 2.0, 69.2535, 69.0)]


def test_engagement_by_role_shows_who_was_never_reached(marts):
    assert marts.rows(
        """select buying_role, people_count, touched_people_count, touch_count, last_30_days_touch_count,
               days_since_last_touch
           from marts.mart_account_engagement where account_id = 'A1' order by 1"""
    ) == [
        ("champion", 1, 1, 1, 0, 176),
        ("decision_maker", 1, 1, 1, 0, 149),
        ("influencer", 1, 0, 0, 0, None),
        ("unidentified", 0, 0, 1, 1, 5),
    ]


def test_every_touch_is_explained_also_where_it_earned_nothing(marts):
    assert marts.rows(
        """select touch_number, person_name, channel, position_roles, credit_share, credited_amount, currency
           from marts.mart_credit_explanations
           where model_name = 'first_touch' and conversion_id = 'won:O1' order by 1"""
    ) == [
        (1, "Ann Alder", "paid_search_brand", "first", 1.0, Decimal(1000), "USD"),
        (2, "Bo Birch", "webinar", None, 0.0, Decimal(0), "USD"),
    ]
    assert marts.rows(
        """select credit_kind, credit_reason, channel from marts.mart_credit_explanations
           where model_name = 'linear' and conversion_id = 'opportunity:O3'"""
    ) == [("unattributed", "no_touches", "unattributed")]


def test_versions_say_when_they_held(marts):
    assert marts.rows(
        """select credited_amount, is_current, valid_from_date, valid_to_date from marts.fct_credit_versions
           where model_name = 'first_touch' and conversion_id = 'opportunity:O1' order by valid_from_run"""
    ) == [
        (Decimal(900), False, date(2026, 6, 29), date(2026, 6, 30)),
        (Decimal(1000), True, date(2026, 6, 30), None),
    ]
    assert marts.rows("select reason, amount_before, amount_after from marts.fct_credit_changes") == [
        ("amount_edit", Decimal(900), Decimal(1000))
    ]


def test_quarantine_is_counted_up_to_the_business_date(marts):
    assert marts.rows(
        """select source_system, quarantined_kind, rule, column_name, quarantined_count, physical_line_count,
               affected_file_count, round(quarantined_share, 6)
           from marts.mart_data_quality order by 1"""
    ) == [
        ("ads", "record", "type", "clicked_at", 2, 3, 1, round(2 / 98, 6)),
        ("web", "file", "truncated", "whole_record", 1, None, 1, None),
    ]


def test_credits_as_of_a_past_night_are_that_nights(marts):
    assert dict(marts.rows("select asked, amount from marts.asked_credits_as_of")) == {
        "run 1": Decimal(2500),
        "2026-06-29": Decimal(2500),
        "2026-07-15": Decimal(5600),
    }


def test_without_a_corrected_model_no_factor_is_shown(marts):
    # The world holds a calibration, of experiments on MQLs, and no credit that follows from it.
    assert marts.value("select count(*) from attribution.calibrations") > 0
    assert marts.value("select count(*) from marts.mart_experiment_calibration") == 0


def test_without_a_model_that_keeps_a_baseline_nothing_is_said_to_be_worth_a_test(marts):
    assert marts.value("select count(*) from marts.mart_model_fits where is_newest and status = 'fitted'") > 0
    assert marts.value("select count(*) from marts.mart_experiment_candidates") == 0
