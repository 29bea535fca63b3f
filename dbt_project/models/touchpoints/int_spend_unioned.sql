{{ union_canonical("spend") }}
