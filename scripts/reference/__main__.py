"""`scripts/config-docs [FOLDER]`: write README.md and schema/promotion.schema.json from the schema of the settings."""

import json
import sys
from pathlib import Path

from bot.settings import docs

_CONFIG = Path(__file__).resolve().parents[2] / "config"


def main(words: list[str]) -> None:
    """Write both files into the folder named as argument (default: config) and say so."""
    folder = Path(words[0]) if words else _CONFIG
    (folder / "schema").mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(docs.reference(), encoding="utf-8")
    schema = json.dumps(docs.json_schema(), indent=2) + "\n"
    (folder / "schema" / "promotion.schema.json").write_text(schema, encoding="utf-8")
    print(f"README.md and schema/promotion.schema.json are written in {folder}.")


if __name__ == "__main__":
    main(sys.argv[1:])
