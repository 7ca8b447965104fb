"""The code blocks of the documents, for the tests that run them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
README, RECIPES = ROOT / "README.md", ROOT / "docs" / "recipes.md"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the heading that it stands below, and the file that it says it is."""

    language: str
    text: str
    heading: str

    @property
    def file(self) -> str:
        named = re.match(r"# (\S+\.py)\n", self.text)
        return named[1] if named else ""


def blocks(document: Path) -> list[Block]:
    found, heading = [], ""
    for match in re.finditer(r"^## ([^\n]*)$|^```(\w*)\n(.*?)^```$", document.read_text(), re.M | re.S):
        if match[1]:
            heading = match[1]
        else:
            found.append(Block(match[2], match[3], heading))
    return found
