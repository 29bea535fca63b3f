"""From shares to money: whole minor units by largest remainder, so that a conversion's credits sum to its amount.

For shares s_i of an amount A whose currency's minor unit is u (0.01, 1, 0.001): each gets floor(s_i · |A| / u)
units, the units left over go one each to the largest remainders, ties in the order of the touches, and the sign
of A comes back at the end. Should A itself hold a fraction of a minor unit, the first in that order keeps it, so
that the sum is A exactly. A null amount credits nulls.
"""

#: Digits of a remainder that count: what lies beyond is the noise of doubles, and would settle ties by chance.
REMAINDER_DIGITS = 6

#: The order of the touches, an unattributed share last: engines differ about where a null comes.
TOUCH_ORDER = "coalesce(touch_number, 2147483647)"


def credited_sql(shares: str, conversions: str, amounts: dict[str, tuple[str, str]]) -> str:
    """`shares` with credited amounts beside them.

    `shares` and `conversions` are relations keyed by conversion_key; `amounts` maps the column to make to the
    conversion's columns (amount, minor unit digits), e.g. `{"credited_amount": ("amount", "minor_unit_digits")}`.
    """
    known = ", ".join(
        f"abs(conversion.{amount}) as {made}_size, conversion.{amount} < 0 as {made}_negative, "
        f"cast(power(1e1, coalesce(conversion.{digits}, 2)) as bigint) as {made}_scale, "
        f"cast(power(1e1, - coalesce(conversion.{digits}, 2)) as decimal(18, 4)) as {made}_unit"
        for made, (amount, digits) in amounts.items()
    )
    totals = ", ".join(f"cast(floor({made}_size * {made}_scale) as bigint) as {made}_units" for made in amounts)
    parts = ", ".join(
        f"floor(credit_share * {made}_units + 1e-{REMAINDER_DIGITS}) as {made}_whole, "
        f"round(credit_share * {made}_units - floor(credit_share * {made}_units + 1e-{REMAINDER_DIGITS}), "
        f"{REMAINDER_DIGITS}) as {made}_rest"
        for made in amounts
    )
    ranks = ", ".join(
        f"{made}_units - cast(sum({made}_whole) over (partition by conversion_key) as bigint) as {made}_left, "
        f"row_number() over (partition by conversion_key order by {made}_rest desc, {TOUCH_ORDER}) as {made}_rank"
        for made in amounts
    )
    results = ", ".join(
        f"case when {made}_negative then - {_given(made)} else {_given(made)} end as {made}" for made in amounts
    )
    return f"""
    select conversion_key, touch_number, credit_kind, credit_reason, credit_share, position_roles,
        base_weight, reallocated_weight, {results}
    from (
        select *, {ranks}
        from (
            select *, {parts}
            from (
                select *, {totals}
                from (
                    select share.*, {known}
                    from {shares} as share
                    inner join {conversions} as conversion on share.conversion_key = conversion.conversion_key
                ) as sized
            ) as whole
        ) as parted
    ) as ranked"""


def _given(made: str) -> str:
    units = f"cast({made}_whole as bigint) + case when {made}_rank <= {made}_left then 1 else 0 end"
    fraction = f"case when {made}_rank = 1 then {made}_size - {made}_units * {made}_unit else 0 end"
    return f"cast(({units}) * {made}_unit + {fraction} as decimal(18, 4))"
