"""The models, one file each: a file here that says `MODEL = …` is a model, found by itself.

`docs/cookbook/add_a_model.md` walks through adding one.
"""
