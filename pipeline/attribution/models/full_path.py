"""Full path: the W, and what was there when the deal closed."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="full_path",
    description="first, lead creation, opportunity creation and closing 22.5 each, 10 over the rest",
    positions={"first": 0.225, "lead_creation": 0.225, "opportunity_creation": 0.225, "closing": 0.225},
    rest=0.1,
)
