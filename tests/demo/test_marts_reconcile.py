"""The marts count what the simulator knows happened: on a clean world, and under dirt that a door must catch."""

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

LEAD_STAGES = ("mql", "sal", "rejected", "sql", "recycled", "disqualified")
DEAL_STAGES = ("opportunity", "won", "lost")


def told(delivered, stages: tuple[str, ...]) -> pd.DataFrame:
    entries = delivered.record("stage_entries")
    return entries[entries.stage.isin(stages)].assign(entered_at=lambda e: e.entered_at.dt.tz_convert(None))


def test_every_stage_entry_of_leads_and_deals_is_counted(world):
    delivered, query = world
    for stages, unit in ((LEAD_STAGES, "person"), (DEAL_STAGES, "opportunity")):
        found = query(
            f"select stage, entered_at from marts.fct_stage_entries where unit_type = '{unit}' and not is_inferred"
        )
        true = told(delivered, stages)
        for stage in stages:
            counted = found[found.stage == stage].entered_at.astype("datetime64[s]").sort_values()
            wanted = true[true.stage == stage].entered_at.astype("datetime64[s]").sort_values()
            assert counted.tolist() == wanted.tolist(), stage
            assert len(wanted) > 0


def test_amounts_of_deals_are_exact_in_every_currency(world):
    delivered, query = world
    found = query("select currency, opportunity_status as status, sum(amount) as amount from marts.fct_opportunities"
                  " group by all").set_index(["status", "currency"]).amount.astype(float)  # fmt: skip
    last = told(delivered, (*DEAL_STAGES, "discovery", "evaluation", "proposal", "negotiation"))
    last = last.sort_values("entered_at", kind="stable").drop_duplicates("unit_id", keep="last")
    status = last.stage.where(last.stage.isin(["won", "lost"]), "open")
    wanted = last.groupby([status.rename("status"), "currency"]).amount.sum()
    assert set(found.index) == set(wanted.index)
    assert (found - wanted.reindex(found.index)).abs().max() < 0.005


def test_won_credit_is_the_revenue_that_was_won(world):
    delivered, query = world
    credited = query(
        "select currency, sum(credited_amount) as amount, sum(credit_share) as wins from marts.fct_credits"
        " where conversion_type = 'won' and model_name = 'full_path' group by all"
    ).set_index("currency")
    won = told(delivered, ("won",)).groupby("currency").amount.agg(["sum", "size"])
    assert (credited.amount.astype(float) - won["sum"].reindex(credited.index)).abs().max() < 0.005
    assert (credited.wins - won["size"].reindex(credited.index)).abs().max() < 1e-6


def test_months_of_the_funnel_are_those_of_the_record(world):
    delivered, query = world
    found = query(
        "select stage, period_start, sum(entry_count - inferred_entry_count) as entries from marts.fct_funnel_period"
        " where period_grain = 'month' and segment_type = 'overall' group by all"
    )
    found = found.assign(period_start=pd.to_datetime(found.period_start)).set_index(["stage", "period_start"]).entries
    true = told(delivered, (*LEAD_STAGES, *DEAL_STAGES))
    wanted = true.groupby(["stage", true.entered_at.dt.to_period("M").dt.start_time]).size()
    for (stage, month), count in wanted.items():
        assert found[stage, pd.Timestamp(month)] == count, (stage, month)


def test_malformed_lines_are_quarantined_and_nothing_else(world):
    delivered, query = world
    refused = query("select path, line_number from quarantine.rows")
    paths = [path.split("landing/")[-1] for path in refused.path]
    listed = delivered.ledger[delivered.ledger.kind.str.startswith("malformed")]
    assert set(zip(paths, refused.line_number, strict=True)) == set(zip(listed.file, listed.line, strict=True))


def cycles(delivered) -> pd.DataFrame:
    """When each cycle of a lead reached each stage; an acceptance that was skipped is known by what came after it."""
    entries = told(delivered, (*LEAD_STAGES, "converted", *DEAL_STAGES))
    of_leads = entries[(entries.cycle_number > 0) & ~entries.stage.isin(DEAL_STAGES)]
    times = of_leads.pivot_table(index=["unit_id", "cycle_number"], columns="stage", values="entered_at", aggfunc="min")
    deal = of_leads[of_leads.stage == "converted"].set_index(["unit_id", "cycle_number"]).opportunity_id
    deal = deal.reindex(times.index)
    closed = entries[entries.stage.isin(["won", "lost"])].set_index("unit_id")
    return times.assign(
        sal=times.sal.fillna(times.sql),
        opportunity=times.converted.where(deal.notna().to_numpy()),
        **{end: closed[closed.stage == end].entered_at.reindex(deal).to_numpy() for end in ("won", "lost")},
    )


def test_cohorts_of_the_funnel_convert_as_the_record_says(world):
    delivered, query = world
    found = query(
        "select from_stage, to_stage, cohort_month, entered_count, converted_count from marts.fct_funnel_cohort"
        " where segment_type = 'overall' and from_stage in ('mql', 'sal', 'sql')"
    )
    found["cohort_month"] = pd.to_datetime(found.cohort_month)
    found = found.set_index(["from_stage", "to_stage", "cohort_month"]).sort_index()
    true = cycles(delivered)
    wanted = {}
    for stage, later in found.index.droplevel("cohort_month").unique():
        entered = true[true[stage].notna()]
        if later == "rejected" and stage != "mql":
            entered = entered.assign(rejected=pd.NaT)
        for month, cohort in entered.groupby(entered[stage].dt.to_period("M").dt.start_time):
            wanted[stage, later, month] = (len(cohort), int(cohort[later].notna().sum()))
    assert len(wanted) == len(found) > 100
    assert {key: tuple(found.loc[key].astype(int)) for key in wanted} == wanted


def test_spend_of_every_channel_and_currency_is_what_it_cost(world):
    delivered, query = world
    found = query("select channel, currency, sum(amount) as amount from marts.fct_spend group by all")
    found = found.assign(amount=found.amount.astype(float)).set_index(["channel", "currency"]).amount
    costs = pd.read_csv(delivered.truth / "costs.csv")
    wanted = costs.assign(channel=costs.channel.fillna("unallocated")).groupby(["channel", "currency"]).amount.sum()
    found = found.groupby([found.index.get_level_values(0).fillna("unallocated"), "currency"]).sum()
    assert set(found.index) == set(wanted.index)
    assert (found - wanted.reindex(found.index)).abs().max() < 0.005
