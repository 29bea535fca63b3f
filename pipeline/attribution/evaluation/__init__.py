"""How far each model can be believed: one question a file, answered for every enabled model alike.

prediction: does its credit tell which later journeys convert, and does it find anything in shuffled outcomes?
placebo: what does it give a channel that did nothing? stability: how much does it change its mind in a week?
truth: on a simulated company, how far is it from what happened? verdict: what all that comes to.

What is a sum over marts (disagreement, budget replay, goals, returns against experiments, benchmarks) is asked in dbt
every night and needs no evaluation.
"""
