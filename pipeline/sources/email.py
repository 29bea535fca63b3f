"""Marketing email: what was sent, and what people did with it."""

from pipeline.sources.contract import Entity, Source, boolean, string, timestamp

SOURCE = Source(
    name="email",
    kind="touchpoints",
    description="Marketing email platform",
    entities=(
        Entity(
            "events",
            (
                string("event_id", required=True),
                timestamp("occurred_at", required=True),
                string(
                    "event_type",
                    required=True,
                    allowed=("sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed"),
                ),
                string("email", required=True),
                string("campaign_id"),
                string("campaign_name"),
                string("message_name", description="the content that was mailed"),
                string("link_url", optional=True),
                string("visitor_id", optional=True, description="the web visitor a click led to"),
                boolean("is_machine", optional=True, description="a scanner clicked, not a person"),
            ),
            key=("event_id",),
            description="One row per send, open, click, reply, bounce or unsubscribe",
        ),
    ),
)
