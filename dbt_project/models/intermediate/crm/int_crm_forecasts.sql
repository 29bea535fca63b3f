{{ union_canonical("forecasts") }}
