{{ evaluation_answers("evaluation_predictions") }}
