{{ union_canonical("unmapped_values") }}
