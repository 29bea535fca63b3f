"""What nobody recorded of the accounts of moments, read off their touches.

The touches of a summary become histories by steps of time; `attribution.touch_process_fit` learns from some of them
what moves touches, and `attribution.touch_process` says of every moment what those before it show.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.attribution.fitted import Summary
from pipeline.attribution.touch_process import Histories, read
from pipeline.attribution.touch_process_fit import fit_touch_process

#: The steps that the longest history is cut into (of a day at least), and the touched accounts that are learnt from.
STEPS, MOST_ACCOUNTS = 60, 4000
#: Days; touches so near to the moment are the moment's own.
SAME_INSTANT = 1e-9


def read_unrecorded(
    summary: Summary, moments: pd.DataFrame, channels: list[str], is_sign: np.ndarray, lag: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """What the touches before each of n moments show of its account; None where nobody was touched.

    Returns the chances of every class of accounts and state, (n, C), and what tells those apart, (C, F).

    summary: with the frames `moments`, `histories` and `channels` of the hazard model. moments: those asked about, by
    draw (the account), day, elapsed (days since it was first seen) and is_case. is_sign: of each channel, whether it is
    seen of accounts that no channel reaches. lag: touches nearer than so many days are not before a moment.
    """
    elapsed = np.maximum(moments["elapsed"].to_numpy(), 0)
    step = max(1.0, elapsed.max() / STEPS)
    by_account = moments.assign(last=elapsed // step, began=moments["day"] - elapsed).groupby("draw")
    accounts = by_account.agg(last=("last", "max"), began=("began", "min")).reset_index()
    accounts = accounts.sort_values(["last", "draw"], ascending=[False, True], ignore_index=True)
    number = pd.Series(accounts.index, accounts["draw"])
    lasts = accounts["last"].to_numpy().astype(int) + 1

    touches = _touches(summary, number, channels)
    account, channel = touches["account"].to_numpy(), touches["channel"].to_numpy()
    touches["step"] = ((touches["day"] - accounts["began"].to_numpy()[account]) // step).astype(int)
    at = touches["step"].to_numpy()

    # Learnt from accounts as they are at risk, as those that converted are too many among all.
    at_risk = number[np.sort(moments.loc[~moments["is_case"], "draw"].unique())].to_numpy()
    is_touched = np.isin(at_risk, account)
    touched, untouched = at_risk[is_touched], at_risk[~is_touched]
    if not len(touched):
        return None
    part = min(1.0, MOST_ACCOUNTS / len(touched))
    usual = np.sort(np.r_[touched[:MOST_ACCOUNTS], untouched[: min(int(part * len(untouched)), MOST_ACCOUNTS)]])
    among = np.full(len(lasts), -1)
    among[usual] = np.arange(len(usual))
    kept = among[account] >= 0
    learnt = Histories.cut(lasts[usual], among[account[kept]], at[kept], channel[kept], len(channels))
    histories = Histories.cut(lasts, account, at, channel, len(channels))

    place = elapsed / step
    asked = pd.DataFrame({"account": number[moments["draw"]].to_numpy(), "step": place.astype(int)})
    asked = asked.assign(moment=np.arange(len(asked)), until=moments["day"].to_numpy())
    recent = asked.merge(touches, on=["account", "step"])
    age = recent["until"] - recent["day"]
    recent = recent[(age >= lag) | (age.abs() <= SAME_INSTANT)]
    since = sparse.csr_array(
        (np.ones(len(recent)), (recent["moment"], recent["channel"])), shape=(len(asked), len(channels))
    )
    process = fit_touch_process(learnt, is_sign)
    return read(process, histories, asked["account"].to_numpy(), place, since), process.features


def _touches(summary: Summary, number: pd.Series, channels: list[str]) -> pd.DataFrame:
    """Every touch of accounts asked about: account and channel by their numbers, and day."""
    touched = summary.frames["histories"]
    names = summary.frames["channels"].set_index("channel_number")["channel"]
    draws = summary.frames["moments"].set_index("moment_number")["draw"]
    places = names.map({channel: place for place, channel in enumerate(channels)})
    found = pd.DataFrame(
        {
            "account": touched["moment_number"].map(draws.map(number)),
            "channel": touched["channel_number"].map(places),
            "day": touched["touched_day"],
        }
    ).dropna()
    return found.astype({"account": int, "channel": int})
