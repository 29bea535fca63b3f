"""The report's look: the scorecard's, and what its plots add."""

from pipeline.publish.scorecard.style import STYLE as SCORECARD_STYLE

STYLE = (
    SCORECARD_STYLE
    + """
.plot { width: 100%; max-width: 330px; height: auto; }
.dots { width: 100%; min-width: 190px; height: 18px; }
.zero { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 2; vector-effect: non-scaling-stroke; }
.whisker { stroke: var(--revenue); stroke-width: 2; vector-effect: non-scaling-stroke; opacity: .55; }
.whisker.bad { stroke: var(--bad); } .whisker.good { stroke: var(--good); }
.dot { fill: var(--revenue); } .dot.bad { fill: var(--bad); } .dot.good { fill: var(--good); }
.dot.other { fill: var(--spend); opacity: 1; }
.diagonal { stroke: var(--rule); stroke-width: 1; stroke-dasharray: 3 3; }
.reliability { fill: none; stroke: var(--revenue); stroke-width: 1.8; }
.axis-text { fill: var(--soft); font-size: 10px; }
.reasons { margin: 0; padding-left: 16px; color: var(--soft); font-size: 13px; }
.reasons li { margin: 0; }
.fits { grid-template-columns: repeat(auto-fill, minmax(420px, 1fr)); }
.fits .dots { min-width: 120px; }
th.reason, td.reason { text-align: left; min-width: 330px; }
.learnt { color: var(--soft); font-weight: 400; font-size: 12px; }
"""
)
