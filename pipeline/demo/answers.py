"""What representatives first did with each lead after each of its hand-overs."""

import numpy as np
import pandas as pd

from pipeline.demo.activity_extracts import Activity
from pipeline.demo.story import Story


def first_acts(story: Story, activity: Activity, cycles: pd.DataFrame) -> dict[str, pd.Series]:
    """The second of the first act in each cycle (account, member, mql) until the next one, NaN where there was none.

    `outbound`: a call, mail or message; `contacted`: that or a held meeting; `answered`: one that reached somebody.
    """
    tasks, meetings = activity.task_frame, activity.meeting_frame
    # A meeting is known to have been held once it is over.
    held = meetings[(meetings.outcome == 0) & (meetings.over < story.end)]
    columns = ["account", "member", "second"]
    acts = pd.concat(
        [
            tasks[columns].assign(outbound=True, answered=tasks.kind == 1),
            held.rename(columns={"starts": "second"})[columns].assign(outbound=False, answered=True),
        ],
        ignore_index=True,
    )
    acts = acts[acts.second < story.end]
    until = cycles.groupby(["account", "member"]).mql.shift(-1).fillna(np.inf)
    pairs = cycles[["account", "member", "mql"]].assign(cycle=cycles.index, until=until)
    pairs = pairs.merge(acts, on=["account", "member"])
    inside = pairs[(pairs.second >= pairs.mql) & (pairs.second < pairs.until)]
    chosen = {"outbound": inside[inside.outbound], "contacted": inside, "answered": inside[inside.answered]}
    return {name: some.groupby("cycle").second.min().reindex(cycles.index) for name, some in chosen.items()}
