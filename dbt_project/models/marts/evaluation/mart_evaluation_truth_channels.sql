{{ evaluation_answers("evaluation_truth_channels") }}
