{{ union_canonical("users") }}
