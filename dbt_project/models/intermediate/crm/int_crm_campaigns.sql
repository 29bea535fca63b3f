{{ union_canonical("campaigns") }}
