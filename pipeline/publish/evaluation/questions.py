"""The report's sections on what models foretell, find and change."""

import json

from pipeline.publish.evaluation import charts
from pipeline.publish.evaluation.figures import Evaluation
from pipeline.publish.scorecard import text
from pipeline.publish.scorecard.charts import bar
from pipeline.publish.scorecard.figures import NoDataError

_WORDS = {
    "holds_up": ("holds up", "good"),
    "unproven": ("unproven", "warn"),
    "fails": ("fails", "bad"),
    "not_enough_data": ("not enough data", "warn"),
}
_ORDER = {word: place for place, word in enumerate(_WORDS)}
#: How many models have a plot of their own.
MOST_PLOTS = 8


def lead(said: str) -> str:
    """The sentence under a title."""
    return f'<p class="lead">{said}</p>'


def verdicts(evaluation: Evaluation) -> str:
    """The verdict of each model with its reasons."""
    found = evaluation.rows("summary", "model_name, is_learnt, verdict, reasons, log_loss_difference")
    if not found:
        raise NoDataError("no model was evaluated")
    found.sort(key=lambda row: (_ORDER[row["verdict"]], row["log_loss_difference"] or 0.0, row["model_name"]))
    rows = []
    for row in found:
        word, css = _WORDS[row["verdict"]]
        reasons = "".join(f"<li>{text.plain(reason)}</li>" for reason in json.loads(row["reasons"]))
        kind = ' <span class="learnt">learnt</span>' if row["is_learnt"] else ""
        rows.append(
            [
                f"{text.name(row['model_name'])}{kind}",
                f'<span class="state {css}">{word}</span>',
                f'<ul class="reasons">{reasons}</ul>' if reasons else "",
            ]
        )
    held = sum(row["verdict"] == "holds_up" for row in found)
    failed = [text.name(row["model_name"]) for row in found if row["verdict"] == "fails"]
    said = (
        f"<strong>{held} of {len(found)}</strong> models foretell later journeys better than their length alone, with "
        "nothing against them. "
    )
    said += f"These fail: <strong>{', '.join(failed)}</strong>. " if failed else "None fails. "
    said += f"With {len(found)} models asked, about {max(round(len(found) * 0.05), 1)} would hold up by luck."
    heads = [("Model", "text"), ("", "text"), ("Why", "text reason")]
    return lead(said) + text.table("Verdicts; mart_evaluation_summary", heads, rows)


def prediction(evaluation: Evaluation) -> str:
    """Log-loss against the length alone, and the area under the curve, with intervals."""
    columns = (
        "model_name, reason, journey_count, conversion_count, log_loss, length_log_loss, constant_log_loss, "
        "log_loss_difference, difference_low, difference_high, auc, auc_low, auc_high, length_auc"
    )
    found = [row for row in evaluation.rows("predictions", columns) if row["log_loss"] is not None]
    if not found:
        raise NoDataError(_reason(evaluation, "predictions"))
    found.sort(key=lambda row: row["log_loss"])
    edge = max(max(abs(row["difference_low"]), abs(row["difference_high"])) for row in found)
    rows = []
    for row in found:
        css = "good" if row["difference_high"] < 0 else "bad" if row["difference_low"] > 0 else ""
        rows.append(
            [
                text.name(row["model_name"]),
                f"{row['log_loss']:.3f}",
                f"{row['log_loss_difference']:+.3f}",
                charts.whisker(
                    row["log_loss_difference"], row["difference_low"], row["difference_high"], -edge, edge, 0, css
                ),
                f"{row['auc']:.2f}",
                charts.whisker(row["auc"], row["auc_low"], row["auc_high"], 0, 1, 0.5),
            ]
        )
    one = found[0]
    said = (
        f"<strong>{text.count(one['journey_count'])} later journeys</strong>, {text.count(one['conversion_count'])} of "
        "which converted, foretold from earlier journeys of other accounts. The number of touches alone costs "
        f"{one['length_log_loss']:.3f} nats a journey, the mean {one['constant_log_loss']:.3f}; left of the line a "
        "model is better than the length alone. Intervals are nominal 90%."
    )
    heads = [("Model", "text"), ("Log-loss", ""), ("against length", ""), ("better &#8592; &#8594; worse", "wide"),
             ("AUC", ""), ("0 to 1, line at chance", "wide")]  # fmt: skip
    return lead(said) + text.table("Held-out prediction; mart_evaluation_predictions", heads, rows)


def calibration(evaluation: Evaluation) -> str:
    """A reliability plot for the models that foretell best."""
    found = evaluation.rows(
        "calibration",
        "model_name, bin_number, journey_count, predicted_share, observed_share",
        order="model_name, bin_number",
    )
    if not found:
        raise NoDataError(_reason(evaluation, "predictions"))
    ranked = evaluation.rows("predictions", "model_name, calibration_error, log_loss", "log_loss is not null", "3, 1")
    figures = []
    for one in ranked[:MOST_PLOTS]:
        points = [
            (row["predicted_share"], row["observed_share"], row["journey_count"])
            for row in found
            if row["model_name"] == one["model_name"]
        ]
        label = f"{text.words(one['model_name'])}: chance foretold and share that converted"
        figures.append(
            f"<figure><figcaption>{text.capital(one['model_name'])}<span>off by {one['calibration_error']:.2f}</span>"
            f"</figcaption>{charts.reliability(points, label)}</figure>"
        )
    said = (
        "Chance foretold (across) against the share that really converted (up), in groups of about as many later "
        "journeys. On the dashed line chances come true; below it the model promises too much. The "
        f"{len(figures)} models of lowest log-loss; mart_evaluation_calibration has all."
    )
    return lead(said) + f'<div class="panels">{"".join(figures)}</div>'


def placebo(evaluation: Evaluation) -> str:
    """The share of a channel of random touches."""
    found = evaluation.rows(
        "placebo",
        "model_name, draw_count, touch_share, mean_share, highest_share, mean_interval_low, mean_interval_high, "
        "flagged_draw_count",
        "mean_share is not null",
        "mean_share, model_name",
    )
    if not found:
        raise NoDataError("no placebo was drawn")
    most = max(max(row["mean_share"], row["touch_share"]) for row in found)
    rows = []
    for row in found:
        flagged = row["flagged_draw_count"]
        rows.append(
            [
                text.name(row["model_name"]),
                text.share(row["mean_share"], 1),
                charts.two_dots(row["mean_share"], row["touch_share"], most, "bad" if flagged else ""),
                text.share(row["highest_share"], 1),
                "" if flagged is None
                else f"{text.share(row['mean_interval_low'], 1)} to {text.share(row['mean_interval_high'], 1)}",
                "" if flagged is None else f"{flagged} of {row['draw_count']}",
            ]
        )  # fmt: skip
    said = (
        "Touches that happened are given to accounts drawn at random, as a channel that cannot have done anything. It "
        f"has <strong>{text.share(found[0]['touch_share'], 1)}</strong> of the touches (the second mark): what a model "
        "gives it is what it gives for being there. A learnt model whose interval, which is of the fit's own "
        "channel share, stays above zero in more than a tenth of the draws credits nothing with something."
    )
    heads = [("Model", "text"), ("Share, mean", ""), ("", "wide"), ("highest", ""), ("Interval of the fit", ""),
             ("Above zero in", "")]  # fmt: skip
    return lead(said) + text.table("Credit of the placebo; mart_evaluation_placebo", heads, rows)


def permutation(evaluation: Evaluation) -> str:
    """The area under the curve where outcomes were shuffled."""
    found = evaluation.rows("permutation", "model_name, auc, auc_low, auc_high", "auc is not null", "2, 1")
    if not found:
        raise NoDataError(_reason(evaluation, "permutation"))
    rows = [
        [
            text.name(row["model_name"]),
            f"{row['auc']:.2f}",
            charts.whisker(row["auc"], row["auc_low"], row["auc_high"], 0, 1, 0.5),
            "" if row["auc_low"] <= 0.5 <= row["auc_high"] else "outside by chance, or a fault",
        ]
        for row in found
    ]
    outside = sum(bool(row[3]) for row in rows)
    said = (
        "Outcomes shuffled among the journeys, everything else the same: there is nothing left to find, and an AUC is "
        f".5 but for chance. <strong>{outside} of {len(rows)}</strong> intervals (nominal 90%) miss .5; models share "
        "the shuffle, so they miss together."
    )
    heads = [("Model", "text"), ("AUC", ""), ("0 to 1, line at chance", "wide"), ("", "text")]
    return lead(said) + text.table("Shuffled outcomes; mart_evaluation_permutation", heads, rows)


def stability(evaluation: Evaluation) -> str:
    """The largest weekly move of each model."""
    found = evaluation.rows(
        "stability",
        "model_name, as_of_date, moved_share, most_moved_channel, channel_share_before, channel_share_after",
        order="model_name, moved_share desc, as_of_date",
    )
    if not found:
        raise NoDataError("no credit a week ago")
    largest = {row["model_name"]: row for row in reversed(found)}
    ordered = sorted(largest.values(), key=lambda row: (row["moved_share"], row["model_name"]))
    top = max(row["moved_share"] for row in ordered) or 1
    rows = [
        [
            text.name(row["model_name"]),
            text.share(row["moved_share"], 1),
            bar(row["moved_share"] / top),
            f"{row['as_of_date']}",
            f"{text.name(row['most_moved_channel'])} {text.share(row['channel_share_before'], 1)} &#8594; "
            f"{text.share(row['channel_share_after'], 1)}",
        ]
        for row in ordered
    ]
    weeks = len({row["as_of_date"] for row in found})
    said = (
        f"Asked as of each of the last {weeks + 1} weeks: the largest share of its credit that changed channel from "
        "one week to the next, and the channel that moved most. A model that moves much on few new conversions is "
        "noise."
    )
    heads = [("Model", "text"), ("Moved", ""), ("", "wide"), ("In the week to", ""), ("Most", "text")]
    return lead(said) + text.table("Stability; mart_evaluation_stability", heads, rows)


def _reason(evaluation: Evaluation, table: str) -> str:
    reasons = evaluation.rows(table, "reason", "reason is not null", "1")
    return text.words(reasons[0]["reason"]) if reasons else "nothing was foretold"
