{#-
    A company name as it is compared: lower case, without punctuation, legal form and a leading
    `the`; null where nothing is left.
-#}
{% macro normalised_company_name(name) -%}
    {%- set forms = ["inc", "incorporated", "llc", "llp", "ltd", "limited", "corp", "corporation", "co", "company",
        "plc", "gmbh", "ag", "kg", "bv", "nv", "sa", "sas", "sarl", "srl", "spa", "ab", "as", "oy", "pty", "ltda"] -%}
    {#- Punctuation by its ASCII ranges: no class that engines spell differently, and letters of all alphabets stay. -#}
    {%- set words = "trim(" ~ regexp_replace_all("lower(" ~ name ~ ")", "'[ !-/:-@{-~_]+'", "' '") ~ ")" -%}
    {%- set pattern = "'^ the |( (" ~ forms | join("|") ~ "))+ $'" -%}
    nullif(trim({{ regexp_replace_all("concat(' ', " ~ words ~ ", ' ')", pattern, "' '") }}), '')
{%- endmacro %}
