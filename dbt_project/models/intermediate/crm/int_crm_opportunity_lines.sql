{{ union_canonical("opportunity_lines") }}
