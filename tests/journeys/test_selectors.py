"""The two halves of a night build every model once."""

import yaml

from pipeline.settings import PROJECT_DIR

DBT = PROJECT_DIR / "dbt_project"


def test_every_folder_of_models_is_in_one_half_of_the_night() -> None:
    selectors = yaml.safe_load((DBT / "selectors.yml").read_text(encoding="utf-8"))["selectors"]
    paths = [
        part["value"]
        for selector in selectors
        for part in selector["definition"]["union"]
        if part.get("method") == "path"
    ]
    folders = [f"models/{folder.name}" for folder in sorted((DBT / "models").iterdir()) if folder.is_dir()]
    assert sorted(paths) == folders
