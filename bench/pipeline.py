"""(b) merge, classify and write a million findings, against one raw COPY of what comes of it; (c) verify.

Each round runs in a process of its own, so that its peak memory is its own.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from bench.measure import Measured, paired, timed
from evidence.keys import new_key
from evidence.store import Store
from evidence.verify import verify
from tasks import contract, judge, merge
from tasks.record import append_sweep
from taxonomy import rulebook
from taxonomy.classify import classify

FINDINGS = 1_000_000

MEMORY = 1.5
"""What a process may hold at its peak, in GB."""

# Four layers over 400,000 resources; one in ten is seen by two layers under different names.
SYNTHETIC = """
CREATE OR REPLACE TABLE findings AS
WITH seen AS (SELECT i, i // 5 * 2 + (i % 5) // 3 AS resource, i % 5 AS nth FROM range({count}) AS t(i))
SELECT 'target-' || (resource % 40) AS target,
       CASE WHEN nth IN (0, 1, 3) THEN 'terraform' WHEN nth = 2 THEN 'aws_config' ELSE 'inspec' END AS layer,
       ['prod', 'stage', 'test'][1 + resource % 3] AS environment,
       CASE WHEN nth = 4 THEN 'host' ELSE 'aws' END AS provider, '123456789012' AS account,
       'eu-west-1' AS region,
       CASE WHEN nth = 4 THEN 'host://web-' || resource || '/ssh-01'
            WHEN nth = 2 AND resource % 10 = 0 THEN 'AWS::S3::Bucket/bucket-' || resource
            ELSE 'arn:aws:s3:::bucket-' || resource END AS resource_id,
       CASE WHEN nth = 4 THEN 'host_control' ELSE 'aws_s3_bucket' END AS resource_type,
       CASE WHEN nth IN (0, 1, 3) THEN 'module.store["' || resource || '"].aws_s3_bucket.this' END
           AS address,
       CASE WHEN nth = 4 THEN [] ELSE ['AWS::S3::Bucket/bucket-' || resource] END::VARCHAR[] AS aliases,
       CASE WHEN nth IN (0, 1, 3) THEN 'changed' ELSE 'noncompliant' END AS kind,
       ['tags.Owner', 'tags.CostCenter', 'config_rule.s3-bucket-versioning-enabled', 'tags.Team',
        'control.ssh-01'][1 + nth] AS attribute,
       '"declared-' || (i * 31 % 997) || '"' AS declared, '"actual-' || (i * 17 % 991) || '"' AS actual,
       false AS redacted, CASE WHEN nth IN (0, 1, 3) THEN 'A' END AS drift_class,
       ['lateral', 'lateral', 'weakened', 'lateral', 'weakened'][1 + nth] AS direction,
       'target-' || (resource % 40) AS source, 'main.tf' AS source_file, 1 + resource % 500 AS source_line,
       CASE WHEN nth = 4 THEN 'high' END AS reported_severity,
       CASE WHEN nth = 4 THEN ['nist-800-53-r5:CM-6', 'nist-800-53-r5:AC-17'] ELSE [] END::VARCHAR[]
           AS reported_controls,
       '{{"Owner":"team-' || (resource % 50) || '"}}' AS tags
FROM seen
"""


def measure(rounds: int) -> list[Measured]:
    """Return the lines of the pipeline and of verification."""
    done = [_round() for _ in range(rounds)]
    parts = ("merge", "classify", "drifts", "contract", "write")
    middle = sorted(done, key=lambda one: one["ours"])[len(done) // 2]
    told = ", ".join(f"{part} {middle[part]:.2f}" for part in parts)
    rows = f"{middle['rows'] / 1e6:.1f} M rows; {told}"
    peaks = [{"ours": one["peak"] / 1e9, "theirs": MEMORY} for one in done]
    verified = [{"ours": one["verify"], "theirs": one["sha256"]} for one in done]
    return [
        paired(
            "merge, classify, write 1,000,000 findings",
            done,
            peer="one raw COPY of the rows",
            limit=7,
            note=rows,
        ),
        paired("peak memory of that, in GB", peaks, peer="the limit", limit=1),
        paired("verify what was written", verified, peer="SHA-256 of the same files", limit=None),
    ]


def _round() -> dict[str, float]:
    command = [sys.executable, "-m", "bench.pipeline"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result: dict[str, float] = json.loads(said.splitlines()[-1])
    return result


def one_round() -> dict[str, float]:
    """Return the seconds of each part, and the peak memory in bytes, of one run in this process."""
    with tempfile.TemporaryDirectory() as folder:
        return _in(Path(folder))


def _in(folder: Path) -> dict[str, float]:
    rules = rulebook.load()
    store = Store(folder / "evidence", estate="bench", writer="bench", key=new_key())
    connection = merge.connect()
    connection.execute(SYNTHETIC.format(count=FINDINGS))
    now = datetime.now(UTC)
    seconds = {
        "merge": timed(lambda: merge.merge(connection, estate="bench")),
        "classify": timed(lambda: classify(connection, rules)),
        "drifts": timed(lambda: judge.summarise(connection, rulebook=rules, history={}, now=now)),
        "contract": timed(lambda: contract.check(connection)),
    }
    began = time.perf_counter()
    with store.batch(now) as batch:
        rows = append_sweep(
            batch, connection, now=now, sweep_id="bench", run_id=None, taxonomy_digest=rules.digest
        )
    seconds["write"] = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sql = resources.files("tasks").joinpath("record.sql").read_text("utf-8")
    connection.execute("SET VARIABLE slices = 1")
    connection.execute("SET VARIABLE slice = 0")
    connection.execute(f"CREATE TABLE fanned AS {sql}")
    raw = timed(
        lambda: connection.execute(
            f"COPY fanned TO '{folder}/raw.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    )
    connection.close()
    return {
        **seconds,
        "ours": sum(seconds.values()),
        "theirs": raw,
        "rows": rows,
        "peak": peak,
        "verify": timed(lambda: verify(store.root, trust=None)),
        "sha256": timed(lambda: [_digest(path) for path in store.root.rglob("*.parquet")]),
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(json.dumps(one_round()))
