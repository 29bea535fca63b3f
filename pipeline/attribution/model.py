"""What a model declares. A model is one file in `models/`, and this is all it imports.

A rule model says how much each touch of a journey weighs; the engine does the rest (normalising, amounts, versions):

    MODEL = WeightModel(
        name="late_half",
        description="the later half of the journey shares alike",
        weight="case when touch_number * 2 > touch_count then 1 else 0 end",
    )

* `WeightModel`: one number per touch, in the language of `pipeline.attribution.expression`.
* `PositionModel`: weights for positions (milestones of the funnel, first, last) and for the rest.
* `MilestoneModel`: everything to the touch of one position.
* `BlendedModel`: a mix of other models' shares.

A model that learns from the journeys is a `FittedModel`, declared with `pipeline.attribution.fitted`.

A declaration stores what it is given and checks it at once; nothing runs until the engine reads it.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pipeline.attribution.expression import check_names, weight_sql
from pipeline.errors import UsageError, unknown_name

__all__ = [
    "FUNNEL",
    "MIDDLE_SCOPES",
    "POLICIES",
    "POSITIONS",
    "BlendedModel",
    "Choice",
    "Declared",
    "MilestoneModel",
    "Model",
    "Multipliers",
    "Number",
    "PositionModel",
    "WeightModel",
]

#: The milestones of the funnel in the order they are reached; a skipped one is carried to the next that was.
FUNNEL = ("first", "lead_creation", "mql", "sal", "sql", "opportunity_creation", "closing")

#: Every place a weight can be given to: the funnel's milestones, and two that every journey with a touch has.
POSITIONS = (*FUNNEL, "last", "last_non_direct")

POLICIES = ("carry_forward", "equal", "proportional")
MIDDLE_SCOPES = ("all", "between")

#: Two sums of weights that differ by less are the same: weights are written by hand, e.g. 0.225.
TOLERANCE = 1e-9


#: Channel names that mean direct when no column says so.
DIRECT_NAMES = ("direct", "(direct)", "direct traffic", "(none)", "(direct) / (none)", "direct / none")


@dataclass(frozen=True)
class Number:
    """A model's own number: its default, what it means, and the open or closed range it must lie in."""

    default: float
    meaning: str
    above: float = -math.inf
    at_most: float = math.inf

    def check(self, value: Any, of: str) -> float:
        """`value` as a float; raises `UsageError` when it is not a number of the range."""
        if isinstance(value, str):  # YAML takes 1e-3 for a text
            with suppress(ValueError):
                value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UsageError(f"{of} must be a number, not {value!r}")
        if not self.above < value <= self.at_most:
            least = f"above {self.above:g}" if self.above > -math.inf else ""
            if self.above == -TOLERANCE:
                least = "0 or more"
            most = f"at most {self.at_most:g}" if self.at_most < math.inf else ""
            raise UsageError(f"{of} must be {' and '.join(filter(None, [least, most]))}, not {value!r}")
        return float(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    default: str
    meaning: str
    words: tuple[str, ...]

    def check(self, value: Any, of: str) -> str:
        """`value` if it is one of the words; raises `UsageError` naming them."""
        if str(value) not in self.words:
            raise UsageError(f"{of} must be one of {', '.join(self.words)}, not {value!r}")
        return str(value)


@dataclass(frozen=True)
class Multipliers:
    """A weight multiplier per name; what is not named weighs 1."""

    meaning: str
    default: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def check(self, value: Any, of: str) -> dict[str, float]:
        """`value` with every multiplier a number that is not negative; raises `UsageError`."""
        if not isinstance(value, Mapping):
            raise UsageError(f"{of} must map names to multipliers, e.g. {{decision_maker: 2}}, not {value!r}")
        number = Number(1.0, "", above=-TOLERANCE)
        return {str(name): number.check(one, f"{of}.{name}") for name, one in sorted(value.items())}


Parameter = Number | Choice | Multipliers

BUYING_ROLE_WEIGHTS = Multipliers("weight multiplier per buying-group role; a role not named weighs 1")


@dataclass(frozen=True, kw_only=True)
class Model:
    """What every model declares.

    name: how credits, vars and reports call it. description: one sentence, shown by `touchledger list models`.
    source: where the rule is from. own: its own parameters, which `model_parameters` may override.
    values: the overrides, checked here; use `with_values` to set them.
    """

    name: str
    description: str
    source: str = ""
    own: Mapping[str, Parameter] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    #: Parameters that every model of a kind has beside its own.
    common: ClassVar[Mapping[str, Parameter]] = MappingProxyType({"buying_role_weights": BUYING_ROLE_WEIGHTS})

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise UsageError(f"model {self.name!r}: a model's name is lower-case letters, digits and _")
        known = self.parameters
        for name in self.values:
            if name not in known:
                raise unknown_name(f"parameter of model {self.name}:", name, known)
        checked = {name: known[name].check(value, f"{self.name}.{name}") for name, value in self.values.items()}
        object.__setattr__(self, "values", MappingProxyType(checked))
        self.check()

    def check(self) -> None:
        """Raise `UsageError` when the declaration contradicts itself."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter by name: those of its kind, then its own."""
        return {**self.common, **self.own}

    @property
    def effective(self) -> dict[str, Any]:
        """Every parameter's value: the override, else the default."""
        return {name: self.values.get(name, parameter.default) for name, parameter in self.parameters.items()}

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """The same model with parameters overridden; raises `UsageError` for one it does not have."""
        return replace(self, values={**self.values, **values})

    @property
    def policy(self) -> str | None:
        """What happens to weight that nobody is there to receive; None where that cannot happen."""
        return self.effective.get("policy")

    def definition(self) -> dict[str, Any]:
        """What makes its credits what they are, JSON-able: a change of it is a new model version."""
        return {"kind": type(self).__name__, **self.effective}

    def version_key(self) -> dict[str, Any]:
        """What tells two versions of the model apart: its definition, and what else its credits follow from."""
        return self.definition()


@dataclass(frozen=True, kw_only=True)
class WeightModel(Model):
    """A weight per touch in the weight language, over the touch's variables and the model's own numbers."""

    weight: str

    def check(self) -> None:
        """Parse the expression with the values as they are."""
        check_names(self.own, f"model {self.name}")
        self.sql()

    def sql(self) -> str:
        """The weight as SQL over the columns of a touch."""
        numbers = {name: value for name, value in self.effective.items() if name in self.own}
        return weight_sql(self.weight, numbers, of=f"weight of model {self.name}")

    def definition(self) -> dict[str, Any]:
        """The SQL it comes to: a weight written otherwise with the same meaning is the same version."""
        return {**super().definition(), "weight": self.sql()}


@dataclass(frozen=True, kw_only=True)
class PositionModel(Model):
    """Weights for positions, and one for the rest of the touches together; they sum to 1.

    A touch that holds several positions gets their sum. `policies` are those that make sense for the
    model; the first is the default.
    """

    positions: Mapping[str, float]
    rest: float = 0.0
    policies: tuple[str, ...] = POLICIES

    def check(self) -> None:
        """Positions must be known, weights not negative, their sum 1."""
        if not self.positions:
            raise UsageError(f"model {self.name} names no position; known: {', '.join(POSITIONS)}")
        for position in self.positions:
            if position not in POSITIONS:
                raise unknown_name(f"position of model {self.name}:", position, POSITIONS)
        for position, weight in {**self.positions, "rest": self.rest}.items():
            Number(0.0, "", above=-TOLERANCE, at_most=1.0).check(weight, f"{self.name}: the weight of {position}")
        total = sum(self.positions.values()) + self.rest
        if abs(total - 1) > TOLERANCE:
            raise UsageError(f"model {self.name}: its weights sum to {total:g}, and must sum to 1")

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The policy for what nobody receives, and what counts as the middle, beside the others."""
        policy = Choice(self.policies[0], "where the weight of a position nobody holds goes", self.policies)
        scope = Choice("all", "the rest: all other touches, or those between the outer positions", MIDDLE_SCOPES)
        return {"policy": policy, "middle_scope": scope, **super().parameters}

    def definition(self) -> dict[str, Any]:
        """Its positions and the rest, beside the parameters."""
        return {**super().definition(), "positions": dict(self.positions), "rest": self.rest}


@dataclass(frozen=True, kw_only=True)
class MilestoneModel(Model):
    """Everything to the touch of one position.

    A milestone that was skipped falls to the next that was reached; when none was, a lone touch has it all
    and several touches leave the conversion unattributed: never an equal split.
    """

    milestone: str

    common: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})

    def check(self) -> None:
        """The milestone must be a position."""
        if self.milestone not in POSITIONS:
            raise unknown_name(f"milestone of model {self.name}:", self.milestone, POSITIONS)

    @property
    def policy(self) -> str | None:
        """`carry_forward`, the only one: a single weight has nobody to share it with."""
        return POLICIES[0] if self.milestone in FUNNEL[1:] else None

    def definition(self) -> dict[str, Any]:
        """Its milestone."""
        return {**super().definition(), "milestone": self.milestone}


@dataclass(frozen=True, kw_only=True)
class BlendedModel(Model):
    """A declared mix of other models' shares; the weights sum to 1.

    `members` are the mixed models themselves, put in by the registry with their own parameters.
    """

    mix: Mapping[str, float]
    members: Mapping[str, Model] = field(default_factory=dict)

    common: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})

    def check(self) -> None:
        """At least one part, no negative weight, a sum of 1."""
        if not self.mix:
            raise UsageError(f"model {self.name} mixes no model")
        for name, weight in self.mix.items():
            Number(0.0, "", above=-TOLERANCE, at_most=1.0).check(weight, f"{self.name}: the weight of {name}")
        total = sum(self.mix.values())
        if abs(total - 1) > TOLERANCE:
            raise UsageError(f"model {self.name}: its weights sum to {total:g}, and must sum to 1")

    def definition(self) -> dict[str, Any]:
        """The mix, and the definition of everything mixed."""
        members = {name: member.definition() for name, member in sorted(self.members.items())}
        return {**super().definition(), "mix": dict(sorted(self.mix.items())), "members": members}

    def version_key(self) -> dict[str, Any]:
        """Its definition with the version of everything mixed."""
        members = {name: member.version_key() for name, member in sorted(self.members.items())}
        return {**self.definition(), "members": members}


@dataclass(frozen=True)
class Declared:
    """A way to declare a model in the var `custom_models`: the keys that tell it, the others it may have.

    `build(name, declaration)` returns the model or raises `UsageError`.
    """

    needs: frozenset[str]
    may_have: frozenset[str]
    example: str
    build: Callable[[str, Mapping[str, Any]], Model]
