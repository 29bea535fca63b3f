"""Fits in the night: made once, frozen, made anew by a refit that says what it changed; and on files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.attribution import attribute_file, attribute_warehouse, refit_warehouse
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse
from tests.attribution.journeys import Journey, Touch, load, night

RULES = {
    "enabled_models": ["markov", "linear"],
    "model_parameters": {"markov": {"min_conversions": 4, "min_non_conversions": 4, "replicates": 20}},
}


def journey(unit: str, *channels: str, is_converted: bool = True, kind: str = "won") -> Journey:
    touches = [Touch(f"{unit}.{number}", channel, 30 - number) for number, channel in enumerate(channels)]
    return Journey(unit, touches, kind, account_id=unit, is_converted=is_converted)


def company(search: int = 6, email: int = 2) -> list[Journey]:
    """Journeys by search and email, email alone, and lost ones: how many convert by each is given."""
    return [
        *(journey(f"s{number}", "search", "email") for number in range(search)),
        *(journey(f"e{number}", "email") for number in range(email)),
        *(journey(f"x{number}", "email", is_converted=False) for number in range(6)),
        journey("m0", "search", kind="mql"),
    ]


def attribute(warehouse: DuckDBWarehouse, number: int, journeys: list[Journey], **more: Any) -> Any:
    load(warehouse, journeys)
    return attribute_warehouse(warehouse, RULES, night(number), f"night {number}", **more)


def shares(warehouse: DuckDBWarehouse, conversion_id: str, model: str = "markov") -> dict[str, float]:
    return dict(
        warehouse.rows(
            """select coalesce(channel, credit_reason), credit_share from attribution.current_credits
            where conversion_id = ? and model_name = ?""",
            [conversion_id, model],
        )
    )


def test_the_first_night_fits_and_says_what_it_learnt_from(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    [fit] = warehouse.rows(
        """select status, business_date, journey_count, conversion_count, account_count, channel_count, diagnostics
        from attribution.model_fits where model_name = 'markov' and conversion_type = 'won'"""
    )
    assert fit[:6] == ("fitted", night(1), 14, 8, 14, 2)
    assert json.loads(fit[6])["conversion_probability"] == pytest.approx(8 / 14)
    # search is entered by 6 of 14 and then leads to email; email converts 8 of 14, so that nothing converts without it.
    figures = {
        channel: numbers
        for channel, *numbers in warehouse.rows(
            """select channel, raw_effect, channel_credit_share, channel_credit_conversions, touch_credit_share,
                interval_low, interval_high
            from attribution.model_fit_channels where conversion_type = 'won'"""
        )
    }
    assert figures["email"][:3] == pytest.approx([1, 0.7, 5.6])
    assert figures["search"][:3] == pytest.approx([3 / 7, 0.3, 2.4])
    # Touch credit: six conversions are split 0.3 to 0.7, two are email's own.
    assert figures["search"][3] == pytest.approx(6 * 0.3 / 8)
    assert shares(warehouse, "won:s0") == pytest.approx({"search": 0.3, "email": 0.7})
    for channel, (_, share, _, _, low, high) in figures.items():
        assert low < share < high, channel


def test_too_little_data_is_an_answer_with_its_reason(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    assert shares(warehouse, "mql:m0") == {"not_enough_data": 1.0}
    [(status, reason)] = warehouse.rows(
        "select status, reason from attribution.model_fits where conversion_type = 'mql'"
    )
    assert (status, reason) == ("not_enough_data", "1 conversions, and min_conversions is 4")
    assert shares(warehouse, "mql:m0", "linear") == {"search": 1.0}


def test_once_there_is_enough_data_the_night_fits(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    more = [journey(f"m{n}", "search", "email", kind="mql", is_converted=n < 5) for n in range(1, 10)]
    attribute(warehouse, 2, [*company(), *more])
    assert shares(warehouse, "mql:m0") == {"search": 1.0}
    reasons = warehouse.rows(
        "select conversion_id, reason from attribution.credit_changes where model_name = 'markov' and run_number = 2"
    )
    assert ("mql:m0", "model_refit") in reasons


def test_a_night_weighs_by_the_frozen_fit_whatever_came_since(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    report = attribute(warehouse, 2, company(search=6, email=40))
    assert shares(warehouse, "won:s0") == pytest.approx({"search": 0.3, "email": 0.7})
    assert report.computed["markov"] == 38, "what did not change was computed again"
    assert warehouse.value("select count(*) from attribution.model_fits where conversion_type = 'won'") == 1


def test_a_channel_the_fit_never_saw_weighs_nothing(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    attribute(warehouse, 2, [*company(), journey("new", "email", "podcast"), journey("newer", "podcast")])
    assert shares(warehouse, "won:new") == {"email": 1.0, "podcast": 0.0}
    assert shares(warehouse, "won:newer") == {"podcast": 1.0}, "an equal split, as of all weights zero"


def test_a_refit_is_a_new_version_with_its_reason_and_what_it_changed(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    versions = "select distinct model_version from attribution.current_credits where model_name = 'markov'"
    before = warehouse.rows(versions)
    load(warehouse, company(search=2, email=6))
    report = refit_warehouse(warehouse, RULES, night(2), "refit")
    assert report.fitted == ["markov won"]
    assert "markov mql" in report.not_enough_data
    # Now 2 of 14 pass search, all of which convert: effect 2/8, so shares 0.2 and 0.8. Two conversions are split.
    changes = {
        channel: tuple(numbers)
        for channel, *numbers in warehouse.rows(
            """select channel, raw_effect_before, raw_effect_after, touch_credit_conversions_before,
                touch_credit_conversions_after
            from attribution.model_fit_changes where conversion_type = 'won'"""
        )
    }
    assert changes["search"][0] == pytest.approx(3 / 7)
    assert changes["search"][1] < 3 / 7
    assert changes["search"][2] == pytest.approx(2 * 0.3)
    assert sum(numbers[3] for numbers in changes.values()) == pytest.approx(8)
    assert report.moved["markov won"] == pytest.approx((changes["search"][2] - changes["search"][3]) / 8, abs=1e-6)

    result = attribute_warehouse(warehouse, RULES, night(2), "night 2")
    assert warehouse.rows(versions) != before
    assert result.credit_changes["model_refit"] > 0
    share = changes["search"][3] / 2
    assert shares(warehouse, "won:s0")["search"] == pytest.approx(share)
    [(was, now)] = warehouse.rows(
        """select shares_before, shares_after from attribution.credit_changes
        where conversion_id = 'won:s0' and model_name = 'markov' and reason = 'model_refit'"""
    )
    assert json.loads(was)["search"] == pytest.approx(0.3)
    assert json.loads(now)["search"] == pytest.approx(share, abs=1e-6)


def test_a_dry_run_of_a_refit_says_what_it_would_change_and_keeps_nothing(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    load(warehouse, company(search=2, email=6))
    kept = "select count(*), max(fit_number) from attribution.model_fits"
    before = warehouse.rows(kept)
    said = refit_warehouse(warehouse, RULES, night(2), "dry", dry_run=True)
    assert said.is_dry_run
    assert warehouse.rows(kept) == before
    assert warehouse.value("select count(*) from attribution.model_fit_changes") == 0
    done = refit_warehouse(warehouse, RULES, night(2), "refit")
    assert (done.fitted, done.moved, done.largest) == (said.fitted, said.moved, said.largest)
    # Two conversions by search and email are split: 0.3 of each to search before.
    [(channel, was, now), (other, other_was, other_now)] = done.largest["markov won"]
    assert {channel, other} == {"search", "email"}
    assert was + other_was == now + other_now == 8
    assert (was if channel == "search" else other_was) == pytest.approx(0.6)


def test_a_refit_that_changes_nothing_says_so(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    report = refit_warehouse(warehouse, RULES, night(2), "refit")
    assert report.moved["markov won"] == 0
    assert report.largest["markov won"] == []
    result = attribute_warehouse(warehouse, RULES, night(2), "night 2")
    assert (result.credits_written, result.credit_changes) == (0, {}), "the ledger was written anew for nothing"


def test_a_night_that_is_run_again_after_a_refit_says_the_same(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    load(warehouse, company(search=2, email=6))
    refit_warehouse(warehouse, RULES, night(2), "refit")
    credits = """select model_name, conversion_id, touch_id, credit_share, model_version
        from attribution.current_credits order by all"""
    assert attribute_warehouse(warehouse, RULES, night(2), "night 2").credits_written > 0
    once = warehouse.rows(credits)
    for number, full in ((2, False), (2, True), (3, False), (3, True)):
        again = attribute_warehouse(warehouse, RULES, night(number), f"again {number}", full=full)
        assert (again.credits_written, again.credit_changes) == (0, {})
        assert warehouse.rows(credits) == once
    assert warehouse.value("select count(*) from attribution.model_fits where conversion_type = 'won'") == 2


def test_a_replay_weighs_by_the_fit_of_its_own_time(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    load(warehouse, company(search=2, email=6))
    refit_warehouse(warehouse, RULES, night(3), "refit")
    attribute(warehouse, 3, company(search=2, email=6))
    assert attribute(warehouse, 1, company()).is_replay
    assert shares(warehouse, "won:s0") == pytest.approx({"search": 0.3, "email": 0.7})


def test_another_parameter_is_another_model_with_a_fit_of_its_own(warehouse: DuckDBWarehouse):
    attribute(warehouse, 1, company())
    changed = {**RULES, "model_parameters": {"markov": {**RULES["model_parameters"]["markov"], "replicates": 30}}}
    report = attribute_warehouse(warehouse, changed, night(2), "night 2")
    assert report.credit_changes == {"config_change": 9}
    assert warehouse.value("select count(*) from attribution.model_fits where conversion_type = 'won'") == 2


def test_a_blend_mixes_a_learnt_model(warehouse: DuckDBWarehouse):
    rules = {
        **RULES, "enabled_models": [], "custom_models": {"half": {"blend": {"markov": 0.5, "linear": 0.5}}}
    }  # fmt: skip
    load(warehouse, company())
    attribute_warehouse(warehouse, rules, night(1), "night 1")
    assert shares(warehouse, "won:s0", "half") == pytest.approx({"search": 0.4, "email": 0.6})


# On files

PATHS = "path,total_conversions,total_conversion_value,total_null\nsearch > email,6,60,0\nemail,2,40,6\n"
ENOUGH = ["markov.min_conversions=4", "markov.min_non_conversions=4"]


FIGURES = ("credit_share", "conversions", "amount", "interval_low", "interval_high")


def given(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


def channels(folder: Path) -> dict[str, dict[str, float]]:
    with (folder / "out_channels.csv").open(newline="") as file:
        return {
            row["channel"]: {name: float(row[name]) for name in FIGURES if row[name]} for row in csv.DictReader(file)
        }


def test_of_paths_the_channels_file_has_the_channel_credit_and_the_other_the_touch_credit(tmp_path: Path):
    report = attribute_file(
        paths=given(tmp_path, "p.csv", PATHS), models="markov", overrides=ENOUGH, out=tmp_path / "out.csv"
    )
    assert report.notes == []
    found = channels(tmp_path)
    assert found["search"]["credit_share"] == pytest.approx(0.3)
    assert found["search"]["conversions"] == pytest.approx(0.3 * 8)
    assert found["search"]["amount"] == pytest.approx(0.3 * 100)
    assert 0 < found["search"]["interval_low"] < 0.3 < found["search"]["interval_high"] < 1
    with (tmp_path / "out.csv").open(newline="") as file:
        touch = next(csv.DictReader(file))
    assert (touch["channel"], float(touch["credit_share"])) == ("search", pytest.approx(0.3))


def test_paths_repeated_paths_and_journeys_that_count_several_are_one_and_the_same(tmp_path: Path):
    repeated = PATHS + "search>email,0,0,0\n"
    repeated = repeated.replace("email,2,40,6", "email,2,40,1\nemail,0,0,5")
    rows = ["journey_id,touch_number,channel,converted,journey_count"]
    rows += ["a,1,search,1,6", "a,2,email,1,6", "b,1,email,1,2", "c,1,email,0,6"]
    shares = []
    for what, content in (("paths", PATHS), ("paths", repeated), ("journeys", "\n".join(rows))):
        attribute_file(
            **{what: given(tmp_path, "in.csv", content)}, models="markov", overrides=ENOUGH, out=tmp_path / "out.csv",
            separator=">",
        )  # fmt: skip
        shares.append({name: one["credit_share"] for name, one in channels(tmp_path).items()})
    assert shares == [pytest.approx({"search": 0.3, "email": 0.7})] * 3


def test_a_file_of_too_little_data_leaves_a_note_and_unattributed_conversions(tmp_path: Path):
    report = attribute_file(paths=given(tmp_path, "p.csv", PATHS), models="markov", out=tmp_path / "out.csv")
    assert report.notes == ["not enough data for markov: 8 conversions, and min_conversions is 20"]
    assert channels(tmp_path)[""]["conversions"] == 8


ACCOUNTS = "account_id,observed_from,observed_until,employees,segment\na,2026-01-01,2026-06-01,12,smb\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    {
        "twice": (ACCOUNTS + "a,2026-01-01,2026-06-01,1,x\n", "line 3: account 'a' is there more than once"),
        "backwards": (ACCOUNTS + "b,2026-02-01,2026-01-01,1,x\n", "line 3: observed_until is before observed_from"),
        "private": (ACCOUNTS.replace("segment", "_row"), "the column '_row' must be called by"),
        "without": (ACCOUNTS + ",2026-01-01,2026-02-01,1,x\n", "line 3: account_id is empty"),
        "badly named": (ACCOUNTS.replace("segment", "our segment"), "the column 'our segment' must be called by"),
    }.values(),
    ids=["twice", "backwards", "private", "without", "badly named"],
)
def test_accounts_that_cannot_be_a_risk_set_stop_with_their_line(tmp_path: Path, content: str, sentence: str):
    with pytest.raises(UsageError, match=sentence):
        attribute_file(
            paths=given(tmp_path, "p.csv", PATHS),
            accounts=given(tmp_path, "accounts.csv", content),
            models="linear",
            out=tmp_path / "out.csv",
        )
