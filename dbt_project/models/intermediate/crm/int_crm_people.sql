{{ union_canonical("people") }}
