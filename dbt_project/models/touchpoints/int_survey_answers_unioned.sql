{{ union_canonical("survey_answers") }}
