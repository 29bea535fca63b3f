"""Named worlds, each hard for attribution in its own way; they combine from left to right."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.demo.world import World

PAID = ("paid_search_non_brand", "paid_social", "display", "content_syndication", "sdr_outbound", "executive_meeting")

#: What the scenario of few channels keeps.
FEW = ("paid_search_non_brand", "paid_social", "email", "webinar", "referral", "trade_show")

#: The channel that the placebo scenario leaves without any effect.
PLACEBO = "paid_social"


def _without(world: World, names: tuple[str, ...]) -> World:
    """The world in which these channels still reach people but do nothing."""
    world = replace(world, channels=tuple(c.scaled(0.0) if c.name in names else c for c in world.channels))
    return replace(world, interactions=tuple(i for i in world.interactions if i[0] not in names and i[1] not in names))


def default(world: World) -> World:
    """A company as they are: some targeting, some retargeting, a part of demand that needs no marketing."""
    return world


def independent_exposure(world: World) -> World:
    """Whom a channel reaches depends on nothing that also moves deals: no targeting, no intent, no retargeting."""
    return world.change(targeting=0.0, intent=1.0, retargeting=0.0, open_lift=0.0)


def confounded_targeting(world: World) -> World:
    """Good accounts get far more paid and outbound marketing, and would have bought more often anyway."""
    return replace(world.change(PAID, targeting=1.3), fit_slope=0.9)


def retargeting(world: World) -> World:
    """Display and paid social follow whoever visited, so they stand just before conversions they did not cause."""
    return _without(world.change(("display", "paid_social"), retargeting=5.0), ("display",))


def brand_search_consequence(world: World) -> World:
    """People search for the brand because they already want it; the click changes nothing."""
    return _without(world.change(("paid_search_brand",), intent=12.0, rate=4.0), ("paid_search_brand",))


def baseline_demand(world: World) -> World:
    """Most demand needs no marketing, and two accounts in five are never reached by any."""
    baseline = {**world.baseline, "inquiry": world.baseline["inquiry"] * 3}
    return replace(world.scale_effects(0.35), baseline=baseline, unreached_share=0.4)


def placebo_channel(world: World) -> World:
    """Paid social is bought and clicked as ever, and has no effect at all."""
    return _without(world, (PLACEBO,))


def long_cycle(world: World) -> World:
    """Every wait lasts two and a half times as long."""
    return replace(world, cycle_factor=world.cycle_factor * 2.5)


def short_cycle(world: World) -> World:
    """Every wait lasts a third as long."""
    return replace(world, cycle_factor=world.cycle_factor / 3)


def few_conversions(world: World) -> World:
    """A small market: an inquiry is a sixth as likely."""
    baseline = {**world.baseline, "inquiry": world.baseline["inquiry"] / 6, "mql": world.baseline["mql"] / 3}
    return replace(world.scale_effects(1 / 6), baseline=baseline)


def dark_touches(world: World) -> World:
    """Word of mouth and social are mostly never recorded, and a quarter of everything else is lost."""
    dark = ("organic_social", "referral", "partner", "executive_meeting")
    return world.change(recorded_share=0.75).change(dark, recorded_share=0.3)


def regime_change(world: World) -> World:
    """Half-way, search and email lose most of their power and events and partners gain."""
    factors = {
        "paid_search_non_brand": 0.2,
        "email": 0.3,
        "display": 0.0,
        "partner": 2.5,
        "field_event": 2.5,
        "trade_show": 2.0,
    }
    return replace(world, regime_from=0.5, regime_factors=factors)


def few_channels(world: World) -> World:
    """Six channels only, so that the exact Shapley values of the true game can be known."""
    return replace(world, channels=tuple(c for c in world.channels if c.name in FEW))


SCENARIOS: Mapping[str, Callable[[World], World]] = {
    function.__name__: function
    for function in (
        default,
        independent_exposure,
        confounded_targeting,
        retargeting,
        brand_search_consequence,
        baseline_demand,
        placebo_channel,
        long_cycle,
        short_cycle,
        few_conversions,
        dark_touches,
        regime_change,
        few_channels,
    )
}


def world_of(scenario: str) -> World:
    """The world of a comma list of scenario names.

    Raises `ValueError` that names the unknown one and lists those there are.
    """
    world = World()
    for name in (part.strip() for part in scenario.split(",")):
        if name not in SCENARIOS:
            raise ValueError(f"unknown scenario {name!r}; known: {', '.join(sorted(SCENARIOS))}")
        world = SCENARIOS[name](world)
    return world
