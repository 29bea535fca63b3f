"""Evaluations and fits as marts: which of them counts, and what follows from spend, goals and experiments."""

import re

import pytest

from pipeline.attribution.cards import read_card
from pipeline.errors import UsageError
from pipeline.publish.evaluation import render
from pipeline.warehouse import open_warehouse
from tests.marts.conftest import Later


def test_the_newest_answer_is_that_of_each_model_up_to_the_night(marts):
    rows = marts.rows(
        """select evaluation_number, model_name, is_newest, business_date::varchar, log_loss, reason is null
           from marts.mart_evaluation_predictions order by 1, 2"""
    )
    assert rows == [
        (1, "first_touch", True, "2026-06-23", 0.65, True),
        (1, "linear", False, "2026-06-23", 0.6, True),
        (2, "linear", True, "2026-06-30", None, False),
    ]


def test_a_model_that_loses_to_a_baseline_is_said_to(marts):
    assert marts.rows(
        """select model_name, total_variation, best_baseline_name, best_baseline_total_variation, loses_to_baseline
           from marts.mart_evaluation_truth order by 1"""
    ) == [("linear", 0.3, "linear", 0.3, False), ("markov", 0.45, "linear", 0.3, True)]


def test_questions_that_nobody_asked_have_no_rows(marts):
    for question in ("placebo", "permutation", "stability", "calibration", "summary", "truth_channels"):
        assert marts.value(f"select count(*) from marts.mart_evaluation_{question}") == 0


def test_a_night_weighs_by_the_newest_fit_of_its_own_declaration(marts):
    # 16 was made after the night had credited, which declares neither markov nor shapley.
    rows = marts.rows("select fit_number, model_name, status, is_newest from marts.mart_model_fits order by 1")
    assert rows == [
        (11, "linear", "fitted", False),
        (12, "linear", "fitted", True),
        (13, "linear", "fitted", False),
        (15, "markov", "not_enough_data", False),
        (16, "linear", "fitted", False),
        (17, "shapley", "fitted", False),
    ]


def test_a_share_stands_beside_its_interval_and_what_the_refit_changed(marts):
    assert marts.rows(
        """select channel, channel_credit_share, channel_credit_share_low, channel_credit_share_high
           from marts.mart_model_comparison where model_name = 'linear' and conversion_type = 'won' order by 1"""
    ) == [("paid_search_brand", 0.4, 0.2, 0.6), ("webinar", 0.6, 0.4, 0.8)]
    assert marts.rows(
        """select channel, channel_credit_share_before, touch_credit_conversions_change,
               touch_credit_amount_reporting_change
           from marts.mart_model_fit_channels where is_newest and model_name = 'linear' order by 1"""
    ) == [("paid_search_brand", None, None, None), ("webinar", 0.7, -0.25, -250.0)]


def test_credit_is_held_against_what_an_experiment_measured(marts):
    # 2 wins were caused, give or take 0.7; first touch credits one in that time, linear a half. Spend was 60 + 40.
    assert marts.rows(
        """select experiment_id, model_name, credited_count, credited_per_increment, is_within_interval,
               spend_per_credited_conversion, spend_per_caused_conversion
           from marts.mart_evaluation_experiments where conversion_type = 'won' order by 1, 2"""
    ) == [
        ("X1", "first_touch", 1.0, 0.5, True, 100.0, 50.0),
        ("X1", "linear", 0.5, 0.25, False, 200.0, 50.0),
    ]


def test_the_card_of_a_fit_says_what_it_found_and_how_sure_it_is(marts):
    card = read_card(marts, "linear", "won", fit_number=12)
    assert card.title == "linear, won: fit 12 of 2026-06-29"
    assert ("journeys", "3, 1 of which converted") in card.facts
    assert ("replaces", "fit 11") in card.facts
    assert card.channels == [
        ("webinar", "-0.1", "60.0%", "40.0% to 80.0%", "50.0%", "70.0%"),
        ("paid_search_brand", "0.2", "40.0%", "20.0% to 60.0%", "50.0%", ""),
    ]
    assert read_card(marts, "linear").title.startswith("linear, won: fit 14 ")
    [(_, status), *_] = read_card(marts, "markov").facts
    assert status == "not_enough_data: 3 conversions and min_conversions is 20"


def test_a_card_of_what_was_never_fitted_names_what_was(marts):
    with pytest.raises(UsageError, match="unknown fitted model 'hazrad'; known: linear, markov, shapley"):
        read_card(marts, "hazrad")
    with pytest.raises(UsageError, match="unknown conversion type 'mql'"):
        read_card(marts, "linear", "mql")


def test_the_report_answers_what_was_asked_and_says_what_was_not(marts):
    page = render(marts, {})
    assert "Which attribution model to believe, 7 July 2026" in page
    assert "<strong>99 later journeys</strong>, 33 of which converted" in page
    assert "no placebo was drawn" in page
    assert "no model that experiments can correct, such as hazard, is fitted to won" in page
    assert "touchledger evaluate --truth FOLDER" in page
    assert "proves no effect" in page


def test_the_report_shows_first_what_an_experiment_would_tell_most_of(settings, tmp_path):
    company = Later(tmp_path, settings)
    company.edit(
        """insert into marts.mart_experiment_candidates (model_name, conversion_type, channel, basis, credited_share,
            credited_share_low, credited_share_high, credited_conversions, standard_error, expected_gain_conversions,
            test_order)
        values ('hazard', 'won', 'email', 'tested', 0.4, 0.35, 0.448694, 40, 3, 0.4787, 2),
            ('hazard', 'won', 'display', 'not_tested', 0.2, null, null, 20, null, 1.7642, 1),
            ('hazard', 'won', 'social', 'not_tested', 0, 0, 0, 0, 0, 0, 3),
            ('hazard', 'won', 'webinar', 'not_tested', 0.01, 0, 0.02, 1, 0.5, 0.1, 9),
            ('hazard', 'mql', 'webinar', 'not_tested', 0.9, 0.8, 1, 90, 5, 9, 1)"""
    )
    with open_warehouse(company.settings, read_only=True) as warehouse:
        section = render(warehouse, {}).partition("What should be tested next?")[2].partition("</section>")[0]
    rows = [
        [re.sub("<.*?>", "", cell) for cell in re.findall("<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in section.partition("<tbody>")[2].split("</tr>")[:-1]
    ]
    assert rows == [["display hazard", "20.0", "", "no", "1.8"], ["email hazard", "40.0", "", "yes", "0.5"]]
    assert section.count("<svg") == 1, "display has no interval"
