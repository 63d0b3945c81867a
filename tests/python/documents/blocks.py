"""The fenced blocks of the documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]
PORT = "60000"  # what the documents say; a free one takes its place


@dataclass
class Block:
    """One fenced block."""

    path: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str
    before: Block | None = field(repr=False)

    @property
    def kind(self) -> str:
        return " ".join((self.language, *self.words))

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.kind}"


def blocks_of(path: Path) -> list[Block]:
    """Every fenced block of a document."""
    blocks: list[Block] = []
    opened: tuple[int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.lstrip().startswith("```"):
            inside.append(line)
        elif opened is None:
            opened, inside = (number, line.strip().removeprefix("```")), []
        else:
            language, *words = opened[1].split() or [""]
            text = "\n".join(inside) + "\n"
            blocks.append(Block(path, opened[0], language, tuple(words), text, blocks[-1] if blocks else None))
            opened = None
    assert opened is None, f"{path}:{opened}: a fence that does not close"
    return blocks


BLOCKS = [block for path in DOCUMENTS for block in blocks_of(path)]


def blocks(kind: str) -> list[Block]:
    """The blocks of one kind."""
    return [block for block in BLOCKS if block.kind == kind]
