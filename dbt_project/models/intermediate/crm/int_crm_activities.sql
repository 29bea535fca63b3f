{{ union_canonical("activities") }}
