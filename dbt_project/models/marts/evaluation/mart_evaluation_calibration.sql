{{ evaluation_answers("evaluation_calibration") }}
