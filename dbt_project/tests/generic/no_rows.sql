{#- A relation that lists what is wrong is empty. -#}
{% test no_rows(model) %}

    select * from {{ model }}

{% endtest %}
