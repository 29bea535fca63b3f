{{ union_canonical("opportunity_stages") }}
