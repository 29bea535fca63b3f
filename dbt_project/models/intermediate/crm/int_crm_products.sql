{{ union_canonical("products") }}
