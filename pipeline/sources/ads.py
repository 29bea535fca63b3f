"""Ad platforms: paid clicks, and what each campaign cost a day."""

from pipeline.sources.contract import Entity, Source, boolean, date, decimal, integer, string, timestamp

AD_TYPES = ("search_brand", "search_non_brand", "social", "display", "review_site", "content_syndication")

SOURCE = Source(
    name="ads",
    kind="touchpoints",
    description="Ad platforms",
    entities=(
        Entity(
            "clicks",
            (
                string("click_id", required=True),
                timestamp("clicked_at", required=True),
                string("platform", required=True),
                string("ad_type", required=True, allowed=AD_TYPES),
                string("campaign_id", required=True),
                string("campaign_name"),
                string("ad_name", optional=True),
                string("keyword", optional=True),
                string("visitor_id"),
                boolean("is_invalid", optional=True, description="the platform took the click back"),
            ),
            key=("click_id",),
            description="One row per paid click",
        ),
        Entity(
            "spend",
            (
                date("spend_date", required=True),
                string("platform", required=True),
                string("ad_type", required=True, allowed=AD_TYPES),
                string("campaign_id", required=True),
                string("campaign_name"),
                integer("impressions"),
                integer("clicks"),
                decimal("cost", required=True),
                string("currency", required=True),
                timestamp("updated_at", required=True, description="platforms restate spend for days"),
            ),
            key=("spend_date", "platform", "campaign_id"),
            version="updated_at",
            description="One row per campaign and day",
        ),
    ),
)
