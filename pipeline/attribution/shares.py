"""From a model's declaration to one share per touch, in SQL: weigh, then normalise.

Every model goes through one template over two relations that `inputs` prepares:

* touches: one row per conversion and touch, keyed (conversion_key, touch_number), with the touch's variables;
* conversions: one row per conversion, with `touch_count` and, for every position, `at_<position>`: the number
  of the touch that holds it, null when none does.

The answer has one row per conversion and touch, and one with a null touch_number for what is unattributed:

    conversion_key, touch_number, credit_kind, credit_reason, credit_share, position_roles,
    base_weight         what the touch weighs by the positions it holds itself,
    reallocated_weight  what it was given of weight that nobody was there to receive

with `credit_share = (base_weight + reallocated_weight) / their sum over the conversion`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch

from pipeline.attribution.expression import double
from pipeline.attribution.fitted import FittedModel
from pipeline.attribution.model import FUNNEL, BlendedModel, MilestoneModel, Model, PositionModel, WeightModel

#: Weights above this, or not a number, count as zero: they would leave no share to the others.
GREATEST_WEIGHT = "1e300"

NO_TOUCHES = "no_touches"
MILESTONE_MISSING = "milestone_missing"
NOT_ENOUGH_DATA = "not_enough_data"
ALL_WEIGHTS_ZERO = "all_weights_zero"


@singledispatch
def shares_sql(model: Model, touches: str, conversions: str) -> str:
    """The query of a model's shares over two relations (names, or queries in parentheses)."""
    raise TypeError(f"{type(model).__name__} of {model.name} is not a kind of model that the engine knows")


@shares_sql.register
def _of_weights(model: WeightModel, touches: str, conversions: str) -> str:
    weights = f"""
        select *, {model.sql()} as base, 0e0 as moved, cast(null as string) as position_roles
        from {touches} as touch"""
    return _normalised(model, weights, conversions)


@shares_sql.register
def _of_milestone(model: MilestoneModel, touches: str, conversions: str) -> str:
    held = f"at_{model.milestone}"
    place = f"coalesce({', '.join([*_reached_from(model.milestone), 'case when touch_count = 1 then 1 end'])})"
    weights = f"""
        select touch.*,
            case when place.held = touch.touch_number then 1e0 else 0e0 end as base,
            case when place.held is null and place.place = touch.touch_number then 1e0 else 0e0 end as moved,
            case when place.held = touch.touch_number then '{model.milestone}'
                when place.place = touch.touch_number then '{model.milestone}:carried' end as position_roles
        from {touches} as touch
        inner join (select conversion_key, {held} as held, {place} as place from {conversions} as conversion) as place
            on touch.conversion_key = place.conversion_key
        where place.place is not null"""
    return _normalised(model, weights, conversions, missing=f"{place} is null")


@shares_sql.register
def _of_positions(model: PositionModel, touches: str, conversions: str) -> str:
    names = [name for name, weight in model.positions.items() if weight > 0]
    weight = {name: double(model.positions[name]) for name in names}
    rest = double(model.rest)
    carried = model.policy == "carry_forward"

    places = ",\n            ".join(
        f"{_held(name)} as held_{name}, "
        + (f"coalesce({', '.join([_held(name), *_reached_after(name)])})" if carried else _held(name))
        + f" as place_{name}"
        for name in names
    )
    placed = [f"place_{name}" for name in names]
    taken = f"touch.touch_number in ({', '.join(f'coalesce(place.{place}, 0)' for place in placed)})"
    if model.effective["middle_scope"] == "between":
        least, greatest = _outermost(placed, "least"), _outermost(placed, "greatest")
        taken = f"({taken} or touch.touch_number not between coalesce({least}, 1) and coalesce({greatest}, 1))"

    base = " + ".join(f"case when held_{name} = touch_number then {weight[name]} else 0e0 end" for name in names)
    position_count = " + ".join(f"case when {place} is null then 0e0 else 1e0 end" for place in placed)
    lost = " + ".join(f"case when place_{name} is null then {weight[name]} else 0e0 end" for name in names)
    given = " + ".join(
        f"case when place_{name} = touch_number then spread + "
        f"case when held_{name} is null then {weight[name]} else 0e0 end else 0e0 end"
        for name in names
    )
    moved = "0e0" if model.policy == "proportional" else given
    roles = ", ".join(
        f"case when held_{name} = touch_number then '{name}' when place_{name} = touch_number then '{name}:carried' end"
        for name in names
    )
    if model.rest > 0:
        roles += ", case when is_rest = 1 then 'rest' end"
    weights = f"""
        select *,
            {base} + case when is_rest = 1 then {rest} / rest_count else 0e0 end as base,
            {moved} as moved,
            nullif(concat_ws(',', {roles}), '') as position_roles
        from (
            select *,
                ({lost} + case when rest_count = 0 then {rest} else 0e0 end) / nullif({position_count}, 0e0) as spread
            from (
                select *, sum(is_rest) over (partition by conversion_key) as rest_count
                from (
                    select touch.*, {", ".join(f"place.held_{name}, place.place_{name}" for name in names)},
                        case when {taken} then 0 else 1 end as is_rest
                    from {touches} as touch
                    inner join (
                        select conversion_key,
                            {places}
                        from {conversions} as conversion
                    ) as place on touch.conversion_key = place.conversion_key
                ) as placed
            ) as counted
        ) as sized"""
    return _normalised(model, weights, conversions)


@shares_sql.register
def _of_blend(model: BlendedModel, touches: str, conversions: str) -> str:
    """Each member's shares once, told apart by its number, so that the mix is summed in a fixed order."""
    members = " union all ".join(
        f"select {number} as member, shares.* from ({shares_sql(model.members[name], touches, conversions)}) as shares"
        for number, name in enumerate(model.mix)
    )
    share = " + ".join(
        f"{double(weight)} * sum(case when member = {number} then credit_share else 0e0 end)"
        for number, weight in enumerate(model.mix.values())
    )
    return f"""
        select conversion_key, touch_number, credit_kind, max(credit_reason) as credit_reason,
            {share} as credit_share, cast(null as string) as position_roles,
            {share} as base_weight, 0e0 as reallocated_weight
        from ({members}) as member
        group by conversion_key, touch_number, credit_kind"""


@shares_sql.register
def _of_fit(model: FittedModel, touches: str, conversions: str) -> str:
    """The frozen numbers of each conversion type and channel, joined to the touches that they weigh."""
    fits = {kind: fit for kind, fit in model.fits.items() if fit.is_fitted}
    whole = [{"of_type": text(kind), **_doubles(fit.constants, model.reads_constants)} for kind, fit in fits.items()]
    by_channel = [
        {"of_type": text(kind), "of_channel": text(channel), **_doubles(numbers, model.reads)}
        for kind, fit in fits.items()
        for channel, numbers in fit.channels.items()
    ]
    weights = f"""
        select *, coalesce({model.weight}, 0e0) as base, 0e0 as moved, cast(null as string) as position_roles
            {f", {model.baseline} as baseline, {model.kept or '1e0'} as kept" if model.baseline else ""}
        from (
            select touch.*{"".join(f", whole.{name}" for name in model.reads_constants)}
                {"".join(f", by_channel.{name}" for name in model.reads)}
            from {touches} as touch
            inner join {_constants(whole, ("of_type", *model.reads_constants))} as whole
                on coalesce(touch.conversion_type, '') = whole.of_type
            left join {_constants(by_channel, ("of_type", "of_channel", *model.reads))} as by_channel
                on coalesce(touch.conversion_type, '') = by_channel.of_type and touch.channel = by_channel.of_channel
        ) as fitted"""
    known = f"coalesce(conversion_type, '') in ({', '.join(text(kind) for kind in fits)})" if fits else "false"
    return _normalised(
        model, weights, conversions, f"not ({known})", NOT_ENOUGH_DATA, has_baseline=bool(model.baseline)
    )


def _doubles(numbers: Mapping[str, float], names: Iterable[str]) -> dict[str, str]:
    return {name: double(numbers[name]) if name in numbers else "cast(null as double)" for name in names}


def _constants(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> str:
    """A relation of rows written out; without one, a relation of those columns that is empty."""
    empty = {name: f"cast(null as {'string' if name.startswith('of_') else 'double'})" for name in columns}
    selects = [
        "select " + ", ".join(f"{row.get(name, empty[name])} as {name}" for name in columns) for row in rows or [empty]
    ]
    return f"({' union all '.join(selects)}{'' if rows else ' where false'})"


def _normalised(
    model: Model,
    weights: str,
    conversions: str,
    missing: str = "",
    missing_reason: str = MILESTONE_MISSING,
    *,
    has_baseline: bool = False,
) -> str:
    """The template of all models: not below zero, by buying role, divided by the sum; and the unattributed.

    `missing` is the condition under which a conversion with touches has no place for the weight. With a baseline
    (a column of `weights`, the same for all touches of a conversion) the sum has it too, and it is a row of its own,
    with what the touches do not keep of their weight (column `kept`).
    """
    unplaced = f" or ({missing})" if missing else ""
    reason = f"case when touch_count = 0 then '{NO_TOUCHES}' else '{missing_reason}' end"
    summed = _summed(model, weights, has_baseline=has_baseline)
    baseline = f"""
    union all
    select conversion_key, null, 'baseline', null, baseline / total, null, baseline, 0e0
    from ({summed}) as summed
    where touch_number = 1 and baseline > 0e0"""
    return f"""
    select conversion_key, touch_number, 'touch' as credit_kind,
        case when total > 0e0 then cast(null as string) else '{ALL_WEIGHTS_ZERO}' end as credit_reason,
        case when total > 0e0 then (base + moved) / total else 1e0 / touch_count end as credit_share,
        position_roles,
        base as base_weight,
        case when total > 0e0 then moved else 1e0 / touch_count end as reallocated_weight
    from ({summed}
    ) as summed{baseline if has_baseline else ""}
    union all
    select conversion_key, null, 'unattributed', {reason}, 1e0, null, 0e0, 0e0
    from {conversions} as conversion
    where touch_count = 0{unplaced}"""


def _summed(model: Model, weights: str, *, has_baseline: bool) -> str:
    role = _role_weight(model)
    over = """over (
            partition by conversion_key order by touch_number
            rows between unbounded preceding and unbounded following
        )"""
    weighed = f"""
        from (
            select conversion_key, touch_number, touch_count, position_roles,
                {_clipped("base", role)} as base,
                {_clipped("moved", role)} as moved
                {f", {_clipped('baseline', '')} as baseline, kept" if has_baseline else ""}
            from ({weights}
            ) as raw
        ) as weighed"""
    if not has_baseline:
        return f"""
        select *, sum(base + moved) {over} as total{weighed}"""
    return f"""
        select conversion_key, touch_number, touch_count, position_roles, base * kept as base, moved * kept as moved,
            baseline + sum((base + moved) * (1e0 - kept)) {over} as baseline,
            baseline + sum(base + moved) {over} as total{weighed}"""


def _clipped(weight: str, role: str) -> str:
    product = f"{weight} * {role}" if role else weight
    return f"case when {product} > 0e0 and {product} < {GREATEST_WEIGHT} then {product} else 0e0 end"


def _role_weight(model: Model) -> str:
    roles = model.effective.get("buying_role_weights") or {}
    if not roles:
        return ""
    branches = " ".join(f"when {text(role)} then {double(weight)}" for role, weight in roles.items())
    return f"case buying_role {branches} else 1e0 end"


def _held(position: str) -> str:
    """The touch a position is held by.

    Before an opportunity there is none to create: the conversion's own touch, its journey's last, stands in.
    """
    if position == "opportunity_creation":
        return "case when conversion_type in ('mql', 'sal', 'sql') then at_last else at_opportunity_creation end"
    return f"at_{position}"


def _reached_after(position: str) -> list[str]:
    later = FUNNEL[FUNNEL.index(position) + 1 :] if position in FUNNEL else ()
    return [f"at_{name}" for name in later]


def _reached_from(position: str) -> list[str]:
    return [f"at_{position}", *_reached_after(position)]


def _outermost(places: list[str], function: str) -> str:
    """The least or greatest of places, some of which may be null."""
    columns = ", ".join(f"place.{place}" for place in places)
    return f"{function}({columns})" if len(places) > 1 else columns


def text(value: str) -> str:
    """`value` as a SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def exact_sum(expression: str) -> str:
    """SQL of a sum of doubles that does not depend on the order of its rows: added as decimals of fifteen places."""
    return f"cast(sum(cast({expression} as decimal(28, 15))) as double)"
