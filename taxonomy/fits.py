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
        globs: dict[str, int] = {}
        for number, asked in enumerate(lists):
            if not asked:
                self._all |= 1 << number
            for glob in asked:
                globs[glob] = globs.get(glob, 0) | 1 << number
        self._words = {glob: bits for glob, bits in globs.items() if "*" not in glob}
        # what stands before the first star is looked up; most globs end there, and nothing need be tried
        self._sure: dict[str, int] = {}
        self._tried: dict[str, list[tuple[str, re.Pattern[str], int]]] = {}
        for glob, bits in globs.items():
            beginning, star, rest = glob.partition("*")
            if star and not rest:
                self._sure[beginning] = bits
            elif star:
                longest = max(rest.split("*"), key=len)
                self._tried.setdefault(beginning, []).append((longest, re.compile(translate(glob)), bits))
        self._lengths = sorted({len(beginning) for beginning in [*self._sure, *self._tried]})
        self._found: dict[str | None, int] = {}

    def of(self, text: str | None) -> int:
        """Return the bits of the lists that fit the text; of no text, those that ask for nothing."""
        if text not in self._found:
            self._found[text] = self._all if text is None else self._all | self._named(text)
        return self._found[text]

    def _named(self, text: str) -> int:
        found = self._words.get(text, 0)
        for beginning in (text[:length] for length in self._lengths if length <= len(text)):
            found |= self._sure.get(beginning, 0)
            for part, pattern, bits in self._tried.get(beginning, ()):
                if part in text and pattern.match(text):
                    found |= bits
        return found


def numbers(bits: int) -> Iterator[int]:
    """Return the numbers of the bits that are set, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
