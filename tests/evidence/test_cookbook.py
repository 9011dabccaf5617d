"""Every question of the cookbook is asked, and its answer is the one known."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from told_story import written

from evidence.query import ask, connect, define_views
from evidence.show import as_json

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "cookbook.md"
QUESTIONS = re.findall(
    r"^### (\d+)\. [^\n]*\n\n```sql\n(.*?);\n```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)
ANSWERS = json.loads((HERE / "golden" / "cookbook.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("told") / "evidence")


def test_there_are_twenty_questions() -> None:
    assert [number for number, _ in QUESTIONS] == [str(number) for number in range(1, 21)] == list(ANSWERS)


@pytest.mark.parametrize(("number", "sql"), QUESTIONS, ids=[number for number, _ in QUESTIONS])
def test_the_answer_is_the_one_known(told: Path, number: str, sql: str) -> None:
    with closing(connect(told)) as connection:
        define_views(connection)
        assert json.loads(as_json(ask(connection, sql).as_dicts())) == ANSWERS[number]
