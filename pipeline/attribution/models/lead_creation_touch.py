"""Lead creation touch: what made an unknown visitor a known person."""

from pipeline.attribution.model import MilestoneModel

MODEL = MilestoneModel(
    name="lead_creation_touch",
    description="all to the touch that created the first lead or contact of the buying group",
    milestone="lead_creation",
)
