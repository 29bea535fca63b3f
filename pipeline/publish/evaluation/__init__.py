"""The evaluation report: one HTML file for a person who must decide which model to believe."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.publish.evaluation import money, questions, trust
from pipeline.publish.evaluation.figures import Evaluation, newest
from pipeline.publish.evaluation.style import STYLE
from pipeline.publish.scorecard import text
from pipeline.publish.scorecard.figures import NoDataError
from pipeline.warehouse import Warehouse

#: Title and HTML of each section, in the order they are read. A title is shown where a section has no data.
SECTIONS: tuple[tuple[str, Callable[[Evaluation], str]], ...] = (
    ("Which model to believe", questions.verdicts),
    ("Does its credit foretell later journeys?", questions.prediction),
    ("Do its chances come true?", questions.calibration),
    ("What does it give a channel that did nothing?", questions.placebo),
    ("What does it find where there is nothing to find?", questions.permutation),
    ("How much does it change its mind in a week?", questions.stability),
    ("How far is it from what really happened?", trust.truth),
    ("How sure are the fits?", trust.fits),
    ("What if the budget had followed it?", money.replay),
    ("What do experiments say?", money.experiments),
    ("What should be tested next?", money.candidates),
    ("Does its credit move with the business?", money.goals),
    ("How does the company compare?", money.benchmarks),
)


def write(warehouse: Warehouse, path: Path, rules: Mapping[str, Any]) -> None:
    """Write the report of the newest evaluation to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(warehouse, rules), encoding="utf-8")


def render(warehouse: Warehouse, rules: Mapping[str, Any]) -> str:
    """The report as HTML. A question that nobody could answer says why."""
    evaluation = newest(warehouse, rules)
    body = "".join(_drawn(title, draw, evaluation) for title, draw in SECTIONS)
    day = evaluation.business_date
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation of attribution models, {day}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<p class="eyebrow">Touchledger evaluation {evaluation.number}</p>
<h1>Which attribution model to believe, {day.day} {day:%B %Y}</h1>
<p class="lead">Attribution credit is read from what happened to happen: it shows what goes together, and not what
causes what. These questions find models that are wrong; passing them proves no effect. Only an experiment does.
Conversion type shown: <strong>{text.name(evaluation.kind)}</strong>, the latest stage that most can be said of; the
tables named below hold the others.</p>
</header>
<main>
{body}
</main>
<footer>
<p>Every figure is a row of <code>attribution.evaluation_*</code> with evaluation_number = {evaluation.number} (seed
{evaluation.seed}), or of the mart named with it, as the last night built it: after a refit, with the credit of the fits
before. <code>docs/reference/evaluation.md</code> says how to compute it
again.</p>
</footer>
</body>
</html>
"""


def _drawn(title: str, draw: Callable[[Evaluation], str], evaluation: Evaluation) -> str:
    try:
        body = draw(evaluation)
    except NoDataError as error:
        body = f'<p class="none">No answer: {text.plain(error)}.</p>'
    return f"<section><h2>{title}</h2>{body}</section>"
