{{ union_canonical("person_stages") }}
