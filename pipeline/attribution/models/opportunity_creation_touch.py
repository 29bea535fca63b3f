"""Opportunity creation touch: what was there when sales opened the deal."""

from pipeline.attribution.model import MilestoneModel

MODEL = MilestoneModel(
    name="opportunity_creation_touch",
    description="all to the buying group's latest touch when the opportunity was created",
    milestone="opportunity_creation",
)
