"""U-shaped, by milestones: what opened the journey and what made the lead."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="u_shaped_lead",
    description="first 40, lead creation 40, 20 over the rest",
    positions={"first": 0.4, "lead_creation": 0.4},
    rest=0.2,
)
