{{ evaluation_answers("evaluation_placebo") }}
