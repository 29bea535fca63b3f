"""First touch: what brought them in."""

from pipeline.attribution.model import MilestoneModel

MODEL = MilestoneModel(
    name="first_touch",
    description="all to the earliest touch",
    milestone="first",
)
