"""The scorecard's look: one style sheet, light and dark, for screen and paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #fbfaf7; --card: #ffffff; --ink: #1d2530; --soft: #586272; --rule: #e3e0d8; --faint: #efede6;
  --revenue: #2c5f9e; --spend: #c17817; --good: #2b7350; --warn: #96590a; --bad: #b3372f; --heat: 44 95 158;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #181d25; --ink: #e6e8ec; --soft: #9ba5b4; --rule: #2c333f; --faint: #222935;
    --revenue: #6ea3e0; --spend: #e0a04a; --good: #6cc195; --warn: #e2b063; --bad: #f0857c; --heat: 110 163 224;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto,
  "Helvetica Neue", "Noto Sans", Arial, sans-serif; font-variant-numeric: tabular-nums lining-nums; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 44px; padding-bottom: 20px; }
.eyebrow { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .04em; }
h1 { margin: 2px 0 4px; font-size: 34px; line-height: 1.15; letter-spacing: -.015em; font-weight: 650; }
h2 { margin: 0 0 2px; font-size: 19px; letter-spacing: -.005em; font-weight: 640; }
h3 { margin: 26px 0 8px; font-size: 14px; font-weight: 640; }
section { padding: 30px 0 26px; border-top: 1px solid var(--rule); }
.lead { margin: 0 0 18px; color: var(--soft); max-width: 76ch; }
.lead strong { color: var(--ink); font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 0; margin: 0 0 26px;
  border: 1px solid var(--rule); border-radius: 8px; background: var(--card); overflow: hidden; }
.tile { padding: 15px 18px 13px; margin: 0 -1px -1px 0; border-right: 1px solid var(--rule);
  border-bottom: 1px solid var(--rule); }
.tile dt { color: var(--soft); font-size: 13px; }
.tile dd { margin: 2px 0 0; font-size: 25px; line-height: 1.2; font-weight: 620; letter-spacing: -.015em; }
.tile dd small { display: block; font-size: 12.5px; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 6px; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: middle; }
thead th { color: var(--soft); font-weight: 500; font-size: 12.5px; border-bottom: 1px solid var(--rule);
  vertical-align: bottom; line-height: 1.25; }
th[scope=row], .text, thead th.text { text-align: left; }
th[scope=row] { font-weight: 500; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
tfoot th, tfoot td { border-top: 1px solid var(--rule); border-bottom: 0; font-weight: 600; }
td small, th small { color: var(--soft); font-weight: 400; }
.wide { width: 26%; min-width: 150px; }
.matrix { table-layout: fixed; }
.matrix thead th:first-child { width: 178px; text-align: left; }
.matrix thead th.spread { width: 172px; }
.matrix th[scope=row], .matrix thead th:first-child { position: sticky; left: 0; background: var(--page); z-index: 1; }
.matrix tbody th { border-bottom: 0; }
.matrix td { padding: 3px 2px; font-size: 12.5px; border-bottom: 0; text-align: center; }
.matrix td span { display: block; padding: 4px 0; border-radius: 3px; }
.matrix thead th { text-align: center; padding: 0 2px 8px; }
.matrix thead th div { writing-mode: vertical-rl; transform: rotate(180deg); margin: 0 auto; white-space: nowrap;
  text-align: left; }
.matrix thead th.chosen { color: var(--ink); font-weight: 640; }
.matrix .nil { color: var(--soft); opacity: .65; }
.matrix .spread { width: 172px; text-align: left; padding-left: 14px; }
.matrix tr.apart > * { border-top: 1px solid var(--rule); }
svg { display: block; overflow: visible; }
.bar, .pair { width: 100%; }
.revenue { fill: var(--revenue); } .spend { fill: var(--spend); } .track { fill: var(--faint); }
.last { opacity: .5; }
.axis { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
.spend-line { fill: none; stroke: var(--spend); stroke-width: 1.6; }
.span { stroke: var(--revenue); stroke-width: 1.4; opacity: .45; }
.other { fill: var(--revenue); opacity: .45; } .chosen { fill: var(--revenue); }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(212px, 1fr)); gap: 22px 34px; }
figure { margin: 0; }
figcaption { font-size: 13px; display: flex; justify-content: space-between; gap: 8px; margin-bottom: 5px; }
figcaption span { color: var(--soft); }
.months { width: 100%; height: auto; }
.ends { display: flex; justify-content: space-between; color: var(--soft); font-size: 11.5px; margin-top: 2px; }
.key { display: inline-flex; align-items: center; vertical-align: middle; gap: 6px; margin-right: 16px;
  color: var(--soft); font-size: 13px; }
.key i { width: 12px; height: 8px; border-radius: 1px; background: var(--revenue); }
.key i.of-spend { background: var(--spend); }
.key i.of-line { height: 0; border-top: 2px solid var(--spend); background: none; }
.paths th[scope=row] { white-space: normal; min-width: 260px; }
.path b { font-weight: 500; white-space: nowrap; }
.path i { color: var(--soft); font-style: normal; padding: 0 5px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 28px 44px; }
.measures { table-layout: fixed; min-width: 720px; }
.measures th:first-child { width: 36%; } .measures th:nth-child(2) { width: 13%; }
.measures th:nth-child(6) { width: 160px; }
.state { display: inline-block; padding: 0 8px; border-radius: 9px; font-size: 12.5px; border: 1px solid currentColor; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.none { margin: 0; padding: 16px 18px; border: 1px dashed var(--rule); border-radius: 8px; color: var(--soft); }
details { margin-top: 16px; } summary { cursor: pointer; color: var(--soft); font-size: 13.5px; }
details table { margin-top: 10px; }
code { font: 12.5px ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
footer { padding-top: 20px; padding-bottom: 48px; color: var(--soft); font-size: 13px; }
footer p { max-width: 84ch; }
@media (max-width: 640px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  h1 { font-size: 27px; }
}
@media print {
  body { background: #fff; font-size: 11px; }
  section { break-inside: avoid; }
  .scroll { overflow: visible; }
}
"""
