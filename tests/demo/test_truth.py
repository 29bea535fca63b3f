"""The truth itself obeys what must be true of it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from pipeline.demo.company import Company, found
from pipeline.demo.draws import Draws, draw
from pipeline.demo.effects import lives_of, removal_effects, shapley_values
from pipeline.demo.experiments import arms, result_of
from pipeline.demo.exposure import holdouts_of
from pipeline.demo.life import live
from pipeline.demo.log import Log
from pipeline.demo.people import Accounts, settle
from pipeline.demo.scenarios import PLACEBO, SCENARIOS, world_of
from pipeline.demo.tally import OUTCOMES
from pipeline.demo.world import Holdout, World

END = date(2026, 6, 30)
WON = OUTCOMES.index("won")


def company(world: World, accounts: int = 200, days: int = 365, seed: int = 5) -> Company:
    return found(seed, accounts, days, END, world)


def only(world: World, *names: str) -> World:
    """The world with these channels and no others."""
    return replace(world, channels=tuple(world.channel(name) for name in names))


def no_baseline(world: World) -> World:
    baseline = {**world.baseline, "inquiry": 0.0, "mql": 0.0}
    return replace(world, baseline=baseline, list_lead_share=0.0)


def test_switching_off_the_placebo_changes_nothing_beyond_chance():
    effects = removal_effects(company(world_of("independent_exposure,placebo_channel")), 3, 4096)
    placebo = effects.names.index(PLACEBO)
    assert np.all(effects.lost[placebo] == 0), "without retargeting nothing else may depend on it"
    effects = removal_effects(company(world_of("placebo_channel")), 6, 4096)
    assert np.all(np.abs(effects.lost[placebo]) <= 3 * effects.standard_error[placebo] + 1e-9)


def test_one_channel_without_baseline_is_everything():
    world = no_baseline(only(world_of("independent_exposure"), "referral"))
    effects = removal_effects(company(replace(world, holdouts=())), 2, 4096)
    assert effects.total[0] > 5
    assert np.allclose(effects.lost[0], effects.total)


def test_truth_grows_with_the_size_of_the_effect():
    lost = []
    for factor in (0.0, 0.5, 1.0, 2.0):
        world = only(world_of("independent_exposure"), "review_site", "email").scale_effects(factor, ("review_site",))
        lost.append(removal_effects(company(world), 3, 4096).lost[0, 0])
    assert lost[0] == 0
    assert lost[0] < lost[1] < lost[2] < lost[3]
    assert 1.4 < lost[3] / lost[2] < 2.6


def test_a_world_does_not_feel_its_neighbours():
    here = company(world_of("default"), accounts=60, days=200)
    accounts = settle(here, 0)
    count = len(here.world.channels)
    alone = live(here, accounts).values[0]
    among = live(here, accounts, np.vstack([np.zeros((3, count), bool), np.ones((1, count), bool)])).values[3]
    assert np.array_equal(alone, among)


def test_a_channel_that_is_switched_off_reaches_nobody():
    here = company(world_of("default"), accounts=100, days=365)
    accounts = settle(here, 0)
    reached_by = set()
    for off in (0, 1):
        log = Log()
        is_on = np.arange(len(here.world.channels)) % 2 != off
        live(here, accounts, is_on[None], log=log)
        reached = set(log.exposures().channel)
        assert reached <= set(np.flatnonzero(is_on))
        reached_by |= reached
    assert reached_by == set(range(len(here.world.channels)))


def test_effects_do_not_depend_on_how_many_lives_are_lived_at_once(monkeypatch):
    here = company(only(world_of("default"), "referral", "email", "display"), accounts=40, days=120)
    at_once = removal_effects(here, 3, 4096)
    monkeypatch.setattr("pipeline.demo.effects._MOST_ROWS", 100)
    few_at_once = removal_effects(here, 3, 4096)
    assert at_once.total[0] > 0
    assert np.array_equal(at_once.lost, few_at_once.lost)
    assert np.array_equal(at_once.realised, few_at_once.realised)


def test_shapley_values_share_out_everything_that_channels_cause():
    here = company(only(world_of("default"), "referral", "webinar", "paid_social"), accounts=120)
    values, errors, nothing = shapley_values(here, 3)
    everything = np.mean([values[0].sum(axis=0) for values in lives_of(here, 0, 3, np.ones((1, 3), bool))], axis=0)
    assert np.allclose(values.sum(axis=0) + nothing, everything)
    assert (errors > 0).any()


def test_shapley_value_of_a_channel_alone_is_its_removal_effect():
    here = company(only(world_of("default"), "review_site"))
    values, _, _ = shapley_values(here, 2)
    assert np.allclose(values[0], removal_effects(here, 2, 4096).lost[0])


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_scenario_lives_and_explains_itself(name):
    here = company(world_of(name), accounts=150, days=365)
    assert live(here, settle(here, 0)).values[0].sum() > 0
    assert SCENARIOS[name].__doc__


def test_scenarios_combine():
    world = world_of("long_cycle, placebo_channel, few_conversions")
    assert world.cycle_factor == 2.5
    assert not any(world.channel(PLACEBO).effects.values())


def test_scenarios_are_as_hard_as_they_say():
    """Targeting makes reached accounts better; brand search follows interest and causes nothing."""
    here = company(world_of("confounded_targeting"), accounts=600)
    accounts = settle(here, 0)
    log = Log()
    live(here, accounts, log=log)
    exposures = log.exposures()
    names = [c.name for c in here.world.channels]
    reached = exposures[exposures.channel == names.index("paid_social")].account.value_counts()
    reached = reached.reindex(range(600), fill_value=0)
    assert np.corrcoef(reached, accounts.fit)[0, 1] > 0.3
    effects = removal_effects(company(world_of("brand_search_consequence")), 4, 4096)
    brand = effects.names.index("paid_search_brand")
    assert abs(effects.lost[brand, 0]) <= 3 * effects.standard_error[brand, 0] + 1e-9


def test_long_cycles_are_longer_than_short_ones():
    lengths = {}
    for name in ("short_cycle", "long_cycle"):
        here = company(world_of(name), accounts=300, days=500)
        log = Log()
        live(here, settle(here, 0), log=log)
        events = log.frame()
        opened = events[events.kind == "opportunity"].set_index(["account", "deal"])["at"]
        won = events[events.kind == "won"].set_index(["account", "deal"])["at"]
        lengths[name] = (won - opened).dropna().median()
    assert lengths["long_cycle"] > 3 * lengths["short_cycle"]


def test_experiments_cover_the_truth_at_their_stated_rate():
    """Over many randomisations the 90% interval of the increment holds the true one nine times in ten.

    Enough of them that errors stated a sixth too small, or too large, would show.
    """
    world = only(world_of("default"), "paid_search_non_brand", "referral")
    here = company(replace(world, holdouts=(Holdout("paid_search_non_brand", 0.2, 0.8),)), accounts=240, days=150)
    batches = [randomised(here, batch) for batch in range(16)]
    truths, increments, errors = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    count = len(truths)
    assert count == 400
    truth = truths.mean()
    assert truth > 4 * truths.std() / np.sqrt(count), "the channel does something"
    share = np.mean(np.abs(increments - truth) <= 1.645 * errors)
    assert abs(share - 0.90) <= 3 * np.sqrt(0.09 / count)
    assert abs(increments.mean() - truth) < 3 * errors.mean() / np.sqrt(count)


def randomised(here: Company, batch: int, lives: int = 25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per life: what the channel truly adds to an account, what the experiment says of it, and its standard error.

    Each life is lived three times: as it was randomised, with nobody held out, and with everybody.
    """
    numbers = range(batch * lives, (batch + 1) * lives)
    accounts = [settle(here, 0, life) for life in numbers]
    draws = Draws.side_by_side([draw(here.seed, one, life) for one, life in zip(accounts, numbers, strict=True)])
    own = [holdouts_of(replace(here, seed=1000 + k), one)[0] for one, k in zip(accounts, numbers, strict=True)]
    channel, first, last, _ = own[0]
    held = np.concatenate([kept_from for *_, kept_from in own], axis=1)
    kept_from = np.concatenate([held, np.zeros_like(held), np.ones_like(held)])
    everybody = Accounts.side_by_side(accounts)
    switched_on = np.ones((3, 2), dtype=bool)
    tally = live(here, everybody, switched_on, held=[(channel, first, last, kept_from)], draws=draws)
    counts = np.split(tally.values[:, :, OUTCOMES.index("mql")], lives, axis=1)
    results = [
        result_of(*arms(count[0], kept, one))
        for count, kept, one in zip(counts, np.split(held[0], lives), accounts, strict=True)
    ]
    return (
        np.array([(count[1] - count[2]).mean() for count in counts]),
        np.array([result.increment / result.treated for result in results]),
        np.array([result.standard_error / result.treated for result in results]),
    )
