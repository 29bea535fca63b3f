{{ kpi_cycle("days_to_win", "first_contact_date", ["won"]) }}
