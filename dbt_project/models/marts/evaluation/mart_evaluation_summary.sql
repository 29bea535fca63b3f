{{ evaluation_answers("evaluation_summary") }}
