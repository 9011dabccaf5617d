"""The estate file: the contract's own example, and every way to write it wrong, told with its line."""

# ruff: noqa: E501 - the contract's example stands as it is published

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from flows.estate import read_estate
from taxonomy.errors import EstateError

GOOD = """\
version: 1
estate: acme
evidence: {path: var/evidence}
targets:
  - {name: fleet, layer: inspec, reports: "reports/*.json"}
"""

EXAMPLE = """\
version: 1
estate: acme-production
evidence:
  path: var/evidence
taxonomy:
  - builtin
  - taxonomy.d
targets:
  - {name: network,  layer: terraform,    path: infra/network, workspace: prod, var_files: [prod.tfvars], account: "123456789012",
     region: eu-west-1, environment: prod, read_role_arn: "arn:aws:iam::123456789012:role/holdfast-read", remedy_role_arn: "arn:aws:iam::123456789012:role/holdfast-remedy"}
  - {name: payments, layer: terraform,    plan_json: plans/payments.json}
  - {name: acme-eu,  layer: aws_config,   account: "123456789012", region: eu-west-1, role_arn: "arn:aws:iam::123456789012:role/holdfast-read"}
  - {name: core-sub, layer: azure_policy, subscription: "00000000-0000-0000-0000-000000000000"}
  - {name: web-01,   layer: inspec,       profile: profiles/linux-baseline, transport: "ssh://audit@web-01", waivers: waivers.yml}
  - {name: fleet,    layer: inspec,       reports: "reports/*.json"}
people:
  - {id: a.person, slack: U012ABCDEF, review_key: keys/a.person.pub, cloud_principals: ["*:a.person@acme.example"]}
trust:
  - {key_id: 3f9a3f9a3f9a3f9a, purpose: evidence}
  - {key_id: 77c177c177c177c1, purpose: approval}
approvals:
  roles: {security: [U012ABCDEF], platform: [U034GHIJKL]}
  unknown_author: 0
  ask_again_after: P7D
  critical: {approvers: security, quorum: 2, expires_after: PT24H}
  high:     {approvers: security, quorum: 1, expires_after: PT72H}
  default:  {approvers: platform, quorum: 1, expires_after: P7D}
  slack: {channel: "#drift-approvals"}
remediation:
  enabled: true
  auto_classes:
    - {rules: ["aws-tags-*"], approved_by: U034GHIJKL, reason: "cosmetic, restored from code", review_by: 2027-05-01}
  limits: {per_sweep: 25, percent_of_target: 10, attempts: 3, recurrences: 2, within: PT24H}
  windows: ["Mon-Fri 08:00-18:00 Europe/London"]
"""

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(content: str | bytes) -> Path:
        path = tmp_path / "holdfast.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def refused(path: Path) -> list[str]:
    with pytest.raises(EstateError) as error:
        read_estate(path)
    return [str(problem).removeprefix(str(path)) for problem in error.value.problems]


def test_the_contracts_example_is_an_estate(write: Write) -> None:
    estate = read_estate(write(EXAMPLE))
    assert [target.layer for target in estate.targets] == [
        "terraform",
        "terraform",
        "aws_config",
        "azure_policy",
        "inspec",
        "inspec",
    ]
    critical, low = estate.approvals.for_severity("critical"), estate.approvals.for_severity("low")
    assert critical is not None
    assert low is not None
    assert (critical.quorum, critical.expires_after) == (2, timedelta(hours=24))
    assert (low.approvers, low.expires_after) == ("platform", timedelta(days=7))
    assert estate.approvals.ask_again_after == timedelta(days=7)


def test_a_plan_made_elsewhere_may_have_an_age_that_ends(write: Write) -> None:
    estate = read_estate(write(GOOD.replace(TARGET, terraform("plan_json: x, max_age: P1D"))))
    assert estate.targets[0].model_dump()["max_age"] == timedelta(days=1)
    assert (
        read_estate(write(GOOD.replace(TARGET, terraform("plan_json: x")))).targets[0].model_dump()["max_age"]
        is None
    )


def test_what_is_left_out_is_off(write: Write) -> None:
    estate = read_estate(write(GOOD))
    assert estate.remediation.enabled is False
    assert estate.remediation.auto_classes == ()
    assert estate.approvals.for_severity("critical") is None


TARGET = '  - {name: fleet, layer: inspec, reports: "reports/*.json"}\n'


def terraform(keys: str) -> str:
    """Return the line of a Terraform target."""
    where = 'account: "123456789012", region: eu-west-1'
    return f"  - {{name: n, layer: terraform, {where}, {keys}}}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 2", r":1: version: input should be 1"),
        ("version: 1", "versions: 1", r":1: versions: unknown key"),
        ("estate: acme", "estate: Acme!", r":2: estate: .*pattern.*'Acme!'"),
        ("estate: acme", "estate: 7", r":2: estate: .*string"),
        ("estate: acme\n", "", r":1: estate: missing"),
        ("{path: var/evidence}", "{}", r":3: evidence.path: missing"),
        ("{path: var/evidence}", "{path: ''}", r":3: evidence.path: .*at least 1"),
        ("layer: inspec", "layer: chef", r":5: targets\[0\].*chef|:5: targets\[0\]"),
        ("layer: inspec, ", "", r":5: targets\[0\]"),
        ('reports: "reports/*.json"', "repots: x", r":5: targets\[0\].repots: unknown key"),
        (', reports: "reports/*.json"', "", r":5: targets\[0\]: expected exactly one of profile"),
        ("layer: inspec, reports", "layer: terraform, path: x, reports", r"reports: unknown key"),
        (
            TARGET,
            terraform("path: x, max_age: P1D"),
            r":5: targets\[0\]: expected max_age only beside plan_json",
        ),
        (TARGET, terraform("plan_json: x, max_age: P0D"), r":5: targets\[0\].max_age: .*greater than 0"),
        (
            TARGET,
            "  - {name: n, layer: terraform, path: x}\n",
            r":5: targets\[0\]: expected account and region",
        ),
        (TARGET, "  - {name: n, layer: terraform}\n", r"exactly one of path"),
        (TARGET, "  - {name: n, layer: terraform, path: x, plan_json: y}\n", r"exactly one of path"),
        (
            TARGET,
            terraform("plan_json: 's3://plans'"),
            r":5: targets\[0\].plan_json: .*expected s3://bucket/key",
        ),
        (
            TARGET,
            terraform("plan_json: 'https://x/y'"),
            r":5: targets\[0\].plan_json: .*expected s3://bucket/key",
        ),
        (TARGET, terraform("path: x, code: y"), r":5: targets\[0\]: expected code only beside plan_json"),
        (
            TARGET,
            terraform("plan_json: x, binary: tofu"),
            r":5: targets\[0\]: expected binary only beside path",
        ),
        (TARGET, terraform("path: x, binary: 'tofu plan'"), r":5: targets\[0\].binary: .*pattern"),
        (TARGET, terraform("path: x, binary: ./tofu"), r":5: targets\[0\].binary: .*pattern"),
        (
            TARGET,
            "  - {name: n, layer: aws_config, account: 1, region: eu-west-1}\n",
            r":5: targets\[0\].account",
        ),
        (
            TARGET,
            '  - {name: n, layer: aws_config, account: "123456789012", region: europe}\n',
            r"region.*'europe'",
        ),
        (TARGET, "  - {name: n, layer: azure_policy, subscription: x}\n", r"subscription.*'x'"),
        (TARGET, TARGET + TARGET, r":6: targets\[1\].name: 'fleet' is already the name of another"),
        (TARGET, "  []\n", r"targets: expected at least one target"),
        ("estate: acme", "estate: acme\nestate: other", r":3: estate: duplicate key, first used on line 2"),
        ("estate: acme", "estate: &a acme", r":2: anchors and aliases are not allowed"),
        ("estate: acme", "estate: !!python/name:os.system x", r":2: tags such as"),
        ("estate: acme", "estate: [acme", r": not YAML"),
        ("estate: acme", "estate: acme\ntrust: [{key_id: 3F, purpose: evidence}]", r":3: trust\[0\].key_id"),
        (
            "estate: acme",
            "estate: acme\ntrust: [{key_id: 3f9a3f9a3f9a3f9a, purpose: all}]",
            r":3: trust\[0\].purpose",
        ),
        (
            "estate: acme",
            "estate: acme\npeople: [{id: a}, {id: a}]",
            r":3: people\[1\].id: 'a' is already the id",
        ),
        (
            "estate: acme",
            "estate: acme\napprovals: {high: {approvers: nobody}}",
            r":3: approvals.high.approvers: expected one of approvals.roles, got 'nobody'",
        ),
        (
            "estate: acme",
            "estate: acme\napprovals: {high: {approvers: a, quorum: 0}}",
            r":3: approvals.high.quorum",
        ),
        (
            "estate: acme",
            "estate: acme\napprovals: {high: {approvers: a, expires_after: PT0H}}",
            r":3: approvals.high.expires_after",
        ),
        (
            "estate: acme",
            "estate: acme\napprovals: {ask_again_after: -P1D}",
            r":3: approvals.ask_again_after",
        ),
        (
            "estate: acme",
            "estate: acme\nremediation: {auto_classes: [{rules: [x], approved_by: zed, reason: because I say so, review_by: 2027-01-01}]}",
            r":3: remediation.auto_classes\[0\].approved_by: expected somebody",
        ),
        (
            "estate: acme",
            "estate: acme\nremediation: {auto_classes: [{rules: [], approved_by: zed, reason: because I say so, review_by: soon}]}",
            r":3: remediation.auto_classes\[0\].review_by",
        ),
        (
            "estate: acme",
            "estate: acme\nremediation: {windows: [always]}",
            r":3: remediation.windows\[0\]: expected a window",
        ),
        (
            "estate: acme",
            "estate: acme\nremediation: {windows: ['Mon 08:00-09:00 Europe']}",
            r":3: remediation.windows\[0\]: expected times as HH:MM and a time zone",
        ),
        (
            "estate: acme",
            "estate: acme\nunmanaged: {ignore: [{resource: 'arn:aws:s3:::cdn-*'}]}",
            r":3: unmanaged.ignore\[0\].reason: missing",
        ),
        (
            "estate: acme",
            "estate: acme\nunmanaged: {ignore: [{resource: 'arn:aws:s3:::cdn-*', reason: ours}]}",
            r":3: unmanaged.ignore\[0\].reason: .*at least 10",
        ),
        (
            "estate: acme",
            "estate: acme\nunmanaged: false",
            r":3: unmanaged",
        ),
        (
            TARGET,
            "  - {name: n, layer: terraform, plan_json: x, unmanaged: maybe}\n",
            r"unmanaged: .*'maybe'",
        ),
        (
            "estate: acme",
            "estate: acme\nremediation: {limits: {percent_of_target: 101}}",
            r":3: remediation.limits.percent_of_target",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write: Write, old: str, new: str, said: str) -> None:
    assert old in GOOD
    problems = refused(write(GOOD.replace(old, new)))
    # a line without its column is told by these laws; columns have laws of their own
    found = [re.sub(r":(\d+):\d+:", r":\1:", problem) for problem in problems]
    assert any(re.search(said, problem) for problem in found), problems


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(write: Write) -> None:
    text = GOOD.replace("version: 1", "version: 3").replace("estate: acme", "estate: A\ncolour: red")
    text += '  - {name: fleet, layer: inspec, reports: "x"}\n  - {name: B, layer: inspec}\n'
    problems = refused(write(text))
    lines = [int(problem.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)
    assert {1, 2, 3, 7, 8} <= set(lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected keys such as version"),
        (b"[]", "expected keys such as version"),
        (b"acme", "expected keys such as version"),
        (b"yes", "yes is read in two ways"),
        (b"estate: \xff\xfe", ":1: not UTF-8"),
        (b"version: 1\n#" + b"x" * (1 << 20), "expected at most 1048576 bytes"),
        (b"a: " + b"[" * 60, "nested deeper than 40"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(write: Write, content: bytes, said: str) -> None:
    (problem,) = refused(write(content))
    assert said in problem


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml") == [": can't be read: No such file or directory"]
