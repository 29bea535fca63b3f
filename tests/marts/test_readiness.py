"""What there is to attribute, and which model that suggests."""


def test_readiness_counts_what_there_is(marts):
    assert marts.rows(
        """select conversion_type, conversion_count, not_converted_count, open_count, touch_count, channel_count,
               mean_touch_count, round(median_cycle_days, 4), unattributed_share, single_touch_share,
               at_risk_account_count, not_converted_account_count, untouched_account_count
           from marts.mart_attribution_readiness where conversion_type in ('mql', 'won') order by 1"""
    ) == [
        ("mql", 3, 0, 0, 2, 2, 2 / 3, 4.4809, 1 / 3, 2 / 3, 1, 0, 0),
        ("won", 1, 2, 1, 2, 2, 2.0, 69.2535, 0.0, 0.0, 3, 2, 1),
    ]


def test_a_handful_of_conversions_is_told_as_such(marts):
    assert marts.rows(
        """select goal, goal_model_name, suggested_model_name, suggestion_basis, has_enough_for_data_driven
           from marts.mart_attribution_readiness where conversion_type = 'won'"""
    ) == [("revenue", "full_path", "full_path", "too_few_conversions", False)]
    reason = marts.value("select suggestion_reason from marts.mart_attribution_readiness where conversion_type = 'won'")
    assert reason.startswith("Only 1 of the 30 conversions ")


def test_the_suggestion_follows_the_journeys(marts):
    suggested = {
        row[0]: row[1:]
        for row in marts.rows(
            """select conversion_type, suggested_model_name, suggestion_basis, has_enough_for_data_driven
               from marts.asked_readiness"""
        )
    }
    assert suggested == {
        "mql": ("last_touch", "single_touch_journeys", False),
        "opportunity": ("linear", "short_journeys", False),
        "won": ("hazard", "enough_for_data_driven", True),
    }
