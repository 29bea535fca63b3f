"""Finance: costs of marketing and sales beside ad spend, and exchange rates."""

from pipeline.sources.contract import Entity, Source, date, decimal, rate, string, timestamp

SOURCE = Source(
    name="finance",
    kind="finance",
    description="Finance exports",
    entities=(
        Entity(
            "costs",
            (
                string("cost_id", required=True),
                date("starts_on", required=True),
                date("ends_on", required=True, description="last day of the period the cost is spread over"),
                string("department", required=True, allowed=("marketing", "sales")),
                string("category", required=True, description="salaries, tools, agency, event, content, ..."),
                string("channel", description="the channel it was spent on, if one"),
                string("campaign_id"),
                decimal("amount", required=True),
                string("currency", required=True),
                timestamp("updated_at", required=True),
            ),
            key=("cost_id",),
            version="updated_at",
            description="One row per cost item and period",
        ),
        Entity(
            "exchange_rates",
            (
                date("rate_date", required=True),
                string("currency", required=True),
                string("reporting_currency", required=True),
                rate("rate", required=True, description="reporting currency for one unit of currency"),
                timestamp("updated_at", required=True),
            ),
            key=("rate_date", "currency", "reporting_currency"),
            version="updated_at",
            description="One row per currency pair and day",
        ),
        Entity(
            "subscriptions",
            (
                string("subscription_id", required=True),
                string("account_id", required=True, description="the CRM's id of the customer"),
                string("opportunity_id", description="the won deal that began the term"),
                string("started_by", required=True, allowed=("new_business", "expansion", "renewal")),
                date("starts_on", required=True),
                date("ends_on", required=True, description="last day of the term"),
                decimal("annual_amount", required=True, description="recurring revenue a year"),
                string("currency", required=True),
                string("status", required=True, allowed=("active", "ended")),
                date("cancelled_on", description="the day its renewal was refused"),
                timestamp("updated_at", required=True),
            ),
            key=("subscription_id",),
            version="updated_at",
            description="One row per subscription term; terms of an account that overlap add up",
        ),
    ),
)
