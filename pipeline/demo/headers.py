"""The header and types of every extract the company's systems deliver, as those systems spell them.

`name` alone is text; `:t` a timestamp, `:d` a date, `:i` a whole number, `:f` a number, `:b` true/false.
"""

import pyarrow as pa

_TYPES = {
    "": pa.string(),
    "t": pa.timestamp("s", tz="UTC"),
    "d": pa.date32(),
    "i": pa.int64(),
    "f": pa.float64(),
    "b": pa.bool_(),
}

_AUDIT = "CreatedDate:t SystemModstamp:t IsDeleted:b"

_COLUMNS = {
    "salesforce/accounts": "Id Name Website Industry NumberOfEmployees:i AnnualRevenue:f BillingCountry Region__c "
    "Segment__c Type ParentId OwnerId MasterRecordId " + _AUDIT,
    "salesforce/contacts": "Id AccountId FirstName LastName Email Title LeadSource OwnerId MasterRecordId " + _AUDIT,
    "salesforce/leads": "Id FirstName LastName Company Email Title Website Industry NumberOfEmployees:i Country "
    "LeadSource HowDidYouHear__c Status StatusReason__c Rating Score__c:f InterestDate__c:d BudgetDate__c:d "
    "AuthorityDate__c:d TimelineDate__c:d OwnerId IsConverted:b ConvertedDate:d ConvertedAccountId "
    "ConvertedContactId ConvertedOpportunityId MasterRecordId " + _AUDIT,
    "salesforce/lead_history": "Id LeadId Field OldValue NewValue CreatedById CreatedDate:t IsDeleted:b",
    "salesforce/opportunities": "Id AccountId Name Type StageName Amount:f CurrencyIsoCode Probability:f "
    "ForecastCategoryName CloseDate:d IsClosed:b IsWon:b LossReason__c LeadSource CampaignId OwnerId " + _AUDIT,
    "salesforce/opportunity_history": "Id OpportunityId StageName Amount:f Probability:f CloseDate:d "
    "ForecastCategory CreatedById CreatedDate:t IsDeleted:b",
    "salesforce/opportunity_contact_roles": "Id OpportunityId ContactId Role IsPrimary:b " + _AUDIT,
    "salesforce/campaigns": "Id Name Type Status ParentId StartDate:d EndDate:d ActualCost:f CurrencyIsoCode "
    "IsActive:b " + _AUDIT,
    "salesforce/campaign_members": "Id CampaignId LeadId ContactId Status HasResponded:b FirstRespondedDate:d "
    + _AUDIT,
    "salesforce/tasks": "Id WhoId WhatId AccountId OwnerId Subject TaskSubtype CallType Status ActivityDate:d "
    "CompletedDateTime:t " + _AUDIT,
    "salesforce/events": "Id WhoId WhatId AccountId OwnerId Subject Type Location StartDateTime:t EndDateTime:t "
    "Outcome__c " + _AUDIT,
    "salesforce/users": "Id Name Email Title Department Team__c ManagerId IsActive:b " + _AUDIT,
    "salesforce/products": "Id Name ProductCode Family IsActive:b UnitCost__c:f " + _AUDIT,
    "salesforce/opportunity_line_items": "Id OpportunityId Product2Id Quantity:f UnitPrice:f ListPrice:f Discount:f "
    "TotalPrice:f " + _AUDIT,
    "salesforce/forecasts": "Id OwnerId PeriodStartDate:d PeriodEndDate:d ForecastAmount:f CurrencyIsoCode "
    "ForecastCategoryName " + _AUDIT,
    "salesforce/quotas": "Id OwnerId StartDate:d EndDate:d QuotaAmount:f CurrencyIsoCode " + _AUDIT,
    "salesforce/cases": "Id CaseNumber AccountId ContactId OwnerId Subject Type Reason Origin Priority Status "
    "IsClosed:b ClosedDate:t Satisfaction__c:i " + _AUDIT,
    "web/sessions": "session_id visitor_id started_at:t landing_page_url referrer_url utm_source utm_medium "
    "utm_campaign utm_content utm_term click_id page_view_count:i country device user_agent ip_network",
    "web/form_fills": "form_fill_id visitor_id session_id submitted_at:t form_name email company page_url "
    "content_name how_did_you_hear",
    "email/events": "event_id occurred_at:t event_type email campaign_id campaign_name message_name link_url "
    "visitor_id is_machine:b",
    "ads/clicks": "click_id clicked_at:t platform ad_type campaign_id campaign_name ad_name keyword visitor_id "
    "is_invalid:b",
    "ads/spend": "spend_date:d platform ad_type campaign_id campaign_name impressions:i clicks:i cost:f currency "
    "updated_at:t",
    "offline/events": "event_id event_name event_type starts_on:d ends_on:d city country campaign_id updated_at:t",
    "offline/attendances": "attendance_id event_id email full_name company_name crm_person_id attendance_type "
    "attended_on:d attended_at:t updated_at:t",
    "finance/costs": "cost_id starts_on:d ends_on:d department category channel campaign_id amount:f currency "
    "updated_at:t",
    "finance/subscriptions": "subscription_id account_id opportunity_id started_by starts_on:d ends_on:d "
    "annual_amount:f currency status cancelled_on:d updated_at:t",
    "experiments/results": "experiment_id channel conversion_type design starts_on:d ends_on:d measured_until:d "
    "treated_units:i control_units:i treated_conversions:f control_conversions:f increment:f standard_error:f "
    "updated_at:t",
    "surveys/waves": "wave_id survey_type team sent_on:d closes_on:d invited_count:i scale_min:i scale_max:i "
    "updated_at:t",
    "surveys/responses": "response_id wave_id respondent_id question answer:i answered_at:t",
    "finance/exchange_rates": "rate_date:d currency reporting_currency rate:f updated_at:t",
}  # fmt: skip


def _schema(columns: str) -> pa.Schema:
    pairs = [column.partition(":") for column in columns.split()]
    return pa.schema([(name, _TYPES[kind]) for name, _, kind in pairs])


#: Arrow schema of each extract, by `source/entity`; its field names are the header.
SCHEMAS = {name: _schema(columns) for name, columns in _COLUMNS.items()}
