"""Linear by channel: a channel does not earn more by touching more often.

An equal split over the distinct channels of a journey is sometimes called a Shapley value; it is one only
under assumptions that journeys do not meet, so it is not called so here.
"""

from pipeline.attribution.model import WeightModel

MODEL = WeightModel(
    name="linear_by_channel",
    description="every distinct channel alike, then its touches alike",
    weight="1 / channel_touch_count",
)
