{{ union_canonical("exchange_rates") }}
