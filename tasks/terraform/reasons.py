"""What Terraform's error texts mean: `reasons.yaml`, read when something has failed."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("reasons.yaml")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that goes wrong.

    Args:
        when: the texts that tell of it.
        says: what it means and what to do, with the texts' named groups in braces.
    """

    when: tuple[re.Pattern[str], ...]
    says: str

    def of(self, words: str) -> str | None:
        """Return what is to be said of these words; None where they tell of something else."""
        for pattern in self.when:
            if found := pattern.search(words):
                parts = {name: (value or "").strip() for name, value in found.groupdict().items()}
                # a group that found nothing leaves no gap
                return re.sub(r" +([;,)])", r"\1", " ".join(self.says.format(**parts).split()))
        return None


@cache
def reasons() -> tuple[Reason, ...]:
    """Return all that is known to go wrong, in order of trust: the first that fits names the failure."""
    return tuple(
        Reason(
            says=entry["says"],
            when=tuple(re.compile(text, re.IGNORECASE | re.DOTALL) for text in entry["when"]),
        )
        for entry in yaml.safe_load(FILE.read_text("utf-8"))
    )
