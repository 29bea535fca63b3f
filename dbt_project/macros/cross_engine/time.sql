{#- Instants are stored in UTC without a zone. "Local" is the organisation's var `time_zone`. -#}

{#- The UTC instant of a local wall-clock timestamp. -#}
{% macro local_to_utc(local_timestamp) -%}
    {{ return(adapter.dispatch("local_to_utc")(local_timestamp)) }}
{%- endmacro %}

{% macro default__local_to_utc(local_timestamp) -%}
    timezone('UTC', timezone('{{ var("time_zone") }}', {{ local_timestamp }}))
{%- endmacro %}

{% macro spark__local_to_utc(local_timestamp) -%}
    to_utc_timestamp({{ local_timestamp }}, '{{ var("time_zone") }}')
{%- endmacro %}


{#- The local wall-clock timestamp of a UTC instant. -#}
{% macro utc_to_local(instant) -%}
    {{ return(adapter.dispatch("utc_to_local")(instant)) }}
{%- endmacro %}

{% macro default__utc_to_local(instant) -%}
    timezone('{{ var("time_zone") }}', timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__utc_to_local(instant) -%}
    from_utc_timestamp({{ instant }}, '{{ var("time_zone") }}')
{%- endmacro %}


{#- The local calendar day of an instant. -#}
{% macro local_date(instant) -%}
    cast({{ utc_to_local(instant) }} as date)
{%- endmacro %}


{#- The first instant of a local day: where a date-only touch stands. -#}
{% macro start_of_day(day) -%}
    {{ local_to_utc("cast(" ~ day ~ " as timestamp)") }}
{%- endmacro %}


{#- The last instant (microsecond) of a local day: where a date-only milestone stands. -#}
{% macro end_of_day(day) -%}
    ({{ start_of_day(add_days(day, 1)) }} - interval '1' microsecond)
{%- endmacro %}


{#- A date some whole days (a number or an integer expression) later. -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch("add_days")(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    (cast({{ day }} as date) + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add(cast({{ day }} as date), cast({{ days }} as int))
{%- endmacro %}


{#- An instant some days later (fractions and negative numbers too). -#}
{% macro add_elapsed_days(instant, days) -%}
    {{ return(adapter.dispatch("add_elapsed_days")(instant, days)) }}
{%- endmacro %}

{% macro default__add_elapsed_days(instant, days) -%}
    ({{ instant }} + to_microseconds(cast(({{ days }}) * 86400000000 as bigint)))
{%- endmacro %}

{% macro spark__add_elapsed_days(instant, days) -%}
    timestamp_micros(unix_micros({{ instant }}) + cast(({{ days }}) * 86400000000 as bigint))
{%- endmacro %}


{#- Days from one instant to another, with fractions; negative when the second is earlier. -#}
{% macro days_between(start, end) -%}
    ({{ microseconds_between(start, end) }} / 8.64e10)
{%- endmacro %}

{#- Hours from one instant to another, with fractions. -#}
{% macro hours_between(start, end) -%}
    ({{ microseconds_between(start, end) }} / 3.6e9)
{%- endmacro %}

{#- Minutes from one instant to another, with fractions. -#}
{% macro minutes_between(start, end) -%}
    ({{ microseconds_between(start, end) }} / 6e7)
{%- endmacro %}

{% macro microseconds_between(start, end) -%}
    {{ return(adapter.dispatch("microseconds_between")(start, end)) }}
{%- endmacro %}

{% macro default__microseconds_between(start, end) -%}
    (epoch_us({{ end }}) - epoch_us({{ start }}))
{%- endmacro %}

{% macro spark__microseconds_between(start, end) -%}
    (unix_micros({{ end }}) - unix_micros({{ start }}))
{%- endmacro %}


{#- Calendar days from one date to another, whole. -#}
{% macro calendar_days_between(start_date, end_date) -%}
    {{ return(adapter.dispatch("calendar_days_between")(start_date, end_date)) }}
{%- endmacro %}

{% macro default__calendar_days_between(start_date, end_date) -%}
    date_diff('day', cast({{ start_date }} as date), cast({{ end_date }} as date))
{%- endmacro %}

{% macro spark__calendar_days_between(start_date, end_date) -%}
    datediff(cast({{ end_date }} as date), cast({{ start_date }} as date))
{%- endmacro %}


{#- Whole months from one date to a later one: 31 January to 28 February is none, to 1 March one. -#}
{% macro whole_months_between(start_date, end_date) -%}
    {{ return(adapter.dispatch("whole_months_between")(start_date, end_date)) }}
{%- endmacro %}

{% macro default__whole_months_between(start_date, end_date) -%}
    date_sub('month', cast({{ start_date }} as date), cast({{ end_date }} as date))
{%- endmacro %}

{% macro spark__whole_months_between(start_date, end_date) -%}
    cast(floor(months_between({{ end_date }}, {{ start_date }})) as int)
{%- endmacro %}


{#- In a select list: one row for each date from the first to the last, both included. -#}
{% macro each_day(start_date, end_date) -%}
    {{ return(adapter.dispatch("each_day")(start_date, end_date)) }}
{%- endmacro %}

{% macro default__each_day(start_date, end_date) -%}
    cast(unnest(generate_series(
        cast({{ start_date }} as timestamp), cast({{ end_date }} as timestamp), interval '1' day
    )) as date)
{%- endmacro %}

{% macro spark__each_day(start_date, end_date) -%}
    explode(sequence(cast({{ start_date }} as date), cast({{ end_date }} as date)))
{%- endmacro %}


{#- The timestamp of a day at a time of day (`HH:MM`), both expressions; null where there is no time. -#}
{% macro at_time_of_day(day, time_of_day) -%}
    case
            when {{ time_of_day }} is not null
                then cast(concat(cast({{ day }} as {{ sql_type("string") }}), ' ', {{ time_of_day }}) as timestamp)
        end
{%- endmacro %}
