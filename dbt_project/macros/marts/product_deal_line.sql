{#- The number of a line among those of its deal that are in the same segment, in `kpi_sums` over the lines: 1 stands for
    the deal. -#}
{% macro product_deal_line() -%}
    (case segments.segment_type
        when 'product' then events.product_line_number
        when 'product_family' then events.family_line_number
        else events.deal_line_number
    end)
{%- endmacro %}
