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
