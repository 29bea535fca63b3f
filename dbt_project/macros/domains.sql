{#- The domain of a web address: lower case, without scheme, user, `www.`, port and path; null where none. -#}
{% macro domain_of_url(url) -%}
    {%- set pattern = "'^(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/@?#]*@)?(?:www[.])?([^/:?#]+)'" -%}
    nullif({{ regexp_extract("lower(trim(" ~ url ~ "))", pattern) }}, '')
{%- endmacro %}


{#- The path of a web address without query and fragment; `/` for a bare domain, null where there is no address. -#}
{% macro path_of_url(url) -%}
    {%- set without_host = regexp_replace_all("trim(" ~ url ~ ")", "'^(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?[^/?#]*'") -%}
    case
        when trim({{ url }}) != ''
            then coalesce(nullif({{ regexp_replace_all(without_host, "'[?#].*$'") }}, ''), '/')
    end
{%- endmacro %}


{#- An email address as it is compared: lower case, trimmed; null where it has no `@`. -#}
{% macro normalised_email(email) -%}
    case when {{ email }} like '%_@_%' then lower(trim({{ email }})) end
{%- endmacro %}


{#- The domain of an email address, lower case; null where there is none. -#}
{% macro domain_of_email(email) -%}
    nullif({{ regexp_extract("lower(trim(" ~ email ~ "))", "'@([^@]+)$'") }}, '')
{%- endmacro %}
