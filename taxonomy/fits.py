"""Which of many lists of globs fit a text, told as bits, so that SQL need only join and `&` them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate


class Fits:
    """Lists of globs, in which only ``*`` is special; bit n of an answer is the n-th list's.

    Args:
        lists: one list for each rule, say; an empty one asks for nothing, so that all fits it.
    """

    def __init__(self, lists: Iterable[Sequence[str]]) -> None:
        self._all = 0
        self._words: dict[str, int] = {}
        self._beginnings: dict[str, int] = {}
        others: dict[str, int] = {}
        for number, globs in enumerate(lists):
            if not globs:
                self._all |= 1 << number
            for glob in globs:
                # most globs end in their only star, and a look at each beginning costs less than trying all
                begins = glob.find("*") == len(glob) - 1
                kept = others if "*" in glob and not begins else self._beginnings if begins else self._words
                text = glob.removesuffix("*") if begins else glob
                kept[text] = kept.get(text, 0) | 1 << number
        self._lengths = sorted({len(text) for text in self._beginnings})
        self._others = [(re.compile(translate(glob)), bits) for glob, bits in others.items()]
        self._found: dict[str | None, int] = {}

    def of(self, text: str | None) -> int:
        """Return the bits of the lists that fit the text; of no text, those that ask for nothing."""
        if text not in self._found:
            self._found[text] = self._all if text is None else self._all | self._named(text)
        return self._found[text]

    def _named(self, text: str) -> int:
        found = self._words.get(text, 0)
        for length in self._lengths:
            found |= self._beginnings.get(text[:length], 0)
        for pattern, bits in self._others:
            if pattern.match(text):
                found |= bits
        return found


def numbers(bits: int) -> Iterator[int]:
    """Return the numbers of the bits that are set, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
