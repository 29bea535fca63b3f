{{ evaluation_answers("evaluation_truth") }}
