"""Survey tool: waves of pulse and eNPS surveys among the teams, and the answers."""

from pipeline.sources.contract import Entity, Source, date, integer, string, timestamp

SOURCE = Source(
    name="surveys",
    kind="surveys",
    delivers_every_hours=31 * 24,
    description="Team surveys",
    entities=(
        Entity(
            "waves",
            (
                string("wave_id", required=True),
                string("survey_type", required=True, allowed=("pulse", "enps")),
                string("team", required=True, description="the team that was asked, e.g. sales or marketing"),
                date("sent_on", required=True),
                date("closes_on"),
                integer("invited_count", required=True, description="people asked; the base of participation"),
                integer("scale_min", required=True, description="lowest answer of the scale"),
                integer("scale_max", required=True, description="highest answer of the scale"),
                timestamp("updated_at", required=True),
            ),
            key=("wave_id",),
            version="updated_at",
            description="One row per survey sent to one team",
        ),
        Entity(
            "responses",
            (
                string("response_id", required=True),
                string("wave_id", required=True),
                string("respondent_id", required=True, description="a pseudonym that holds within its wave only"),
                string("question", required=True),
                integer("answer", description="on the wave's scale; empty where the question was left out"),
                timestamp("answered_at", required=True),
            ),
            key=("response_id",),
            description="One row per answered question",
        ),
    ),
)
