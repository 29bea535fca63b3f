{{ union_canonical("cases") }}
