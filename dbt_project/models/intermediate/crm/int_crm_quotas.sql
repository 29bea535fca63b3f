{{ union_canonical("quotas") }}
