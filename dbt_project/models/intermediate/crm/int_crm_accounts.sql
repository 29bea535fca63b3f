{{ union_canonical("accounts") }}
