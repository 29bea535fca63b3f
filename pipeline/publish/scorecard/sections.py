"""The scorecard's sections on the business: funnel, credit, channels, paths. Each is HTML with a reading of its own."""

from pipeline.publish.scorecard import charts, figures, text
from pipeline.publish.scorecard.figures import NoDataError, Reader

_PANELS = 12
#: Below this, a table of paths is a list of single journeys.
_FEWEST_ON_A_PATH = 2


def tiles(reader: Reader) -> str:
    """The figures that come first."""
    found = figures.key_figures(reader)
    currency = str(reader.rules.get("reporting_currency", ""))
    try:
        spend = figures.spend_total(reader)
    except NoDataError:
        spend = None
    closed = found["won"] + found["lost"]
    entries = [
        ("Revenue won", text.money(found["revenue"], currency), f"{text.count(found['won'])} deals"),
        (
            "Win rate",
            text.share(found["won"] / closed if closed else None, 1),
            f"{text.count(found['won'])} won of {text.count(closed)} closed",
        ),
        (
            "Days to win, median",
            text.count(found["median_days"]),
            "first contact to close",
        ),
        ("Marketing and sales spend", text.money(spend, currency), _return(found["revenue"], spend)),
        (
            "Open pipeline",
            text.money(found["open_amount"], currency),
            f"{text.count(found['open'])} deals, as of the date",
        ),
    ]
    items = "".join(
        f'<div class="tile"><dt>{label}</dt><dd>{value}<small>{note}</small></dd></div>'
        for label, value, note in entries
    )
    return f'<dl class="tiles">{items}</dl>'


def _return(revenue: float | None, spend: float | None) -> str:
    return f"revenue is {text.decimal(revenue / spend)} times that" if revenue and spend else "none recorded"


def funnel(reader: Reader) -> str:
    """Stages as rows: entries by month, and what share of mature entries reached the next stage."""
    stages = figures.funnel(reader)
    top = max(stage.entries for stage in stages) or 1
    rows = []
    for stage, following in zip(stages, [*stages[1:], None], strict=True):
        inferred = f"<small>{text.count(stage.inferred)} inferred</small>" if stage.inferred else ""
        went_on = "" if following is None else f"{text.share(stage.went_on_share, 1)}"
        base = f"<small>of {text.count(stage.matured)} mature</small>" if stage.matured else ""
        rows.append(
            [
                text.capital(stage.name),
                f"{text.count(stage.entries)}",
                charts.bar(stage.entries / top, height=10),
                inferred,
                charts.spark(stage.by_month),
                f"to {text.name(following.name)}" if following else "",
                went_on,
                base if following else "",
                text.count(stage.median_days) if following else "",
            ]
        )
    narrowest = min(
        (stage for stage in stages if stage.went_on_share is not None), key=lambda s: s.went_on_share, default=None
    )
    reading = (
        f"The narrowest step is after <strong>{text.name(narrowest.name)}</strong>: "
        f"{text.share(narrowest.went_on_share, 1)} go on. "
        if narrowest
        else ""
    )
    return section(
        "funnel",
        "Funnel",
        reading + "Entries are of the twelve months, rates of all cohorts that are old enough to be judged.",
        text.table(
            "Entries by stage and month, and conversion to the next stage",
            [("Stage", "text"), ("Entries", ""), ("", "wide"), ("", "text"), ("By month", "text"),
             ("Next stage", "text"), ("Reached it", ""), ("", "text"), ("Median days", "")],
            rows,
        ),
    )  # fmt: skip


def credit(reader: Reader) -> str:
    """Channels as rows, models as columns: each cell the channel's share, its shade the size of it."""
    found = figures.credit(reader)
    top = max(found.shares.values(), default=0) or 1
    heads = "".join(
        f'<th scope="col" class="{"chosen" if model == found.model else ""}">'
        f"<div>{text.name(model)}{_goal(reader, model)}</div></th>"
        for model in found.models
    )
    lines, is_apart = [], False
    for channel in found.channels:
        shares = [found.shares.get((channel, model), 0.0) for model in found.models]
        cells = "".join(_cell(share, top) for share in shares)
        apart = "" if is_apart or channel not in ("unattributed", "baseline") else ' class="apart"'
        is_apart = is_apart or bool(apart)
        marked = found.shares.get((channel, found.model), 0.0)
        lines.append(
            f'<tr{apart}><th scope="row">{text.capital(channel)}</th>{cells}'
            f'<td class="spread">{charts.extent(shares, marked, top)}</td></tr>'
        )
    what = "revenue won" if found.is_amount and found.conversion_type == "won" else (
        f"{'amount of ' if found.is_amount else ''}{text.name(found.conversion_type)} conversions"
    )  # fmt: skip
    width = 178 + 172 + 48 * len(found.models)
    caption = f"Share of {what}, in percent, by channel and attribution model"
    return section(
        "credit",
        "Credit by channel, by every model",
        _credit_reading(found) + "Each column sums to 100; the dots at the right are the models, the large one is "
        f"<strong>{text.name(found.model)}</strong>.",
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="matrix" style="min-width:{width}px">'
        f'<caption>{caption}</caption><thead><tr><th scope="col" class="text">Channel</th>{heads}'
        '<th scope="col" class="spread">Range over models</th></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>",
    )


def _goal(reader: Reader, model: str) -> str:
    goals = [goal for goal, chosen in (reader.rules.get("model_goals") or {}).items() if chosen == model]
    return f"<br><small>for {text.name(', '.join(goals))}</small>" if goals else ""


def _cell(share: float, top: float) -> str:
    if share < 0.0005:
        return '<td class="nil">·</td>'
    shade = 0.04 + 0.38 * share / top
    return f'<td><span style="background:rgb(var(--heat)/{shade:.2f})">{share * 100:.1f}</span></td>'


def _credit_reading(found: figures.Credit) -> str:
    channels = [channel for channel in found.channels if channel not in ("unattributed", "baseline")]
    if not channels:
        return "No touch earned credit. "
    first = channels[0]
    shares = [found.shares.get((first, model), 0.0) for model in found.models]
    own = found.shares.get((first, found.model), 0.0)
    return (
        f"<strong>{text.capital(first)}</strong> leads with {text.share(own, 1)}; "
        f"the models give it between {text.share(min(shares), 1)} and {text.share(max(shares), 1)}. "
    )


def channels(reader: Reader) -> str:
    """Revenue and spend of each channel, in total and by month."""
    model = figures.credit(reader).model
    found = figures.channels(reader, model)
    currency = str(reader.rules.get("reporting_currency", ""))
    top = max(max(channel.revenue, channel.spend) for channel in found) or 1
    rows = [
        [
            f"{text.capital(c.name)} <small>{text.name(c.group) if c.group != 'none' else ''}</small>",
            charts.pair(c.revenue / top, c.spend / top),
            text.count(c.revenue),
            text.count(c.spend or None),
            text.decimal(c.revenue / c.spend) if c.spend and c.group != "none" else text.NOTHING,
            text.decimal(c.wins),
            text.count(c.open_pipeline),
        ]
        for c in found
    ]
    revenue, spend = sum(c.revenue for c in found), sum(c.spend for c in found)
    foot = [
        "All", "", text.count(revenue), text.count(spend), text.decimal(revenue / spend) if spend else text.NOTHING,
        text.decimal(sum(c.wins for c in found)), text.count(sum(c.open_pipeline for c in found)),
    ]  # fmt: skip
    key = (
        '<p><span class="key"><i></i>Revenue credited</span><span class="key"><i class="of-spend"></i>Spend</span></p>'
    )
    table = text.table(
        f"Amounts in {text.name(currency).upper()}, twelve months; revenue by the model {text.name(model)}",
        [("Channel", "text"), ("", "wide"), ("Revenue", ""), ("Spend", ""), ("Revenue / spend", ""), ("Wins", ""),
         ("Open pipeline created", "")],
        rows,
        foot,
    )  # fmt: skip
    return section(
        "channels",
        "Revenue and spend by channel",
        f"Revenue is credited by <strong>{text.name(model)}</strong>. Spend that no single channel caused is listed as "
        "unallocated, and spend that earned nothing stays.",
        key + table + _months(reader, found, currency),
    )


def _months(reader: Reader, found: list[figures.Channel], currency: str) -> str:
    shown = [c for c in found if c.revenue or (c.spend and c.name != "unallocated")][:_PANELS]
    if not shown:
        return ""
    top = max(max(*c.revenue_by_month, *c.spend_by_month) for c in shown)
    months = reader.period.months
    ends = f'<div class="ends"><span>{months[0]:%b %Y}</span><span>{months[-1]:%b %Y}</span></div>'
    panels = "".join(
        f"<figure><figcaption>{text.capital(c.name)}<span>{text.money(c.revenue)}</span></figcaption>"
        + charts.months(
            c.revenue_by_month,
            c.spend_by_month,
            top,
            f"{text.words(c.name)}: revenue {text.money(c.revenue)}, spend {text.money(c.spend)} over twelve months",
        )
        + f"{ends}</figure>"
        for c in shown
    )
    return (
        f"<h3>By month</h3><p>"
        f'<span class="key"><i></i>Revenue</span><span class="key"><i class="of-line"></i>Spend</span>'
        f'<span class="key">one scale for all, up to {text.money(top, currency)} a month</span></p>'
        f'<div class="panels">{panels}</div>'
    )


def paths(reader: Reader) -> str:
    """The paths that most conversions took; where each took one of its own, where they began and ended."""
    conversion_type = figures.credit(reader).conversion_type
    found = figures.top_paths(reader, conversion_type)
    if found[0]["conversions"] < _FEWEST_ON_A_PATH:
        found = figures.path_ends(reader, conversion_type)
        reading = "Hardly two took the same path, so these are the channels where they began and ended."
        first = ("Began → ended", "text")
    else:
        reading = "The most frequent paths; a run of touches on one channel is one step."
        first = ("Path", "text")
    covered = sum(float(row["share"] or 0) for row in found)
    rows = [
        [
            f'<span class="path">{_path(row["path"])}</span>',
            text.count(row["conversions"]),
            text.share(row["share"], 1),
            text.share(row["conversion_share"], 1),
            text.count(row["amount"]) if row["amount"] else text.NOTHING,
            text.count(row["touches"]),
            text.count(row["days"]),
        ]
        for row in found
    ]
    return section(
        "paths",
        "Paths to a conversion",
        f"Ways to <strong>{text.name(conversion_type)}</strong>, over all time. {reading} "
        f"These {len(found)} cover {text.share(covered)} of all conversions.",
        text.table(
            "Most frequent first",
            [first, ("Conversions", ""), ("Of all", ""), ("Conversion rate", ""), ("Amount", ""),
             ("Median touches", ""), ("Median days", "")],
            rows,
            css="paths",
        ),
    )  # fmt: skip


def _path(path: str) -> str:
    steps = str(path).split(" > ")
    shown = steps if len(steps) <= 8 else [*steps[:4], "…", *steps[-3:]]
    return "<i>→</i>".join(f"<b>{text.name(step)}</b>" for step in shown)


def section(key: str, title: str, lead: str, body: str) -> str:
    """A titled part of the page; `lead` and `body` are HTML."""
    return (
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{title}</h2>'
        f'<p class="lead">{lead}</p>{body}</section>'
    )
