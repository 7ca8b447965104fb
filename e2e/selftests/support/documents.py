"""The documents, for the tests that run their blocks and compare their tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
README, DOCS, CHANGELOG = ROOT / "README.md", ROOT / "docs", ROOT / "CHANGELOG.md"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
YOUR_OWN_APP = "Your own app in five minutes"  # of README, whose blocks test_any_app.py runs
ELSEWHERE = "A site that somebody else runs"  # of docs/your-site.md, whose block runs against such a site
BESIDE = "Another site beside it"  # of docs/your-site.md, whose blocks are a project of their own
AUDIT = "Declare the account"  # of docs/session-audit.md, whose file makes tests that are not all passed
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A cell ends at a bar, but for one inside a code span.
CELL = re.compile(r"\|((?:`[^`]*`|``.*?``|[^|`])*)(?=\|)")


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
    """The fenced blocks of a document, from top to bottom."""
    found, heading = [], ""
    for match in re.finditer(rf"^## ([^\n]*)$|{FENCE.pattern}", document.read_text(), re.M | re.S):
        if match[1]:
            heading = match[1]
        else:
            found.append(Block(match[2], match[3], heading))
    return found


def shown() -> list[Block]:
    """The blocks of all pages, but for those that ``test_any_app.py`` runs."""
    return [block for page in PAGES for block in blocks(page) if block.heading != YOUR_OWN_APP]


def table(document: Path, below: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    _, found, text = document.read_text().partition(f"# {below}\n")
    assert found, f"{document.name} has no heading {below!r}"
    rows = re.search(r"(?:^\|.*\n)+", text, re.M)
    assert rows, f"{document.name} has no table below {below!r}"
    return cells(rows[0])[2:]


def cells(rows: str) -> list[list[str]]:
    """The cells of each line of a table."""
    return [[cell.strip() for cell in CELL.findall(line)] for line in rows.splitlines() if line.startswith("|")]


def code(cell: str) -> list[str]:
    """The texts of a cell's code spans."""
    return [(double or single).strip() for double, single in re.findall(r"``(.+?)``(?!`)|`([^`]+)`", cell)]


def title(document: Path) -> str:
    """The heading that a document begins with."""
    return document.read_text().partition("\n")[0].removeprefix("# ")


def links(document: Path) -> list[str]:
    """The targets of a document's links and pictures."""
    prose = FENCE.sub("", document.read_text())
    return LINK.findall(re.sub(r"`[^`\n]*`", "`", prose))


def anchors(document: Path) -> set[str]:
    """What a link to a heading of the document can name, as GitHub spells it."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
