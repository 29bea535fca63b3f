{{ union_canonical("touchpoints", precedence="source_precedence") }}
