{{ union_canonical("survey_waves") }}
