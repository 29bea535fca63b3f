{{ kpi_service_level("sal_decision", "decided_at is not null", "decision_clock_hours") }}
