"""The reference page of the models, written from the models: `python -m pipeline.attribution.reference --write`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.attribution.expression import FUNCTIONS, VARIABLES
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.model import (
    BUYING_ROLE_WEIGHTS,
    MIDDLE_SCOPES,
    POLICIES,
    BlendedModel,
    Choice,
    MilestoneModel,
    Model,
    Multipliers,
    Number,
    Parameter,
    PositionModel,
    WeightModel,
)
from pipeline.attribution.registry import all_models, declared_ways

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "attribution_models.md"
BEGIN = "<!-- written by `python -m pipeline.attribution.reference --write`; do not edit below -->"
END = "<!-- end of what is written -->"


def tables() -> str:
    """Every model with its parameters, the ways to declare one, and the weight language, as Markdown."""
    return "\n\n".join(
        [
            "## The models",
            _table(
                ["model", "what it does", "weights", "parameters beside the common ones"],
                [[f"`{m.name}`", m.description, _weights(m), _parameters(m.own)] for m in all_models({})],
            ),
            "Common parameters:",
            _table(
                ["parameter", "of models that", "meaning", "default"],
                [
                    ["`policy`", "weigh positions", "where the weight of a position nobody holds goes", POLICIES[0]],
                    [
                        "`middle_scope`",
                        "weigh positions",
                        "the rest: `all` other touches, or `between`",
                        MIDDLE_SCOPES[0],
                    ],
                    ["`buying_role_weights`", "weigh touches or positions", BUYING_ROLE_WEIGHTS.meaning, "none"],
                    *[
                        [f"`{name}`", "learn", one.meaning, _default(one)]
                        for name, one in FittedModel.common.items()
                        if name != "buying_role_weights"
                    ],
                ],
            ),
            "## Declared in `custom_models`",
            "\n".join(f"- `{way.example}`" for way in declared_ways()),
            "## The weight language",
            _table(["variable", "is a", "meaning"], [[f"`{name}`", *said] for name, said in VARIABLES.items()]),
            f"Functions: {', '.join(f'`{name}`' for name in FUNCTIONS)}. Operators: `+ - * / = <> < <= > >=`, `and`, "
            "`or`, `not`, `in (…)`, `is null`, `case when … then … else … end`.",
        ]
    )


def page(text: str) -> str:
    """`text` with what is between the two marks written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _weights(model: Model) -> str:
    match model:
        case WeightModel():
            return f"`{model.weight}`"
        case MilestoneModel():
            return f"`{model.milestone}` 100"
        case PositionModel():
            parts = [f"`{name}` {100 * weight:g}" for name, weight in model.positions.items()]
            return ", ".join([*parts, f"rest {100 * model.rest:g}"])
        case FittedModel():
            return f"learnt: `{model.formula or model.weight}`"
        case BlendedModel():
            return ", ".join(f"`{name}` {100 * weight:g}" for name, weight in model.mix.items())
    return ""


def _parameters(own: Mapping[str, Parameter]) -> str:
    return "; ".join(f"`{name}` ({_default(one)}): {one.meaning}" for name, one in own.items())


def _default(parameter: Parameter) -> str:
    match parameter:
        case Number():
            return f"{parameter.default:g}"
        case Choice():
            return parameter.default
        case Multipliers():
            return "none"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m pipeline.attribution.reference --write")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
