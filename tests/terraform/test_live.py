"""Real Terraform against a simulated cloud: looking, refusing to look, and putting right."""

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from drifts import drift_of
from workspace_on_moto import REGION, Live

from evidence.keys import make_key
from examples.clouds.moto import ACCOUNT
from flows.settings import Settings, load
from flows.sweeping import sweep_once
from tasks.detectors.terraform import RawPlan, collect, parse
from tasks.errors import ToolError
from tasks.inventory.knowledge import places
from tasks.inventory.listing import take
from tasks.inventory.table import TYPES
from tasks.redaction import Redactor
from tasks.remedies import RefusedError, StaleError, by_hand, terraform_apply
from tasks.terraform import workspace
from tasks.terraform.baseline import Baseline
from tasks.terraform.warm import kept
from taxonomy.observation import Answer, Finding

pytestmark = pytest.mark.terraform


@pytest.fixture(scope="module")
def baseline(applied: Live, redactor: Redactor) -> Baseline:
    answer = look(applied, redactor)
    assert answer.findings == ()
    return Baseline.of("small", answer.live, taken_at=datetime.now(UTC))


def look(live: Live, redactor: Redactor, baseline: Baseline | None = None) -> Answer:
    return parse(collect(live.target, live.reach), live.target, redactor=redactor, baseline=baseline)


def found(answer: Answer, address: str | None) -> Finding:
    return next(one for one in answer.findings if one.address == address)


def group_id(live: Live) -> str:
    groups = live.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["door"]}])
    return str(groups["SecurityGroups"][0]["GroupId"])


def opening(port: int) -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


@pytest.fixture(scope="module")
def looked(applied: Live, baseline: Baseline) -> RawPlan:
    """One look at all that is changed by hand in this module; it changes nothing itself."""
    assert baseline.resources
    change_by_hand(applied)
    before = digests(applied.path)
    raw = collect(applied.target, applied.reach)
    assert digests(applied.path) == before
    assert list(applied.reach.scratch.iterdir()) == []
    return raw


@pytest.fixture(scope="module")
def drifted(looked: RawPlan, applied: Live, redactor: Redactor, baseline: Baseline) -> Answer:
    return parse(looked, applied.target, redactor=redactor, baseline=baseline)


def change_by_hand(applied: Live) -> None:
    iam, s3, ssm, sns = (applied.client(name) for name in ("iam", "s3", "ssm", "sns"))
    applied.client("ec2").authorize_security_group_ingress(
        GroupId=group_id(applied), IpPermissions=opening(22)
    )
    s3.put_bucket_versioning(Bucket="small-books", VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_tagging(Bucket="small-books", Tagging={"TagSet": [{"Key": "Owner", "Value": "nobody"}]})
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="clerk", PolicyName="quick", PolicyDocument=json.dumps(document))
    ssm.put_parameter(Name="/small/back.door", Value="changed-by-hand", Type="SecureString", Overwrite=True)
    ssm.delete_parameter(Name="/small/front")
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "Note", "Value": "by hand"}])


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_each_change_by_hand_is_told_in_its_class(drifted: Answer) -> None:
    told = {
        (one.address, change.attribute, change.drift_class, change.kind)
        for one in drifted.findings
        for change in one.changes
    }
    assert told == {
        ("aws_security_group.door", "ingress", "A", "changed"),
        ("aws_s3_bucket.books", "versioning.versioning_configuration.0.status", "A", "changed"),
        ("aws_s3_bucket.books", "tags.Owner", "A", "changed"),
        ("aws_iam_role.clerk", "inline_policy.quick", "B", "changed"),
        ('aws_ssm_parameter.door["back.door"]', "value", "A", "changed"),
        ('aws_ssm_parameter.door["front"]', "resource", "A", "missing"),
        ("aws_sns_topic.bell", "tags.Note", "A", "changed"),
    }
    assert "planted" not in repr(drifted)
    bell = found(drifted, "aws_sns_topic.bell").changes[0]
    assert (bell.source_file, bell.source_line) == ("main.tf", 65)
    assert "changed-by-hand" not in repr(drifted)


def test_a_remedy_undoes_exactly_the_drift_it_previewed(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    drift = drift_of(found(drifted, "aws_sns_topic.bell"), "small")
    preview = terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    assert preview.summary == ('update aws_sns_topic.bell: tags.Note "by hand" -> null',)
    outcome = terraform_apply.apply(drift, preview, applied.target, applied.reach, redactor=redactor)
    assert [row["attribute"] for row in outcome.changes] == ["tags.Note", "tags_all.Note"]
    assert terraform_apply.look_again(drift, applied.target, applied.reach, redactor=redactor) is None


@pytest.mark.prove
def test_a_resource_deleted_by_hand_is_created_again(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    drift = drift_of(found(drifted, 'aws_ssm_parameter.door["front"]'), "small")
    preview = terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    assert "planted" not in json.dumps(preview.to_document())
    terraform_apply.apply(drift, preview, applied.target, applied.reach, redactor=redactor)
    value = applied.client("ssm").get_parameter(Name="/small/front", WithDecryption=True)
    assert value["Parameter"]["Value"] == "planted-front"
    with pytest.raises(StaleError, match="already as declared"):
        terraform_apply.apply(drift, preview, applied.target, applied.reach, redactor=redactor)


@pytest.mark.prove
def test_a_remedy_leaves_what_it_depends_on_as_it_is(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    bucket = found(drifted, "aws_s3_bucket.books")
    only = replace(
        bucket, changes=tuple(one for one in bucket.changes if one.attribute.startswith("versioning"))
    )
    drift = drift_of(only, "small")
    preview = terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    assert preview.document["held"] == [{"block": "aws_s3_bucket.books", "ignore_changes": "all"}]


def test_undeclared_drift_is_refused_by_terraform_and_described_for_a_person(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    drift = drift_of(found(drifted, "aws_iam_role.clerk"), "small")
    with pytest.raises(RefusedError, match=r"inline_policy\.quick stands in no code"):
        terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    preview = by_hand.preview(drift, applied.target, applied.reach, redactor=redactor)
    assert "Remove it, or declare it in code (main.tf:48): " in preview.summary[1]
    outcome = by_hand.apply(drift, preview, applied.target, applied.reach, redactor=redactor)
    assert outcome.changes == ()


def test_a_provider_for_another_region_is_refused_before_any_plan(applied: Live, tmp_path: Path) -> None:
    planless = tmp_path / "terraform"
    planless.write_text(f'#!/bin/sh\n[ "$1" = plan ] && exit 9\nexec {applied.reach.terraform} "$@"\n')
    planless.chmod(0o755)
    with pytest.raises(ToolError, match=rf"wrong region: expected us-east-1, .* for {REGION} \(main\.tf:"):
        collect(replace(applied.target, region="us-east-1"), replace(applied.reach, terraform=str(planless)))


def test_an_approval_is_stale_once_live_has_changed_again(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    drift = drift_of(found(drifted, "aws_security_group.door"), "small")
    preview = terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    applied.client("ec2").authorize_security_group_ingress(
        GroupId=group_id(applied), IpPermissions=opening(3389)
    )
    with pytest.raises(StaleError, match="what is live is no longer what the drift says"):
        terraform_apply.apply(drift, preview, applied.target, applied.reach, redactor=redactor)
    permissions = applied.client("ec2").describe_security_groups(GroupIds=[group_id(applied)])
    assert {one["FromPort"] for one in permissions["SecurityGroups"][0]["IpPermissions"]} == {22, 443, 3389}


def test_an_altered_preview_is_not_carried_out(applied: Live, drifted: Answer, redactor: Redactor) -> None:
    drift = drift_of(found(drifted, "aws_security_group.door"), "small")
    preview = by_hand.preview(drift, applied.target, applied.reach, redactor=redactor)
    forged = replace(preview, document={**preview.document, "changes": [{"address": "aws_vpc.main"}]})
    with pytest.raises(StaleError, match="does not have the digest"):
        terraform_apply.apply(drift, forged, applied.target, applied.reach, redactor=redactor)


@pytest.mark.prove
def test_a_backdoor_that_an_apply_absorbed_is_still_found(
    applied: Live, drifted: Answer, redactor: Redactor, baseline: Baseline
) -> None:
    assert found(drifted, "aws_iam_role.clerk")
    applied.terraform("apply", "-auto-approve", "-input=false", "-no-color", "-target=aws_iam_role.clerk")
    raw = collect(applied.target, applied.reach)
    blind = parse(raw, applied.target, redactor=redactor)
    assert "aws_iam_role.clerk" not in {one.address for one in blind.findings}
    told = found(parse(raw, applied.target, redactor=redactor, baseline=baseline), "aws_iam_role.clerk")
    assert [(one.attribute, one.drift_class) for one in told.changes] == [("inline_policy.quick", "B")]


@pytest.mark.prove
def test_a_lock_that_is_held_stops_a_remedy_and_not_a_look(
    applied: Live, drifted: Answer, redactor: Redactor
) -> None:
    drift = drift_of(found(drifted, 'aws_ssm_parameter.door["back.door"]'), "small")
    preview = terraform_apply.preview(drift, applied.target, applied.reach, redactor=redactor)
    environment = {
        **applied.reach.aws,
        **applied.reach.terraform_env,
        "PATH": applied.reach.path,
        "HOME": "/",
    }
    holder = subprocess.Popen(
        [applied.reach.terraform, "console"],
        cwd=applied.path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(applied.path / ".terraform.tfstate.lock.info")
        assert collect(applied.target, applied.reach).document
        with pytest.raises(ToolError, match="the state is locked by"):
            terraform_apply.apply(drift, preview, applied.target, applied.reach, redactor=redactor)
    finally:
        holder.communicate(b"exit\n", timeout=60)
    assert list(applied.reach.scratch.iterdir()) == []


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)


def test_the_wrong_account_is_refused_before_anything_is_asked(applied: Live) -> None:
    target = replace(applied.target, account="210987654321")
    with pytest.raises(ToolError, match="wrong account: expected 210987654321, got 123456789012"):
        collect(target, applied.reach)


def test_an_endpoint_that_is_down_is_no_absence_of_drift(applied: Live) -> None:
    down = applied.with_aws(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    with pytest.raises(ToolError, match="endpoint can't be reached"):
        collect(down.target, down.reach)


def test_a_workspace_that_does_not_exist_is_refused(applied: Live) -> None:
    with pytest.raises(ToolError, match="no workspace nightly in target small; expected one of default"):
        collect(replace(applied.target, workspace="nightly"), applied.reach)


@pytest.mark.prove
def test_a_folder_without_initialisation_is_looked_at_from_scratch(
    applied: Live, tmp_path: Path, redactor: Redactor
) -> None:
    for name in ("main.tf", ".terraform.lock.hcl", "terraform.tfstate"):
        (tmp_path / name).write_bytes((applied.path / name).read_bytes())
    before = digests(tmp_path)
    answer = parse(
        collect(replace(applied.target, path=tmp_path), applied.reach), applied.target, redactor=redactor
    )
    assert len(answer.looked_at) > 0
    assert digests(tmp_path) == before


def test_a_folder_without_a_dependency_lock_file_is_refused(applied: Live, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes((applied.path / "main.tf").read_bytes())
    with pytest.raises(ToolError, match=r"not initialised and has no \.terraform\.lock\.hcl"):
        collect(replace(applied.target, path=tmp_path), applied.reach)


@pytest.mark.prove
def test_a_plan_is_shown_the_same_by_a_warm_provider(applied: Live, tmp_path: Path) -> None:
    keeper = (sys.executable, "-P", "-m", "flows.keeper")
    with (
        kept(keeper, tmp_path, workspaces=3) as providers,
        workspace.opened(applied.target, applied.reach, role_arn=None) as cold,
    ):
        plan = cold.plan()
        warm = replace(cold, reach=replace(applied.reach, warm=providers))
        assert warm.show(plan) == cold.show(plan)
        assert repr(providers) == "Warm(1 started)"


@pytest.mark.prove
def test_whatever_terraform_made_is_listed_under_the_name_that_its_state_gives_it(
    applied: Live, redactor: Redactor
) -> None:
    answer = look(applied, redactor)
    held = [one for one in answer.held if not one.prefix and one.address in answer.live]
    inventories = [take(place, applied.reach) for place in places([applied.target], ())]
    assert [one.unseen for one in inventories] == [(), ()]
    live = {name for inventory in inventories for one in inventory.live for name in one.names}
    assert {one.type for one in held} <= TYPES
    assert [one.address for one in held if not live.intersection(one.names)] == []


def small_estate(applied: Live, folder: Path, held: dict[str, str]) -> Settings:
    """Write an estate of the applied workspace and a plan made elsewhere, whose state holds some buckets."""
    home = folder / "home"
    home.mkdir()
    key = make_key(home / "evidence.key")
    (home / "redaction.key").touch(mode=0o600)
    (home / "redaction.key").write_bytes(bytes(range(32)))
    rows = [
        {
            "address": f"aws_s3_bucket.{name}",
            "mode": "managed",
            "type": "aws_s3_bucket",
            "name": name,
            "values": {"id": bucket, "bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"},
        }
        for name, bucket in held.items()
    ]
    plan = {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": [{**row, "change": {"actions": ["no-op"]}} for row in rows],
        "prior_state": {"values": {"root_module": {"resources": rows}}},
    }
    (folder / "edge.json").write_text(json.dumps(plan))
    here = {"account": ACCOUNT, "region": REGION}
    estate = {
        "version": 1,
        "estate": "acme",
        "evidence": {"path": "evidence"},
        "targets": [
            {"name": "small", "layer": "terraform", "path": str(applied.path), **here},
            {"name": "edge", "layer": "terraform", "plan_json": "edge.json", "account": ACCOUNT},
        ],
        "trust": [{"key_id": key.key_id, "purpose": "evidence"}],
    }
    (folder / "holdfast.yaml").write_text(yaml.safe_dump(estate))
    reach = applied.reach
    variables = {"HOLDFAST_HOME": str(home), "PATH": reach.path, "HOME": reach.home}
    return load(folder / "holdfast.yaml", {**variables, **reach.aws, **reach.terraform_env})


def test_a_sweep_tells_what_no_state_of_its_estate_knows_and_what_stands_in_two(
    applied: Live, tmp_path: Path
) -> None:
    s3 = applied.client("s3")
    for name in ("small-edge", "small-stray"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    settings = small_estate(applied, tmp_path, {"own": "small-edge", "twice": "small-books"})
    whole = sweep_once(settings)
    unmanaged = {drift.resource_id: drift for drift, _ in whole.drifts if drift.kind == "unmanaged"}
    assert unmanaged.keys() == {"arn:aws:s3:::small-stray"}
    stray = unmanaged["arn:aws:s3:::small-stray"]
    assert (stray.rule_id, stray.tier, stray.targets) == ("any-unmanaged-004", "review", ("small",))
    (shared,) = {one for o in whole.observations for one in o.answer.shared}
    assert shared.addresses == ("edge:aws_s3_bucket.twice", "small:aws_s3_bucket.books")

    # the plan made elsewhere is left out: what it held is known, what is newer may be its own
    s3.create_bucket(Bucket="small-later", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.delete_bucket(Bucket="small-stray")
    partial = sweep_once(settings, names=("small",))
    assert [drift for drift, _ in partial.drifts if drift.kind == "unmanaged"] == []
    said = {s.address: s.reason for o in partial.observations for s in o.answer.suppressed}
    assert "the state of edge was not looked at" in said["arn:aws:s3:::small-later"]
    assert "arn:aws:s3:::small-edge" not in said
    assert [one.drift_id for one in partial.gone] == [stray.drift_id]
