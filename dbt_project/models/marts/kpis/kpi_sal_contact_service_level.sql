{{ kpi_service_level("sal_contact", "hours_from_acceptance_to_contact is not null", "contact_clock_hours") }}
