"""Which lists of globs fit a text: the bits say what fnmatch says of each list."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from taxonomy.fits import Fits, numbers

GLOBS = st.lists(st.text("ab.*", min_size=1, max_size=6), max_size=4)


@given(lists=st.lists(GLOBS, max_size=80), text=st.text("ab.", max_size=7))
def test_a_bit_is_set_for_each_list_of_which_a_glob_fits(lists: list[list[str]], text: str) -> None:
    wanted = [
        number
        for number, globs in enumerate(lists)
        if not globs or any(fnmatchcase(text, glob) for glob in globs)
    ]
    assert list(numbers(Fits(lists).of(text))) == wanted


def test_no_text_fits_only_those_that_ask_for_nothing() -> None:
    assert list(numbers(Fits([["*"], [], ["a"]]).of(None))) == [1]
