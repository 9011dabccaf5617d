"""The page for a new user is followed to the letter, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "first-rule.md").read_text("utf-8")
END = "== end of block =="


def test_whoever_types_what_the_page_says_reads_what_it_says(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    script = "set -e\n" + "".join(f"{typed}echo '{END}'\n" for typed, _ in blocks)
    bin_folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(tmp_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for (typed, told), printed in zip(blocks, done.stdout.split(END), strict=False):
        for line in told.splitlines():
            assert line in printed, f"{typed}\n{printed}"
