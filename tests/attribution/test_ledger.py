"""The ledger remembers: versions, why they came, and what any past run said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.attribution import AttributionReport, attribute_warehouse, credits_as_of, explain, run_numbered
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import CONVERTED_AT, Journey, Touch, load, night

LINEAR = {"enabled_models": ["linear"]}

FAIR = Touch("fair", 'trade "show"\\', 60, ["lead_creation"], person_id="ann")
DEMO = Touch("demo", "webinar", 20, ["opportunity_creation"], person_id="ann")
CALL = Touch("call", "sales_meeting", 2, ["closing"], person_id="bob")
DEAL = Journey("deal", [FAIR, DEMO, CALL], amount="900.00")
OTHER = Journey("other", [Touch("other", "email", 5, person_id="eve")], account_id="globex", amount="70.00")
BRANCH = Journey(
    "branch", [Touch("branch visit", "paid_social", 40, person_id="zed")], account_id="acme uk", is_converted=False
)


def run(
    warehouse: DuckDBWarehouse, number: int, *journeys: Journey, rules: Any = None, **more: Any
) -> AttributionReport:
    load(warehouse, journeys)
    return attribute_warehouse(warehouse, rules or LINEAR, night(number), f"night {number}", **more)


def said(warehouse: DuckDBWarehouse, source: str, conversion_id: str = "won:deal") -> dict[str | None, Decimal]:
    rows = warehouse.rows(
        f"select touch_id, credited_amount from ({source}) as credit where conversion_id = ?", [conversion_id]
    )
    assert len(rows) == len(dict(rows))
    return dict(rows)


CURRENT = "select * from attribution.current_credits"


def money(**amounts: str) -> dict[str, Decimal]:
    return {name.replace("_", " "): Decimal(amount) for name, amount in amounts.items()}


def reasons(
    warehouse: DuckDBWarehouse, conversion_id: str = "won:deal", model: str = "linear"
) -> list[tuple[int, str]]:
    return warehouse.rows(
        "select run_number, reason from attribution.credit_changes where conversion_id = ? and model_name = ? "
        "order by run_number",
        [conversion_id, model],
    )


def test_the_story_of_a_deal(warehouse: DuckDBWarehouse):
    """Won; then a late touch; then two accounts merge; then the amount is corrected: four versions, and why."""
    late = Touch("badge", "conference", 30, person_id="ann")
    moved = Touch("branch visit", "paid_social", 40, person_id="zed")
    with_late = DEAL.but(touches=[FAIR, late, DEMO, CALL])
    merged = DEAL.but(touches=[FAIR, moved, late, DEMO, CALL])
    corrected = merged.but(amount="1000.00")

    run(warehouse, 1, DEAL, OTHER, BRANCH)
    run(warehouse, 2, with_late, OTHER, BRANCH)
    run(warehouse, 3, merged, OTHER)
    run(warehouse, 4, corrected, OTHER)

    assert reasons(warehouse) == [(2, "late_touch"), (3, "identity_merge"), (4, "amount_edit")]
    assert reasons(warehouse, "won:other") == []
    told = [
        money(fair="300", demo="300", call="300"),
        money(fair="225", badge="225", demo="225", call="225"),
        money(fair="180", branch_visit="180", badge="180", demo="180", call="180"),
        money(fair="200", branch_visit="200", badge="200", demo="200", call="200"),
    ]
    for number, expected in enumerate(told, 1):
        assert said(warehouse, credits_as_of(number)) == expected
        assert said(warehouse, credits_as_of(run_numbered(warehouse, night(number)))) == expected
        assert said(warehouse, credits_as_of(number), "won:other") == {"other": Decimal(70)}
    assert said(warehouse, CURRENT) == told[-1]

    change = warehouse.rows(
        """select shares_before, shares_after, touch_count_before, touch_count_after, amount_before, amount_after,
            round(moved_share, 4) from attribution.credit_changes where run_number = 2"""
    )
    assert json.loads(change[0][1])['trade "show"\\'] == 0.25
    assert change == [
        (
            '{"sales_meeting": 0.333333, "trade \\"show\\"\\\\": 0.333333, "webinar": 0.333333}',
            '{"conference": 0.25, "sales_meeting": 0.25, "trade \\"show\\"\\\\": 0.25, "webinar": 0.25}',
            3, 4, Decimal(900), Decimal(900), 0.25,
        )
    ]  # fmt: skip

    story = explain(warehouse, "won:deal")
    assert [(change.run_number, change.reason) for change in story.changes] == reasons(warehouse)
    assert [touch.touch_id for touch in story.touches] == ["fair", "branch visit", "badge", "demo", "call"]
    assert story.facts["amount"] == Decimal(1000)
    assert [touch.touch_id for touch in explain(warehouse, "won:deal", as_of=1).touches] == ["fair", "demo", "call"]


WHY: dict[str, tuple[str, dict[str, Any]]] = {
    "a touch arrived late": ("late_touch", {"touches": [Touch("new", days=50), FAIR, DEMO, CALL]}),
    "a touch was withdrawn": ("late_touch", {"touches": [FAIR, CALL]}),
    "a touch was corrected": ("late_touch", {"touches": [FAIR, replace(DEMO, channel="field_event"), CALL]}),
    "a touch is another person's": ("identity_merge", {"touches": [FAIR, replace(DEMO, person_id="bob"), CALL]}),
    "a touch came from another account": ("identity_merge", {"touches": [FAIR, *BRANCH.touches, DEMO, CALL]}),
    "the deal has another account": ("identity_merge", {"account_id": "acme group"}),
    "the stage was entered earlier": (
        "stage_edit",
        {"touches": [FAIR, DEMO], "converted_at": CONVERTED_AT - timedelta(days=3)},
    ),
    "the deal was opened again": ("reopened", {"opportunity_status": "open"}),
    "the amount was corrected": ("amount_edit", {"amount": "901"}),
    "the currency was corrected": ("amount_edit", {"currency": "EUR"}),
}


@pytest.mark.parametrize(("reason", "edit"), WHY.values(), ids=WHY)
def test_why_credit_moved(warehouse: DuckDBWarehouse, reason: str, edit: dict[str, Any]):
    run(warehouse, 1, DEAL, OTHER, BRANCH)
    report = run(warehouse, 2, DEAL.but(**edit), OTHER, BRANCH)
    assert report.credit_changes == {reason: 1}
    assert report.computed == {"linear": 1}
    assert reasons(warehouse) == [(2, reason)]


def test_another_lead_is_the_first(warehouse: DuckDBWarehouse):
    """The milestone moves: models that read it give other credit, and linear, which does not, keeps its version."""
    rules = {"enabled_models": ["linear", "lead_creation_touch"]}
    touches = [replace(FAIR, holds=()), replace(DEMO, holds=FAIR.holds), CALL]
    run(warehouse, 1, DEAL, rules=rules)
    run(warehouse, 2, DEAL.but(touches=touches, more={"lead_created_at": CONVERTED_AT}), rules=rules)
    assert reasons(warehouse, model="lead_creation_touch") == [(2, "stage_edit")]
    assert reasons(warehouse) == []


def test_two_reasons_at_once_are_both_named(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL)
    run(warehouse, 2, DEAL.but(touches=[Touch("new", days=50), FAIR, DEMO, CALL], amount="5"))
    assert warehouse.rows("select reason, reasons from attribution.credit_changes") == [
        ("late_touch", "late_touch,amount_edit")
    ]


def test_another_parameter_is_another_version_of_the_model(warehouse: DuckDBWarehouse):
    both = {"enabled_models": ["linear", "time_decay"]}
    run(warehouse, 1, DEAL, OTHER, rules=both)
    faster = {**both, "model_parameters": {"time_decay": {"half_life_days": 7}}}
    report = run(warehouse, 2, DEAL, OTHER, rules=faster)
    assert report.computed == {"linear": 0, "time_decay": 2}
    assert reasons(warehouse, model="time_decay") == [(2, "config_change")]
    assert reasons(warehouse) == []
    versions = warehouse.rows(
        "select count(distinct model_version) from attribution.credits group by model_name order by model_name"
    )
    assert versions == [(1,), (2,)]


def test_another_lookback_is_a_change_of_config(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, rules={**LINEAR, "lookback_days": {"won": 365}})
    run(warehouse, 2, DEAL.but(touches=[DEMO, CALL]), rules={**LINEAR, "lookback_days": {"won": 30}})
    assert reasons(warehouse) == [(2, "config_change")]


def test_another_rule_of_which_touches_are_one_act_is_a_change_of_config(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, rules={**LINEAR, "touch_matching": {"rules": []}})
    run(warehouse, 2, DEAL.but(touches=[DEMO, CALL]), rules={**LINEAR, "touch_matching": {"rules": [{"name": "one"}]}})
    assert reasons(warehouse) == [(2, "config_change")]


def test_another_channel_rule_is_a_change_of_config(warehouse: DuckDBWarehouse):
    warehouse.execute(
        "create schema seeds; create table seeds.channel_rules as select 1 as priority, 'webinar' as channel"
    )
    run(warehouse, 1, DEAL)
    warehouse.execute("update seeds.channel_rules set channel = 'field_event'")
    run(warehouse, 2, DEAL.but(touches=[FAIR, replace(DEMO, channel="field_event"), CALL]))
    assert reasons(warehouse) == [(2, "config_change")]


def test_a_model_switched_off_leaves_and_comes_back(warehouse: DuckDBWarehouse):
    both = {"enabled_models": ["linear", "first_touch"]}
    run(warehouse, 1, DEAL, rules=both)
    run(warehouse, 2, DEAL)
    assert warehouse.rows(f"select distinct model_name from ({CURRENT})") == [("linear",)]
    assert reasons(warehouse, model="first_touch") == [(2, "config_change")]
    run(warehouse, 3, DEAL, rules=both)
    assert len(warehouse.rows(f"select distinct model_name from ({CURRENT})")) == 2
    assert len(warehouse.rows(credits_as_of(2))) == 3
    assert reasons(warehouse, model="first_touch") == [(2, "config_change"), (3, "config_change")]
    assert warehouse.value("select shares_before from attribution.credit_changes where run_number = 3") is None


def test_a_deal_opened_again_shares_its_touches_with_the_next_deal(warehouse: DuckDBWarehouse):
    """With the win undone, the next deal's journey reaches back over it: no touch came from another account."""
    next_deal = Journey("next", [CALL], opportunity_status="open", conversion_type="opportunity")
    started = {"started_at": CONVERTED_AT - timedelta(days=365)}
    run(warehouse, 1, DEAL, next_deal)
    reopened = DEAL.but(is_converted=False, opportunity_status="open")
    run(warehouse, 2, reopened, next_deal.but(touches=DEAL.touches, more=started))
    assert reasons(warehouse) == [(2, "reopened")]
    assert reasons(warehouse, "opportunity:next") == [(2, "stage_edit")]


def test_a_deal_that_is_deleted_and_won_again(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, OTHER)
    run(warehouse, 2, OTHER)
    assert said(warehouse, CURRENT) == {}
    assert said(warehouse, credits_as_of(1)) == money(fair="300", demo="300", call="300")
    run(warehouse, 3, DEAL, OTHER)
    assert said(warehouse, CURRENT) == said(warehouse, credits_as_of(1))
    assert reasons(warehouse) == [(2, "reopened"), (3, "reopened")]
    assert explain(warehouse, "won:deal").changes[0].touches == (3, None)


def test_a_lead_that_is_merged_away(warehouse: DuckDBWarehouse):
    """The loser's mql is gone because its touches are now the winner's."""
    click = Touch("click", days=9, person_id="ann l.")
    loser = Journey("ann l.", [click], "mql", amount=None, more={"person_id": "ann l."})
    winner = Journey("ann", [replace(FAIR, days=70)], "mql", amount=None, more={"person_id": "ann"})
    run(warehouse, 1, loser, winner)
    run(warehouse, 2, winner.but(touches=[*winner.touches, replace(click, person_id="ann")]))
    assert reasons(warehouse, "mql:ann l.") == [(2, "identity_merge")]
    assert reasons(warehouse, "mql:ann") == [(2, "identity_merge")]


def test_a_deal_that_closes_keeps_its_pipeline_credit_apart(warehouse: DuckDBWarehouse):
    opened = DEAL.but(conversion_type="opportunity", opportunity_status="open")
    run(warehouse, 1, opened)
    assert warehouse.rows(f"select distinct opportunity_status from ({CURRENT})") == [("open",)]
    run(warehouse, 2, opened.but(opportunity_status="won"), DEAL)
    assert warehouse.rows(f"select distinct conversion_type, opportunity_status from ({CURRENT}) order by 1") == [
        ("opportunity", "won"),
        ("won", "won"),
    ]
    assert warehouse.rows("select reason, moved_share from attribution.credit_changes") == [("stage_edit", 0.0)]


def test_the_same_night_again_writes_no_version(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, OTHER)
    before = warehouse.rows("select * from attribution.credits order by all")
    report = run(warehouse, 1, OTHER, DEAL)
    assert (report.run_number, report.credits_written, report.is_replay) == (2, 0, False)
    assert warehouse.rows("select * from attribution.credits order by all") == before


def test_a_replay_shows_its_own_result_and_leaves_the_ledger(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, OTHER)
    run(warehouse, 2, DEAL.but(amount="30"), OTHER)
    kept = {
        table: warehouse.rows(f"select * from attribution.{table} order by all")
        for table in ("credits", "credit_changes", "conversion_inputs", "touch_inputs")
    }
    report = run(warehouse, 1, DEAL, OTHER)
    assert report.is_replay
    assert said(warehouse, CURRENT) == money(fair="300", demo="300", call="300")
    for table, rows in kept.items():
        assert warehouse.rows(f"select * from attribution.{table} order by all") == rows, table
    run(warehouse, 2, DEAL.but(amount="30"), OTHER)
    assert said(warehouse, CURRENT) == money(fair="10", demo="10", call="10")
    assert warehouse.value("select count(*) from attribution.credit_changes") == 1


def test_a_run_that_fails_leaves_nothing_behind(warehouse: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch):
    run(warehouse, 1, DEAL)
    before = warehouse.rows("select * from attribution.credits order by all")
    monkeypatch.setattr("pipeline.attribution.changes.remember", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(warehouse, 2, DEAL.but(amount="5"))
    assert warehouse.rows("select * from attribution.credits order by all") == before
    assert warehouse.value("select max(run_number) from attribution.runs") == 1
    monkeypatch.undo()
    run(warehouse, 2, DEAL.but(amount="5"))
    assert sum(said(warehouse, CURRENT).values()) == 5


def test_the_run_record_counts_what_could_not_be_placed(warehouse: DuckDBWarehouse):
    rules = {
        "enabled_models": ["lead_creation_touch"],
        "custom_models": {"nothing": {"weight": "case when channel = 'billboard' then 1 else 0 end"}},
    }
    run(warehouse, 1, DEAL, Journey("silent"), Journey("vague", [Touch("a"), Touch("b")]), rules=rules)
    assert warehouse.rows(
        """select model_name, conversion_count, unattributed_conversion_count, zero_weight_conversion_count
        from attribution.run_models order by model_name"""
    ) == [("lead_creation_touch", 3, 2, 0), ("nothing", 3, 1, 2)]
    assert warehouse.rows(
        f"select conversion_id, credit_reason from ({CURRENT}) where credit_kind = 'unattributed' "
        "and model_name = 'lead_creation_touch' order by 1"
    ) == [("won:silent", "no_touches"), ("won:vague", "milestone_missing")]


@pytest.mark.parametrize(
    ("amount", "digits", "parts"),
    [
        ("100.00", 2, ["33.34", "33.33", "33.33"]),
        ("-100.00", 2, ["-33.34", "-33.33", "-33.33"]),
        ("0.02", 2, ["0.01", "0.01", "0"]),
        ("0", 2, ["0", "0", "0"]),
        (None, 2, [None, None, None]),
        ("100", 0, ["34", "33", "33"]),
        ("1.000", 3, ["0.334", "0.333", "0.333"]),
        ("10.005", 2, ["3.345", "3.33", "3.33"]),
    ],
)
def test_amounts_by_largest_remainder(
    warehouse: DuckDBWarehouse, amount: str | None, digits: int, parts: list[str | None]
):
    run(warehouse, 1, DEAL.but(amount=amount, minor_unit_digits=digits, amount_reporting="200.00"))
    found = warehouse.rows(f"select credited_amount, credited_amount_reporting from ({CURRENT}) order by touch_number")
    assert [part for part, _ in found] == [None if part is None else Decimal(part) for part in parts]
    assert [part for _, part in found] == [Decimal("66.67"), Decimal("66.67"), Decimal("66.66")]


def test_two_opportunities_at_once_share_their_touches(warehouse: DuckDBWarehouse):
    run(warehouse, 1, DEAL, DEAL.but(unit_id="second", amount="90.00"))
    assert said(warehouse, CURRENT) == money(fair="300", demo="300", call="300")
    assert said(warehouse, CURRENT, "won:second") == money(fair="30", demo="30", call="30")


def test_no_journeys_at_all(warehouse: DuckDBWarehouse):
    report = run(warehouse, 1)
    assert (report.conversions, report.credits_written) == (0, 0)
    assert warehouse.rows(CURRENT) == []


def test_an_unknown_conversion_names_the_nearest(warehouse: DuckDBWarehouse):
    with pytest.raises(UsageError, match="nothing has been attributed yet"):
        explain(warehouse, "won:deal")
    run(warehouse, 1, DEAL, OTHER, Journey("dean"), Journey("dealer"))
    with pytest.raises(UsageError, match=r"no conversion 'won:deel'; the nearest are won:deal, won:dean, won:dealer"):
        explain(warehouse, "won:deel")
    with pytest.raises(UsageError, match=r"no conversion 'deal'; the nearest are won:deal, "):
        explain(warehouse, "deal")
    with pytest.raises(UsageError, match=r"no run '2020-01-01'; the newest runs are 1 \(2026-04-01\)"):
        run_numbered(warehouse, "2020-01-01")
