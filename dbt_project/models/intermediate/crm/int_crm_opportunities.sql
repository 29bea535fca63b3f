{{ union_canonical("opportunities") }}
