"""Every act of contact: who, when, by which channel, and whether any system saw it."""

import numpy as np
import pandas as pd

from pipeline.demo.campaigns import ad_campaigns_of
from pipeline.demo.clock import epoch_seconds
from pipeline.demo.people import LEAD_SLOTS
from pipeline.demo.rng import stream
from pipeline.demo.story import Story

#: Visits that no channel caused: they follow from interest, and change nothing.
DIRECT, SELF_SEARCH = -1, -2


def touches_of(story: Story) -> pd.DataFrame:
    """One row per act, by time.

    Columns: second (UTC), account, member, device, channel (number in the world; DIRECT or SELF_SEARCH for visits
    that follow from interest), name (of the channel), day, is_recorded, form (slot of the lead that this visit
    creates, else -1), ad (row of AD_CAMPAIGNS or -1), luck (uniform, for what else is to be told).
    """
    frames = [_exposures(story), _visits(story), _inquiry_visits(story)]
    touches = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    end = epoch_seconds(np.array([story.company.days]), story.company.start_date)[0]
    touches = touches[touches.second < end]
    touches = touches.sort_values(["second", "account", "channel", "member"], kind="stable").reset_index(drop=True)
    names = np.array([c.name for c in story.company.world.channels] + ["organic_search", "direct"], dtype=object)
    touches["name"] = names[touches.channel]
    return touches


def _frame(story: Story, day: np.ndarray, hour: np.ndarray, account: np.ndarray, **columns: object) -> pd.DataFrame:
    offset = story.accounts.utc_offset_days[account]
    second = epoch_seconds(day + hour - offset, story.company.start_date)
    return pd.DataFrame({"second": second, "account": account, "day": day} | columns)


def _exposures(story: Story) -> pd.DataFrame:
    exposures = story.exposures
    n = len(exposures)
    random = stream(story.company.seed, story.accounts.block, "touches")
    luck = random.random((n, 7), dtype=np.float32)
    account, channel = exposures.account.to_numpy(), exposures.channel.to_numpy().astype(int)
    known = exposures.known.to_numpy().astype(int)
    group = story.accounts.group_size[account]
    anyone = (luck[:, 1] * group).astype(int)
    someone_known = np.minimum((luck[:, 1] * known).astype(int), np.maximum(known - 1, 0))
    next_lead = np.minimum(known, LEAD_SLOTS - 1)
    needs_known = np.array([c.needs_known for c in story.company.world.channels])[channel]
    member = np.select(
        [needs_known, (known > 0) & (luck[:, 2] < 0.45), luck[:, 2] < 0.8], [someone_known, someone_known, next_lead],
        anyone,
    )  # fmt: skip
    ads = [ad_campaigns_of(c.name) for c in story.company.world.channels]
    ad_first = np.array([a[0] if a else -1 for a in ads])[channel]
    ad_count = np.array([len(a) for a in ads])[channel]
    ad = np.where(ad_count > 0, ad_first + (luck[:, 3] * ad_count).astype(int), -1)
    recorded = np.array([c.recorded_share for c in story.company.world.channels])[channel]
    return _frame(
        story,
        exposures.day.to_numpy(),
        0.29 + 0.31 * luck[:, 0].astype(np.float64),
        account,
        member=member,
        device=(luck[:, 4] < 0.25).astype(int),
        channel=channel,
        is_recorded=luck[:, 5] < recorded,
        form=-1,
        ad=ad,
        luck=luck[:, 6],
    )


def _visits(story: Story) -> pd.DataFrame:
    """Visits by people who know the way: a few a year, more while the account is in the market."""
    accounts, days = story.accounts, story.company.days
    random = stream(story.company.seed, accounts.block, "direct visits")
    spells = accounts.market_starts.shape[1]
    idle = random.poisson(3.0 * days / 365, accounts.count)
    active = random.poisson(4.0, (accounts.count, spells)) * (accounts.market_starts < days)
    account = np.concatenate(
        [np.repeat(np.arange(accounts.count), idle), np.repeat(np.arange(accounts.count), active.sum(axis=1))]
    )
    spell_row, spell = np.divmod(np.repeat(np.arange(active.size), active.ravel()), spells)
    u = random.random((len(account), 5))
    starts, ends = accounts.market_starts[spell_row, spell], accounts.market_ends[spell_row, spell]
    day = np.floor(np.concatenate([u[: idle.sum(), 0] * days, starts + u[idle.sum() :, 0] * (ends - starts)]))
    inside = (day >= 0) & (day < days)
    account, u, day = account[inside], u[inside], day[inside].astype(int)
    return _frame(
        story, day, 0.3 + 0.4 * u[:, 1], account,
        member=(u[:, 2] * accounts.group_size[account]).astype(int), device=(u[:, 3] < 0.25).astype(int),
        channel=DIRECT, is_recorded=True, form=-1, ad=-1, luck=u[:, 4],
    )  # fmt: skip


def _inquiry_visits(story: Story) -> pd.DataFrame:
    """The visit in which a person fills the form that makes them a lead; it follows from the decision to."""
    leads = story.leads[~story.leads.is_listed]
    account, slot = leads.account.to_numpy(), leads.slot.to_numpy()
    u = stream(story.company.seed, story.accounts.block, "inquiry visits").random((story.accounts.count, LEAD_SLOTS, 3))
    u = u[account, slot]
    frame = pd.DataFrame({"second": leads.created.to_numpy() - 120 - (u[:, 0] * 1500).astype(np.int64)})
    local = (frame.second - epoch_seconds(np.zeros(1), story.company.start_date)[0]) / 86400
    day = np.floor(local + story.accounts.utc_offset_days[account]).astype(int)
    return frame.assign(
        account=account, day=day, member=slot, device=(u[:, 1] < 0.25).astype(int),
        channel=np.where(u[:, 2] < 0.6, DIRECT, SELF_SEARCH), is_recorded=True, form=slot, ad=-1, luck=u[:, 0],
    )  # fmt: skip
