"""A small estate that keeps its evidence on disk, swept without Prefect and without any cloud."""

from pathlib import Path

import pytest
from house import House

from evidence.keys import new_key
from taxonomy.rulebook import Rulebook, load


@pytest.fixture(scope="session")
def builtin() -> Rulebook:
    return load()


@pytest.fixture
def house(tmp_path: Path, builtin: Rulebook) -> House:
    # a sweep leaves a file per control, so few rules make a sweep that takes no seconds
    few = tuple(rule for rule in builtin.rules if rule.id in {"aws-tags-001", "aws-tags-002"})
    rulebook = Rulebook(rules=few, catalogue=builtin.catalogue)
    return House(root=tmp_path / "evidence", key=new_key(), rulebook=rulebook)
