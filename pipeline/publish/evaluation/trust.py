"""The report's sections on the truth, where it is known, and on how sure the fits are."""

from math import isfinite

from pipeline.publish.evaluation import charts
from pipeline.publish.evaluation.figures import Evaluation, Row
from pipeline.publish.evaluation.questions import lead
from pipeline.publish.scorecard import text
from pipeline.publish.scorecard.figures import NoDataError

#: How many channels of a fit are shown.
MOST_CHANNELS = 8


def truth(evaluation: Evaluation) -> str:
    """The distance of each model from the truth of the simulated company."""
    found = evaluation.rows(
        "truth",
        "model_name, credit_kind, total_variation, best_baseline_name, best_baseline_total_variation, "
        "loses_to_baseline",
        order="total_variation, model_name",
    )
    if not found:
        raise NoDataError(
            "nobody knows what channels really do, except on a simulated company: touchledger evaluate --truth FOLDER"
        )
    best = found[0]
    rows = [
        [
            f"{text.name(row['model_name'])} <small>{text.name(row['credit_kind'])}</small>",
            f"{row['total_variation']:.2f}",
            charts.two_dots(
                row["total_variation"],
                row["best_baseline_total_variation"] or 0,
                1,
                "bad" if row["loses_to_baseline"] else "good",
            ),
            f"loses to {text.name(row['best_baseline_name'])}" if row["loses_to_baseline"] else "",
        ]
        for row in found
    ]
    losing = sum(row["loses_to_baseline"] for row in found)
    said = (
        "This company is simulated, so what each channel really did is known: what would be lost without it. Credit of "
        "what is no channel there, such as direct visits and meetings that sales held, counts as misplaced. The figure "
        "is the share of the credit that would have to change channel to be right (0: right, 1: nothing in common). "
        f"Nearest: <strong>{text.name(best['model_name'])}</strong>, {best['total_variation']:.2f}. The second mark is "
        f"the nearest of first touch, last touch and linear"
        + (f" ({best['best_baseline_total_variation']:.2f}). " if best["best_baseline_total_variation"] else ". ")
        + f"<strong>{losing} of {len(found)}</strong> lose to it."
    )
    heads = [("Model", "text"), ("Distance", ""), ("0 to 1", "wide"), ("", "text")]
    return lead(said) + text.table("Total variation from the truth; mart_evaluation_truth", heads, rows)


def fits(evaluation: Evaluation) -> str:
    """The channel shares of the fits in force with their intervals."""
    cards = evaluation.of_fits(
        "model_fits",
        "model_name, fit_number, status, reason, business_date, conversion_count, journey_count",
        "model_name",
    )
    if not cards:
        raise NoDataError("no model was fitted")
    shares = evaluation.of_fits(
        "model_fit_channels",
        "model_name, channel, channel_credit_share, interval_low, interval_high",
        "model_name, channel_credit_share desc, channel",
    )
    figures = []
    for card in cards:
        own = [row for row in shares if row["model_name"] == card["model_name"] and _is_sure(row)][:MOST_CHANNELS]
        which = f"fit {card['fit_number']} of {card['business_date']}"
        title = f"<figcaption>{text.capital(card['model_name'])}<span>{which}</span></figcaption>"
        if not own:
            why = text.plain(card["reason"] or "no interval could be drawn")
            figures.append(f'<figure>{title}<p class="none">{why}</p></figure>')
            continue
        most = max(max(row["interval_high"], row["channel_credit_share"]) for row in own)
        rows = [
            [
                text.name(row["channel"]),
                text.share(row["channel_credit_share"], 1),
                charts.whisker(row["channel_credit_share"], row["interval_low"], row["interval_high"], 0, most, 0),
            ]
            for row in own
        ]
        about = f"{text.count(card['conversion_count'])} of {text.count(card['journey_count'])} journeys converted"
        heads = [("Channel", "text"), ("Share", ""), ("90% interval", "wide")]
        figures.append(f"<figure>{title}{text.table(about, heads, rows)}</figure>")
    said = (
        "The share of all conversions that each learnt model's fit in force at the evaluation gives the largest "
        "channels, with nominal 90% intervals from redrawing whole accounts. Where intervals overlap, the order of "
        "channels is not known. Tables attribution.model_fits and model_fit_channels; after the next night, "
        "<code>mart_model_fits</code> is each fit's card: data, parameters, diagnostics, warnings."
    )
    return lead(said) + f'<div class="panels fits">{"".join(figures)}</div>'


def _is_sure(row: Row) -> bool:
    """Whether a channel's share has an interval; replicates that could not be fitted leave none."""
    ends = (row["interval_low"], row["interval_high"])
    return all(end is not None and isfinite(end) for end in ends)
