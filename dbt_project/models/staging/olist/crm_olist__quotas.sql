{{ config(enabled=source_enabled("olist")) }}

{{ absent("quotas") }}
