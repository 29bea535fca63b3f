{{ evaluation_answers("evaluation_stability") }}
