-- A file whose quarantined lines were read again, after its contract was corrected, has a row per reading.
with files as (
    select
        ledger.*,
        row_number() over (partition by ledger.source, ledger.path order by ledger.loaded_at desc) as reading_from_last
    from {{ source("ops", "load_ledger") }} as ledger
    where ledger.effective_date <= {{ business_date() }}
),

delivered as (
    select
        source,
        entity,
        count(distinct path) as file_count,
        sum(loaded_records) as loaded_record_count,
        sum(duplicate_records) as duplicate_record_count,
        sum(case when reading_from_last = 1 then quarantined_records else 0 end) as quarantined_record_count
    from files
    group by source, entity
),

quarantined as (
    select
        source,
        entity,
        'record' as quarantined_kind,
        rule,
        column_name,
        reason,
        file_id,
        line_count as physical_line_count,
        delivery_date
    from {{ source("quarantine", "rows") }}
    where effective_date <= {{ business_date() }}
    union all
    select
        source,
        entity,
        'file' as quarantined_kind,
        rule,
        null as column_name,
        reason,
        file_id,
        physical_lines as physical_line_count,
        delivery_date
    from {{ source("quarantine", "files") }}
    where effective_date <= {{ business_date() }}
),

counted as (
    select
        source,
        entity,
        quarantined_kind,
        rule,
        coalesce(column_name, 'whole_record') as column_name,
        count(*) as quarantined_count,
        sum(physical_line_count) as physical_line_count,
        count(distinct file_id) as affected_file_count,
        min(delivery_date) as first_delivery_date,
        max(delivery_date) as last_delivery_date,
        min(reason) as example_reason
    from quarantined
    group by source, entity, quarantined_kind, rule, coalesce(column_name, 'whole_record')
),

joined as (
    select
        counted.*,
        counted.source as source_system,
        coalesce(delivered.file_count, 0) as delivered_file_count,
        coalesce(delivered.loaded_record_count, 0) as loaded_record_count,
        case
            when counted.quarantined_kind = 'record'
                then {{ ratio(
                    "counted.quarantined_count", "delivered.loaded_record_count + delivered.quarantined_record_count"
                ) }}
        end as quarantined_share
    from counted
    left join delivered
        on
            counted.source = delivered.source
            and counted.entity = delivered.entity
),

final as (
    select {{ contract_columns() }}
    from joined
)

select * from final
