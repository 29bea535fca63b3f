"""Olist: the sellers' funnel of a marketplace, the worked example of bringing your own CRM.

Its deals carry no account or opportunity of their own: `staging/olist` maps them. Nothing in
an extract says when a row was last changed, so a record that is delivered again with other
values is a conflict and is reported as one.
"""

from pipeline.sources.contract import Entity, Source, boolean, date, decimal, string, timestamp

SOURCE = Source(
    name="olist",
    kind="crm",
    delivers_every_hours=None,
    description="Olist marketing funnel",
    time_zone="America/Sao_Paulo",
    entities=(
        Entity(
            "marketing_qualified_leads",
            (
                string("mql_id", required=True),
                date("first_contact_date", required=True),
                string("landing_page_id", required=True),
                string("origin"),
            ),
            key=("mql_id",),
            description="One row per lead that marketing qualified",
        ),
        Entity(
            "closed_deals",
            (
                string("mql_id", required=True),
                string("seller_id", required=True),
                string("sdr_id", description="sales development representative"),
                string("sr_id", description="sales representative"),
                timestamp("won_date", required=True),
                string("business_segment"),
                string("lead_type"),
                string("lead_behaviour_profile"),
                boolean("has_company", optional=True),
                boolean("has_gtin", optional=True),
                string("average_stock", optional=True),
                string("business_type"),
                decimal("declared_product_catalog_size", optional=True),
                decimal("declared_monthly_revenue", optional=True),
            ),
            key=("mql_id",),
            description="One row per lead that became a seller",
        ),
        Entity(
            "sellers",
            (
                string("seller_id", required=True),
                string("seller_zip_code_prefix"),
                string("seller_city"),
                string("seller_state"),
            ),
            key=("seller_id",),
            description="One row per seller of the marketplace",
        ),
    ),
)
