with won as (
    select
        *,
        row_number() over (partition by account_id order by close_date asc, opportunity_id asc) as win_number
    from {{ ref("fct_opportunities") }}
    where opportunity_status = 'won' and account_id is not null
),

margins as (
    select
        opportunity_id,
        -- Not known where it is not known of one line.
        case when count(gross_margin_amount_reporting) = count(*) then sum(gross_margin_amount_reporting) end
            as gross_margin_amount_reporting
    from {{ ref("fct_opportunity_lines") }}
    group by opportunity_id
),

totals as (
    select
        won.account_id,
        count(*) as won_count,
        sum(won.amount_reporting) as revenue_amount_reporting,
        sum(margins.gross_margin_amount_reporting) as gross_margin_amount_reporting,
        -- Of the deals whose margin is known.
        sum(case when margins.gross_margin_amount_reporting is not null then won.amount_reporting end)
            as margined_amount_reporting
    from won
    left join margins on won.opportunity_id = margins.opportunity_id
    group by won.account_id
),

terms as (
    select
        opportunity_id,
        sum(annual_amount_reporting) as annual_amount_reporting
    from {{ ref("fct_subscriptions") }}
    where opportunity_id is not null
    group by opportunity_id
),

first_wins as (
    select
        won.*,
        won.close_date as customer_since_date,
        won.opportunity_id as first_opportunity_id,
        won.amount_reporting as first_amount_reporting,
        totals.won_count as wins_count,
        totals.revenue_amount_reporting,
        totals.gross_margin_amount_reporting,
        {{ ratio("totals.gross_margin_amount_reporting", "totals.margined_amount_reporting") }} as gross_margin_share,
        {{ ratio("margins.gross_margin_amount_reporting", "won.amount_reporting") }} as first_margin_share,
        coalesce(terms.annual_amount_reporting / 12, won.amount_reporting / {{ var("months_per_deal") }})
            as first_month_amount
    from won
    inner join totals on won.account_id = totals.account_id
    left join margins on won.opportunity_id = margins.opportunity_id
    left join terms on won.opportunity_id = terms.opportunity_id
    where won.win_number = 1
),

measured as (
    select
        *,
        first_month_amount * first_margin_share as monthly_gross_margin_amount_reporting
    from first_wins
),

final as (
    select {{ contract_columns({"won_count": "wins_count"}) }}
    from measured
)

select * from final
