"""The verbs of the command line, grouped by what a person wants: run a night, look, bring data."""
