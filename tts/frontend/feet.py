"""Prosodic words: their inner structure, their size and the break after them."""

from dataclasses import dataclass
from typing import TypeAlias, Union

from tts.frontend.words import Token

#: Which syllables belong together within a prosodic word: their positions in the text, nested.
Tree: TypeAlias = Union[int, tuple["Tree", ...]]  # noqa: UP007  # a string cannot stand beside `|`

WORD, PHRASE, CLAUSE, SENTENCE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Foot:
    """A prosodic word: its dictionary words, how they hang together, and the break after it."""

    tokens: tuple[Token, ...]
    tree: Tree
    break_after: int = WORD

    @property
    def size(self) -> int:
        """The number of its syllables."""
        return _count(self.tree)


def leaves(tree: Tree) -> tuple[int, ...]:
    """Return the positions in a tree, in order."""
    return (tree,) if isinstance(tree, int) else tuple(leaf for branch in tree for leaf in leaves(branch))


def _count(tree: Tree) -> int:
    return 1 if isinstance(tree, int) else sum(map(_count, tree))
