"""Web analytics: sessions of (anonymous) visitors, and the forms they fill."""

from pipeline.sources.contract import Entity, Source, integer, string, timestamp

SOURCE = Source(
    name="web",
    kind="touchpoints",
    description="Web analytics and forms",
    entities=(
        Entity(
            "sessions",
            (
                string("session_id", required=True),
                string("visitor_id", required=True),
                timestamp("started_at", required=True),
                string("landing_page_url"),
                string("referrer_url"),
                string("utm_source"),
                string("utm_medium"),
                string("utm_campaign"),
                string("utm_content", optional=True),
                string("utm_term", optional=True),
                string("click_id", optional=True, description="the ad platform's click id, when an ad led here"),
                integer("page_view_count"),
                string("country", optional=True),
                string("device", optional=True),
                string("user_agent", optional=True),
                string("ip_network", optional=True, description="bot, internal or visitor network, as classified"),
            ),
            key=("session_id",),
            description="One row per visit",
        ),
        Entity(
            "form_fills",
            (
                string("form_fill_id", required=True),
                string("visitor_id", required=True),
                string("session_id"),
                timestamp("submitted_at", required=True),
                string("form_name", required=True),
                string("email", required=True),
                string("company"),
                string("page_url"),
                string("content_name", optional=True),
                string("how_did_you_hear", optional=True),
            ),
            key=("form_fill_id",),
            description="One row per submitted form",
        ),
    ),
)
