{{ union_canonical("opportunity_people") }}
