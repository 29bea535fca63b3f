"""Offline events: trade shows, conferences, dinners and face-to-face meetings, from lists and scanners."""

from pipeline.sources.contract import Entity, Source, date, string, timestamp

SOURCE = Source(
    name="offline",
    kind="touchpoints",
    description="Event lists and badge scanners",
    entities=(
        Entity(
            "events",
            (
                string("event_id", required=True),
                string("event_name", required=True),
                string(
                    "event_type",
                    required=True,
                    allowed=("trade_show", "conference", "field_event", "executive_meeting", "webinar"),
                ),
                date("starts_on", required=True),
                date("ends_on"),
                string("city", optional=True),
                string("country", optional=True),
                string("campaign_id"),
                timestamp("updated_at", required=True),
            ),
            key=("event_id",),
            version="updated_at",
            description="One row per event",
        ),
        Entity(
            "attendances",
            (
                string("attendance_id", required=True),
                string("event_id", required=True),
                string("email"),
                string("full_name", optional=True),
                string("company_name"),
                string("crm_person_id", optional=True),
                string(
                    "attendance_type",
                    required=True,
                    allowed=("badge_scan", "booth_visit", "session", "meeting", "dinner"),
                ),
                date("attended_on", required=True),
                timestamp("attended_at", optional=True, description="empty where only the day is known"),
                timestamp("updated_at", required=True),
            ),
            key=("attendance_id",),
            version="updated_at",
            description="One row per person met at an event",
        ),
    ),
)
