{{ kpi_cycle("days_to_close", "first_contact_date", ["won", "lost"]) }}
