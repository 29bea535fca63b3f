"""On a clean world, what systems deliver adds up to the simulator's own record exactly."""

import pandas as pd
import pytest

STATUSES = {
    "mql": "Marketing Qualified",
    "sal": "Sales Accepted",
    "rejected": "Sales Rejected",
    "sql": "Sales Qualified",
    "recycled": "Recycled",
    "disqualified": "Disqualified",
    "converted": "Converted",
}


@pytest.mark.parametrize("stage", STATUSES)
def test_lead_history_holds_every_stage_entry(clean, stage):
    entries = clean.record("stage_entries")
    entries = entries[entries.stage == stage]
    history = clean.rows("salesforce/lead_history")
    history = history[(history.Field == "Status") & (history.NewValue == STATUSES[stage])]
    told = set(zip(entries.unit_id, entries.entered_at.dt.tz_convert(None).astype(str), strict=True))
    assert set(zip(history.LeadId, history.CreatedDate.str.rstrip("Z"), strict=True)) == told
    assert len(entries) == len(history) > 0


def test_won_deals_and_amounts_are_those_of_the_record(clean):
    entries = clean.record("stage_entries")
    won = entries[entries.stage == "won"].set_index("unit_id")
    deals = clean.current("salesforce/opportunities").set_index("Id")
    closed = deals[deals.IsWon == "true"]
    assert set(closed.index) == set(won.index)
    assert (closed.Amount.astype(float) == won.amount.reindex(closed.index)).all()
    assert (closed.CurrencyIsoCode == won.currency.reindex(closed.index)).all()
    assert set(deals.CurrencyIsoCode) == {"USD", "EUR", "GBP", "JPY"}


def test_funnel_of_the_summary_is_counted_in_the_record(clean):
    stages = clean.record("stage_entries").stage.value_counts()
    for stage in ("mql", "sal", "sql", "opportunity", "won"):
        # What an account in Asia does on its last evening is after the last midnight in UTC, and the other way round.
        assert abs(stages[stage] - clean.summary.funnel[stage]) <= 3


def test_lines_add_up_to_the_amount_of_their_deal(clean):
    lines = clean.rows("salesforce/opportunity_line_items")
    totals = lines.assign(total=lines.TotalPrice.astype(float)).groupby("OpportunityId").total.sum()
    deals = clean.current("salesforce/opportunities").set_index("Id").Amount.astype(float)
    assert (deals.reindex(totals.index) - totals).abs().max() < 0.005


@pytest.mark.parametrize(
    ("column", "extract", "key"),
    [
        ("session_id", "web/sessions", "session_id"),
        ("click_id", "ads/clicks", "click_id"),
        ("attendance_id", "offline/attendances", "attendance_id"),
        ("email_event_id", "email/events", "event_id"),
        ("task_id", "salesforce/tasks", "Id"),
        ("campaign_member_id", "salesforce/campaign_members", "Id"),
    ],
)
def test_every_recorded_touch_has_its_record_and_every_record_its_touch(clean, column, extract, key):
    touches = clean.record("touches")
    rows = clean.rows(extract)
    if extract == "email/events":
        rows = rows[rows.event_type.isin(["clicked", "replied"])]
    if extract == "salesforce/tasks":
        rows = rows[rows.Status.isin(["Connected", "Replied"])]
    if extract == "salesforce/campaign_members":
        rows = rows[rows.HasResponded == "true"]
    assert set(touches[column].dropna()) == set(rows[key])


def test_visits_by_ads_carry_the_click_that_brought_them(clean):
    sessions = clean.rows("web/sessions")
    clicked = sessions[sessions.click_id != ""].merge(clean.rows("ads/clicks"), on="click_id", suffixes=("", "_ad"))
    assert len(clicked) == (sessions.click_id != "").sum() > 100
    assert (clicked.visitor_id == clicked.visitor_id_ad).all()
    assert (clicked.utm_campaign == clicked.campaign_name).all()


def test_people_visit_before_they_are_known(clean):
    fills = clean.rows("web/form_fills").sort_values("submitted_at").drop_duplicates("visitor_id")
    sessions = clean.rows("web/sessions").merge(fills[["visitor_id", "submitted_at"]], on="visitor_id")
    before = sessions[sessions.started_at < sessions.submitted_at].visitor_id.nunique()
    assert before > 0.5 * len(fills)


def test_stages_follow_each_other_in_time(clean):
    entries = clean.record("stage_entries").sort_values("entered_at", kind="stable")
    leads = entries[entries.stage.isin(STATUSES)].pivot_table(
        index=["unit_id", "cycle_number"], columns="stage", values="entered_at", aggfunc="min"
    )
    for earlier, later in (("mql", "sal"), ("sal", "sql"), ("sql", "converted")):
        both = leads[[earlier, later]].dropna()
        assert (both[earlier] <= both[later]).all()
    assert leads.reset_index().cycle_number.max() >= 2, "no lead qualified twice"


def test_spend_counts_the_clicks_of_its_day_and_more(clean):
    clicks = clean.rows("ads/clicks")
    spend = (
        clean.rows("ads/spend").sort_values("updated_at").drop_duplicates(["spend_date", "campaign_id"], keep="last")
    )
    assert spend.clicks.astype(int).sum() > len(clicks)
    assert set(spend.currency) == {"USD", "EUR", "GBP"}
    assert (spend.cost.astype(float) >= 0).all()


def test_rates_of_the_reporting_currency_are_one(clean):
    rates = clean.rows("finance/exchange_rates")
    assert set(rates[rates.currency == "USD"].rate) == {"1"}
    days = pd.to_datetime(rates.rate_date)
    assert days.nunique() * 4 == len(rates)


def test_nightly_files_hold_only_what_changed_that_night(clean):
    for path in clean.files("salesforce/leads")[1:]:
        night = path.parent.name
        assert set(pd.read_csv(path, dtype=str).SystemModstamp.str[:10]) == {night}


def test_costs_of_the_truth_are_those_delivered(clean):
    truth = pd.read_csv(clean.truth / "costs.csv").groupby(["source", "currency"]).amount.sum()
    spend = (
        clean.rows("ads/spend").sort_values("updated_at").drop_duplicates(["spend_date", "campaign_id"], keep="last")
    )
    for source, rows, column in (
        ("ads/spend", spend, "cost"),
        ("finance/costs", clean.rows("finance/costs"), "amount"),
    ):
        delivered = rows[column].astype(float).groupby(rows.currency).sum()
        assert (truth[source] - delivered).abs().max() < 0.01


def test_subscription_terms_follow_each_other(clean):
    terms = clean.rows("finance/subscriptions").sort_values("updated_at", kind="stable")
    terms = terms.drop_duplicates("subscription_id", keep="last")
    entries = clean.record("stage_entries")
    won = entries[entries.stage == "won"]
    assert set(terms.opportunity_id) == set(won.unit_id)
    begun, over = pd.to_datetime(terms.starts_on), pd.to_datetime(terms.ends_on)
    assert (over >= begun).all()
    assert ((over - begun).dt.days <= 366).all()
    ends = terms.assign(over=over).groupby("account_id").over.apply(list)
    renewals = terms[terms.started_by == "renewal"].assign(begun=begun)
    assert len(renewals) > 0
    for account, start in zip(renewals.account_id, renewals.begun, strict=True):
        assert any(0 <= (start - end).days <= 2 for end in ends[account]), "a renewed term starts where another ended"


def test_refused_renewals_cancel_the_term_they_were_to_renew(clean):
    entries = clean.record("stage_entries")
    refused = entries[(entries.stage == "lost") & (entries.opportunity_type == "Renewal")]
    terms = clean.rows("finance/subscriptions").sort_values("updated_at", kind="stable")
    terms = terms.drop_duplicates("subscription_id", keep="last")
    cancelled = terms[terms.cancelled_on != ""]
    accounts = clean.record("accounts").set_index("account_number").account_id
    assert set(cancelled.account_id) == set(accounts[refused.account_number])


def test_forecasts_are_revised_as_the_same_record_on_later_nights(clean):
    versions = clean.rows_by_file("salesforce/forecasts")
    of_record = versions.groupby("Id")
    assert (of_record[["OwnerId", "PeriodStartDate", "CreatedDate"]].nunique() == 1).all(axis=None)
    said = pd.to_datetime(versions.SystemModstamp).dt.tz_localize(None)
    begins, ends = (pd.to_datetime(versions[name]) for name in ("PeriodStartDate", "PeriodEndDate"))
    into, left = (said - begins).dt.days, (ends - said.dt.normalize()).dt.days
    by_time = {"start": into == 0, "middle": into == 14, "end": left.between(0, 3)}
    assert all((mask.groupby(versions.Id).sum() == 1).all() for mask in by_time.values())
    assert (of_record.size() == 3).all()
    assert of_record.file.nunique().max() > 1, "the last revisions come with the nightly deliveries"


def test_results_of_experiments_count_the_conversions_of_their_days(clean):
    results = clean.rows("experiments/results")
    entries = clean.record("stage_entries")
    assert set(results.conversion_type) == {"mql", "sal", "sql", "opportunity", "won"}
    for row in results.itertuples():
        days = entries[entries.stage == row.conversion_type].entered_at.dt.strftime("%Y-%m-%d")
        inside = days.between(row.starts_on, row.measured_until).sum()
        treated, control = float(row.treated_conversions), float(row.control_conversions)
        assert treated + control == inside
        assert int(row.treated_units) + int(row.control_units) == clean.summary.accounts
        rates = treated / int(row.treated_units) - control / int(row.control_units)
        assert float(row.increment) == pytest.approx(int(row.treated_units) * rates, abs=1e-5)
    assert pd.to_datetime(results.measured_until).sub(pd.to_datetime(results.ends_on)).dt.days.eq(30).all()
