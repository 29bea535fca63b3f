{{ evaluation_answers("evaluation_permutation") }}
