"""Write the equations of the rules into the package, for installations that carry no source.

python tools/bake_equations.py
"""

from __future__ import annotations

from pathlib import Path

import clearprop.story
from clearprop.story.equations import to_json


def main() -> None:
    """Write src/clearprop/story/equations.json."""
    path = Path(clearprop.story.__file__).with_name("equations.json")
    path.write_text(to_json(), encoding="utf-8")
    print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
