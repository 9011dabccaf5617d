"""Whether one pattern with ``*`` and ``?`` covers another: what the narrow one matches, the wide one does.

No pattern takes longer than the product of both lengths.
"""


def covers(wide: str, narrow: str) -> bool:
    """Return whether all that `narrow` matches is surely matched by `wide`.

    ``*`` is any text and ``?`` one letter, in both. Errs towards False.
    """
    at = start = 0
    star, back = -1, 0
    while at < len(narrow):
        letter = wide[start] if start < len(wide) else ""
        if letter == "*":
            star, back = start, at
            start += 1
        elif letter == narrow[at] or (letter == "?" and narrow[at] != "*"):
            at, start = at + 1, start + 1
        elif star >= 0:
            back += 1
            at, start = back, star + 1
        else:
            return False
    return all(letter == "*" for letter in wide[start:])


def overlap(one: str, other: str) -> bool:
    """Return whether some text matches both; ``*`` is any text and ``?`` one letter, in both."""
    reached = {0}
    for letter in one:
        reached = _steps(letter, _skipped(other, reached), other)
        if not reached:
            return False
    return len(other) in _skipped(other, reached)


def _steps(letter: str, places: set[int], other: str) -> set[int]:
    """Return where in `other` one may stand after one more letter of the first pattern."""
    if letter == "*":
        return set(range(min(places), len(other) + 1))
    found: set[int] = set()
    for place in places:
        met = other[place] if place < len(other) else ""
        if met == "*":
            found.add(place)
        elif met and (met == letter or "?" in {met, letter}):
            found.add(place + 1)
    return found


def _skipped(other: str, places: set[int]) -> set[int]:
    """Return these places and those behind any ``*`` that matches nothing."""
    found = set(places)
    for place in places:
        at = place
        while at < len(other) and other[at] == "*":
            at += 1
            found.add(at)
    return found
