"""W-shaped: first touch, lead creation, opportunity creation."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="w_shaped",
    description="first 30, lead creation 30, opportunity creation 30, 10 over the rest",
    positions={"first": 0.3, "lead_creation": 0.3, "opportunity_creation": 0.3},
    rest=0.1,
)
