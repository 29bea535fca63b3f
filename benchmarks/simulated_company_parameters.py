"""Writes docs/reference/simulated_company_parameters.md: every number of the simulated company, from its code.

python benchmarks/simulated_company_parameters.py
"""

from dataclasses import fields
from pathlib import Path

from pipeline.demo.campaigns import AD_CAMPAIGNS
from pipeline.demo.company import (
    MINOR_DIGITS,
    PLAN_RATES,
    PRODUCT_MIX,
    PRODUCTS,
    REGION_COUNTRIES,
    REGION_CURRENCIES,
    REGION_HOURS,
    REGION_SHARES,
    REGIONS,
)
from pipeline.demo.scenarios import SCENARIOS
from pipeline.demo.world import STEPS, Channel, World

PAGE = Path("docs/reference/simulated_company_parameters.md")
_TABLES = {"channels", "interactions", "baseline", "holdouts"}
_REACH = ("rate", "calendar", "needs_known", "targeting", "intent", "retargeting", "open_lift", "recorded_share")
_STOCK = ("half_life_days", "half_saturation", "steepness")


def number(value: object) -> str:
    """A cell: yes or nothing for a flag, nothing for no effect."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def table(header: list[str], rows: list[list[object]]) -> str:
    cells = [[number(cell) for cell in row] for row in [header, *rows]]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


def channels(world: World) -> str:
    reach = table(["channel", *_REACH], [[c.name, *(getattr(c, f) for f in _REACH)] for c in world.channels])
    acts = table(
        ["channel", *_STOCK, *STEPS],
        [
            [c.name, *(getattr(c, f) for f in _STOCK), *(c.effects[step] or "" for step in STEPS)]
            for c in world.channels
        ],
    )
    return f"## Whom a channel reaches\n\n{reach}\n\n## What it does\n\n{acts}"


def steps(world: World) -> str:
    pairs = table(["channel", "with", "step", "effect"], [list(pair) for pair in world.interactions])
    baseline = table(["step", *STEPS], [["baseline", *(world.baseline[step] for step in STEPS)]])
    return f"## Pairs\n\n{pairs}\n\n## Without marketing\n\n{baseline}"


def others(world: World) -> str:
    values = {f.name: getattr(world, f.name) for f in fields(World) if f.name not in _TABLES}
    rows = [[name, "none" if value == {} else value] for name, value in values.items()]
    tests = [[h.name, h.channel, h.first, h.last, h.held_share] for h in world.holdouts]
    experiments = table(["experiment", "channel", "from (share of days)", "to", "held out"], tests)
    return f"## The rest of the world\n\n{table(['name', 'value'], rows)}\n\n## Experiments\n\n{experiments}"


def changes(name: str) -> list[list[object]]:
    """What a scenario changes: one row per parameter, channels with the same change together."""
    before, after = World(), SCENARIOS[name](World())
    rows: list[list[object]] = []
    kept = [c.name for c in after.channels]
    if len(kept) < len(before.channels):
        rows.append([name, "channels", f"only {', '.join(kept)}"])
    by_change: dict[tuple[str, str], list[str]] = {}
    for channel in after.channels:
        for field in fields(Channel):
            old, new = (getattr(c, field.name) for c in (before.channel(channel.name), channel))
            if old != new and field.name != "effects":
                by_change.setdefault((field.name, number(new)), []).append(channel.name)
        factors = {round(channel.effects[s] / e, 6) for s, e in before.channel(channel.name).effects.items() if e}
        if factors - {1.0}:
            by_change.setdefault(("effects", f"times {max(factors):g}"), []).append(channel.name)
    for (field, value), names in by_change.items():
        whose = "all channels" if len(names) == len(after.channels) else ", ".join(names)
        rows.append([name, f"{field} of {whose}", value])
    for field in fields(World):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new or field.name in ("channels", "interactions"):
            continue
        if isinstance(new, dict):
            new = ", ".join(f"{key} {value:g}" for key, value in new.items() if old.get(key) != value)
        rows.append([name, field.name, new])
    if len(after.channels) == len(before.channels) and before.interactions != after.interactions:
        left = {(a, b, step): effect for a, b, step, effect in after.interactions}
        told = [
            f"{a} with {b} {'none' if (a, b, step) not in left else f'{left[a, b, step]:g}'}"
            for a, b, step, effect in before.interactions
            if left.get((a, b, step)) != effect
        ]
        rows.append([name, "pairs", ", ".join(told)])
    return rows


def company() -> str:
    regions = table(
        ["region", "share", "countries", "currency", "plan rate to USD", "minor digits", "hours from UTC"],
        [
            [region, share, ", ".join(countries), currency, PLAN_RATES[currency], MINOR_DIGITS[currency], hours]
            for region, share, countries, currency, hours in zip(
                REGIONS, REGION_SHARES, REGION_COUNTRIES, REGION_CURRENCIES, REGION_HOURS, strict=True
            )
        ],
    )
    products = table(
        ["product", "family", "list price a year (USD)", "unit cost", "leads a deal"],
        [[p.name, p.family, p.list_price, p.unit_cost, w] for p, w in zip(PRODUCTS, PRODUCT_MIX, strict=True)],
    )
    ads = table(
        ["ad campaign", "channel", "platform", "price of a click", "currency"],
        [[c.name, c.channel, c.platform, c.click_cost, c.currency] for c in AD_CAMPAIGNS],
    )
    return f"## Regions\n\n{regions}\n\n## Products\n\n{products}\n\n## Ads\n\n{ads}"


def page() -> str:
    """The whole page."""
    world = World()
    scenarios = [row for name in SCENARIOS for row in changes(name)]
    parts = [
        "# Parameters of the simulated company",
        "Written by `python benchmarks/simulated_company_parameters.py` from the code; a test holds it to that.\n"
        "[The simulated company](simulated_company.md) and `pipeline/demo/world.py` say what the names mean.",
        channels(world),
        steps(world),
        others(world),
        "## What each scenario changes\n\n" + table(["scenario", "parameter", "becomes"], scenarios),
        company(),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
