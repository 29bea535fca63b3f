{{ kpi_cycle("days_from_creation_to_win", "created_date", ["won"]) }}
