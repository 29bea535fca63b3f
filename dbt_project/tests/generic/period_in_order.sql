{#- No period ends before it begins. -#}
{% test period_in_order(model, first_date, last_date) %}

    select * from {{ model }}
    where {{ last_date }} < {{ first_date }}

{% endtest %}
