"""What may be declared, and the sentence that answers what may not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.attribution import all_models, enabled_models
from pipeline.attribution.expression import FUNCTIONS, VARIABLES, weight_sql
from pipeline.attribution.registry import version
from pipeline.errors import UsageError
from pipeline.warehouse.on_duckdb import DuckDBWarehouse


def custom(declaration: Any, **more: Any) -> dict[str, Any]:
    return {"enabled_models": [], "custom_models": {"mine": declaration}, **more}


BAD_WEIGHTS = {
    "an unknown function": ("sin(touch_number)", "unknown function 'sin'"),
    "an unknown name": ("credit_card", "unknown name 'credit_card'"),
    "a subquery": ("(select 1)", "unknown name 'select'"),
    "a semicolon": ("1; drop table x", "'; drop table' is not understood"),
    "a line comment": ("1 -- all of it", "comments"),
    "a block comment": ("1 /* all */", "'*' was not expected"),
    "a quoted identifier": ('"touch_id"', "is not understood"),
    "a text that never ends": ("case when channel = 'a then 1 end", "is not understood"),
    "a quote inside a text": ("case when channel = 'it''s' then 1 end", "'then' was expected"),
    "a condition as a weight": ("touch_number > 1", "a weight must be a number, not a condition"),
    "a text as a weight": ("'a'", "a weight must be a number, not a text"),
    "a text compared with a number": ("case when channel = 1 then 1 end", "a text cannot be compared with a number"),
    "arithmetic on a text": ("channel + 1", "a side of '+' must be a number"),
    "too few arguments": ("power(2)", "power takes 2 arguments, not 1"),
    "a bracket left open": ("(1 + 2", "')' is missing at the end"),
    "nothing": ("  ", "the expression is empty"),
    "two values": ("1 2", "'2' was not expected"),
    "a case without when": ("case else 1 end", "'when' was expected after 'case'"),
    "deep nesting": ("(" * 60 + "1" + ")" * 60, "nested more than"),
    "a number beyond doubles": ("1e999", "1e999 is too large"),
    "an ending too early": ("1 +", "it ends too early"),
}


@pytest.mark.parametrize(("weight", "says"), BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_a_weight_outside_the_language_is_answered_with_what_is_allowed(weight: str, says: str):
    with pytest.raises(UsageError) as caught:
        enabled_models(custom({"weight": weight}))
    message = str(caught.value)
    assert says in message
    assert message.startswith("weight of model mine: ")
    if "nested" not in says:
        for word in ("days_before_conversion", "power", "case when"):
            assert word in message, "it does not list what is allowed"


GOOD_WEIGHTS = {
    "1": 1.0,
    "2 + 3 * 4 - -1": 15.0,
    "(2 + 3) * 4 / 8": 2.5,
    "1 / 0": None,
    "ln(0)": None,
    "sqrt(0 - 1)": None,
    "power(2, 10)": 1024.0,
    "least(3, 2, 1) + greatest(1, 2) + coalesce(1 / 0, 7) + abs(-4) + exp(0) + ln(1) + sqrt(9)": 18.0,
    "case when channel = 'email' and not is_first then 1 when touch_number in (2, 3) or is_last then 5 else 0 end": 5.0,
    "case when buying_role is null then 2 end": 2.0,
    "case when channel not in ('a', 'b') and buying_role is null then 4 end": 4.0,
    "TOUCH_COUNT * Half": 1.5,
    ".5e1": 5.0,
}


@pytest.mark.parametrize(("weight", "value"), GOOD_WEIGHTS.items())
def test_a_weight_means_what_it_says(warehouse: DuckDBWarehouse, weight: str, value: float | None):
    touch = """(select 'paid' as channel, 2 as touch_number, 3 as touch_count, false as is_first, false as is_last,
        cast(null as string) as buying_role)"""
    assert warehouse.value(f"select {weight_sql(weight, {'half': 0.5})} from {touch}") == value


def test_every_word_of_the_language_can_be_said():
    for name, (kind, _) in VARIABLES.items():
        weight = {"number": name, "text": f"case when {name} = 'a' then 1 end"}.get(
            kind, f"case when {name} then 1 end"
        )
        assert name in weight_sql(weight, {})
    for name, (least, _, _) in FUNCTIONS.items():
        assert weight_sql(f"{name}({', '.join(['1'] * least)})", {})


BAD_DECLARATIONS = {
    "models that are no list": (
        {"enabled_models": "markov"},
        "enabled_models must be a list of names, or the word all",
    ),
    "a model that is no name": ({"enabled_models": [{"markov": 1}]}, "not [{'markov': 1}]"),
    "weights that do not sum to 1": (
        custom({"milestones": {"first": 0.5, "sql": 0.4}}),
        "model mine: its weights sum to 0.9, and must sum to 1",
    ),
    "a stage that does not exist": (
        custom({"milestones": {"signing": 1}}),
        "unknown position of model mine: 'signing'",
    ),
    "a negative weight": (custom({"milestones": {"first": 1.5, "last": -0.5}}), "the weight of first must be"),
    "no weight": (custom({"milestones": {}}), "names no position"),
    "milestones that are no mapping": (custom({"milestones": "first"}), "custom model 'mine' cannot be read"),
    "neither of the ways": (custom({"formula": "1"}), "custom model 'mine' has formula; it is declared as one of"),
    "both of the ways": (custom({"weight": "1", "blend": {"linear": 1}}), "custom model 'mine' has blend, weight"),
    "no mapping": (custom("linear"), "custom model 'mine' must be a mapping"),
    "the name of another": ({"custom_models": {"linear": {"weight": "1"}}}, "custom model 'linear' has the name of"),
    "a name that is no name": ({"custom_models": {"My Model": {"weight": "1"}}}, "a model's name is lower-case"),
    "a mix of an unknown model": (custom({"blend": {"linaer": 1}}), "unknown model mixed by mine: 'linaer'"),
    "a mix that does not sum to 1": (custom({"blend": {"linear": 0.7}}), "its weights sum to 0.7"),
    "a mix of a mix": (
        {"custom_models": {"a": {"blend": {"linear": 1}}, "b": {"blend": {"a": 1}}}},
        "model b mixes a, which is a mix itself",
    ),
    "an unknown enabled model": ({"enabled_models": ["linear", "liner"]}, "unknown model 'liner'; known: "),
    "a parameter of an unknown model": (
        {"model_parameters": {"liner": {}}},
        "unknown model in model_parameters: 'liner'",
    ),
    "an unknown parameter": (
        {"model_parameters": {"time_decay": {"half_life": 7}}},
        "unknown parameter of model time_decay: 'half_life'; known: buying_role_weights, half_life_days",
    ),
    "a parameter out of range": (
        {"model_parameters": {"time_decay": {"half_life_days": 0}}},
        "time_decay.half_life_days must be above 0, not 0",
    ),
    "a parameter of another type": (
        {"model_parameters": {"time_decay": {"half_life_days": "seven"}}},
        "time_decay.half_life_days must be a number, not 'seven'",
    ),
    "an unknown policy": (
        {"model_parameters": {"w_shaped": {"policy": "give_up"}}},
        "w_shaped.policy must be one of carry_forward, equal, proportional, not 'give_up'",
    ),
    "a negative multiplier": (
        {"model_parameters": {"linear": {"buying_role_weights": {"user": -1}}}},
        "linear.buying_role_weights.user must be 0 or more, not",
    ),
    "a name that hides a variable": (
        custom({"weight": "channel", "numbers": {"channel": 1}}),
        "'channel' cannot be a parameter",
    ),
}


@pytest.mark.parametrize(("rules", "says"), BAD_DECLARATIONS.values(), ids=BAD_DECLARATIONS)
def test_a_wrong_declaration_is_answered_with_a_sentence(rules: dict[str, Any], says: str):
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        enabled_models(rules)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_declared_models_are_enabled_by_being_declared():
    rules = {"enabled_models": ["linear"], "custom_models": {"mine": {"weight": "1"}}}
    assert [model.name for model in enabled_models(rules)] == ["linear", "mine"]


def test_a_version_changes_with_what_makes_the_credits_and_with_nothing_else():
    def versions(**rules: Any) -> dict[str, str]:
        return {model.name: version(model) for model in all_models(rules)}

    plain = versions(custom_models={"mix": {"blend": {"time_decay": 0.5, "linear": 0.5}}})
    assert len(set(plain.values())) == len(plain)
    faster = versions(
        custom_models={"mix": {"description": "reworded", "blend": {"linear": 0.5, "time_decay": 0.5}}},
        model_parameters={"time_decay": {"half_life_days": 7}},
    )
    assert {name for name in plain if plain[name] != faster[name]} == {"time_decay", "mix"}
    same = versions(model_parameters={"time_decay": {"half_life_days": 30}, "w_shaped": {"policy": "carry_forward"}})
    assert all(same[name] == plain[name] for name in same)
