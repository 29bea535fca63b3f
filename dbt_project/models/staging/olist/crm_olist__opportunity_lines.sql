{{ config(enabled=source_enabled("olist")) }}

{{ absent("opportunity_lines") }}
