{{ kpi_cycle("days_from_creation_to_close", "created_date", ["won", "lost"]) }}
