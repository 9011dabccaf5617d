"""A flag beats the environment, which beats the file; secrets are files that nobody else can read."""

from pathlib import Path

import pytest
import yaml
from yard import Yard

from evidence.errors import EvidenceError
from flows.settings import load, prefect_api, without_approval_key
from tasks.errors import ToolError
from tasks.terraform.workspace import environment
from taxonomy.errors import EstateError
from taxonomy.target import MassDeletion, TerraformTarget

KEY_BYTES = 32


def test_a_flag_beats_the_environment(yard: Yard) -> None:
    other = yard.folder / "other.yaml"
    other.write_text(yard.file.read_text().replace("estate: acme", "estate: other"))
    environment = {"HOLDFAST_ESTATE": str(yard.file)}
    assert load(None, environment).estate.estate == "acme"
    assert load(other, environment).estate.estate == "other"


def test_the_environment_beats_the_default(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(yard.folder)
    assert load(None, {}).path == yard.file
    with pytest.raises(EstateError, match=r"none\.yaml: no such file; name the estate file with --estate"):
        load(None, {"HOLDFAST_ESTATE": "none.yaml"})


def test_relative_paths_start_at_the_estate_file_wherever_one_stands(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    settings = load(yard.file, {})
    assert settings.root == yard.folder / "evidence"
    assert {target.base for target in settings.targets if target.layer == "inspec"} == {yard.folder}


def test_tools_see_what_is_theirs_and_nothing_that_steers_them(yard: Yard) -> None:
    reach = load(
        yard.file,
        {
            "AWS_REGION": "eu-west-1",
            "TF_VAR_size": "1",
            "TF_CLI_CONFIG_FILE": "rc",
            "TF_CLI_ARGS": "-destroy",
            "TF_CLI_ARGS_plan": "-refresh=false",
            "TF_LOG": "TRACE",
            "TF_LOG_PATH": "x",
            "TF_WORKSPACE": "other",
            "TF_DATA_DIR": "x",
            "TF_REATTACH_PROVIDERS": "{}",
            "TF_INPUT": "1",
            "TF_ACC": "1",
            "TF_TOKEN_app_terraform_io": "token",
            "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:1",
            "PREFECT_API_KEY": "x",
            "HTTPS_PROXY": "x",
            "SLACK_BOT_TOKEN": "x",
            "HOLDFAST_APPROVAL_KEY": "x",
            "LD_PRELOAD": "x",
        },
    ).reach
    assert dict(reach.aws) == {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:1"}
    assert dict(reach.terraform_env) == {
        "TF_VAR_size": "1",
        "TF_CLI_CONFIG_FILE": "rc",
        "TF_TOKEN_app_terraform_io": "token",
    }
    assert dict(reach.passed_on) == {}


def test_how_much_may_be_gone_stands_in_the_estate_file(yard: Yard) -> None:
    plain, own = ({"name": name, "layer": "terraform", "plan_json": "plan.json"} for name in ("plain", "own"))
    yard.write(targets=[plain, {**own, "mass_deletion": {"percent": 80, "at_least": 10}}])
    limits = [t.mass_deletion for t in yard.settings.targets if isinstance(t, TerraformTarget)]
    assert limits == [MassDeletion(), MassDeletion(percent=80, at_least=10)]
    yard.write(targets=[{**own, "mass_deletion": {"percent": 0}}])
    with pytest.raises(EstateError, match=r"mass_deletion\.percent"):
        _ = yard.settings


def test_what_is_named_is_passed_on_and_nothing_else(yard: Yard) -> None:
    given = {
        "HOLDFAST_PASS_ON": "HTTPS_PROXY, ARM_* nothing",
        "HTTPS_PROXY": "http://proxy:3128",
        "HTTP_PROXY": "x",
        "ARM_CLIENT_ID": "id",
        "ARM_USE_OIDC": "true",
        "SSL_CERT_FILE": "x",
        "TMPDIR": "x",
    }
    reach = load(yard.file, given).reach
    named = {"HTTPS_PROXY": "http://proxy:3128", "ARM_CLIENT_ID": "id", "ARM_USE_OIDC": "true"}
    assert dict(reach.passed_on) == named
    target = TerraformTarget(name="t", path=yard.folder)
    seen = environment(target, reach, role_arn=None)
    assert {name for name in seen if not name.startswith(("AWS_", "TF_"))} == {
        "PATH",
        "HOME",
        "CHECKPOINT_DISABLE",
        *named,
    }


@pytest.mark.parametrize(
    "name",
    [
        *("HOLDFAST_APPROVAL_KEY", "HOLDFAST_*", "HOLD*", "SLACK_BOT_TOKEN", "S*", "PREFECT_API_KEY", "*"),
        *("PATH", "HOME", "LD_PRELOAD", "L*", "TF_LOG", "TF_CLI_ARGS_plan", "TF_*", "TF_CLI_ARGS*"),
    ],
)
def test_what_is_ours_or_steers_can_t_be_passed_on(yard: Yard, name: str) -> None:
    with pytest.raises(ToolError, match=r"HOLDFAST_PASS_ON: .* may not be passed on"):
        load(yard.file, {"HOLDFAST_PASS_ON": name, "HTTPS_PROXY": "x"})


def test_a_worker_is_given_no_key_that_approves_and_no_token() -> None:
    given = {"HOLDFAST_APPROVAL_KEY": "x", "SLACK_APP_TOKEN": "x", "HOLDFAST_HOME": "h", "PATH": "p"}
    kept = without_approval_key(given)
    assert not {name for name in kept if "APPROVAL" in name and kept[name] == "x"}
    assert "SLACK_APP_TOKEN" not in kept
    assert (kept["HOLDFAST_HOME"], kept["PATH"]) == ("h", "p")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_keys_that_others_can_read_are_refused(yard: Yard, mode: int) -> None:
    for name in ("redaction.key", "evidence.key"):
        (yard.home / name).chmod(mode)
    settings = yard.settings
    with pytest.raises(ToolError, match="chmod 600"):
        _ = settings.redactor
    with pytest.raises(EvidenceError, match="chmod 600"):
        settings.evidence_key()


def test_without_a_redaction_key_nothing_runs(yard: Yard) -> None:
    (yard.home / "redaction.key").unlink()
    with pytest.raises(ToolError, match="no key, no run"):
        _ = yard.settings.redactor


def test_a_short_redaction_key_is_refused(yard: Yard) -> None:
    (yard.home / "redaction.key").write_bytes(b"x" * (KEY_BYTES - 1))
    with pytest.raises(ToolError, match="at least 32 bytes, got 31"):
        _ = yard.settings.redactor


@pytest.mark.parametrize("place", ["s3://bucket/prefix", "S3://bucket", "gs://bucket", "https://host/x"])
def test_an_object_store_is_refused_in_one_line(yard: Yard, place: str) -> None:
    document = yaml.safe_load(yard.file.read_text())
    document["evidence"]["path"] = place
    yard.file.write_text(yaml.safe_dump(document))
    with pytest.raises(ToolError, match="object stores are not supported yet") as refused:
        _ = yard.settings.root
    assert "\n" not in str(refused.value)


def test_a_time_limit_that_is_no_number_is_said(yard: Yard) -> None:
    with pytest.raises(ToolError, match=r"HOLDFAST_TIMEOUT: expected seconds.*'soon'"):
        load(yard.file, {"HOLDFAST_TIMEOUT": "soon"})
    assert load(yard.file, {"HOLDFAST_TIMEOUT": "5"}).reach.timeout == 5


def test_a_target_that_is_not_there_is_said_with_those_that_are(yard: Yard) -> None:
    with pytest.raises(ToolError, match="no target is called 'x'; there are fleet, plan"):
        yard.settings.select(names=("x",))
    with pytest.raises(ToolError, match="no target is azure_policy"):
        yard.settings.select(layers=("azure_policy",))
    assert [target.name for target in yard.settings.select(layers=("inspec",))] == ["fleet"]


def test_prefect_is_where_the_environment_says_else_where_up_noted(tmp_path: Path) -> None:
    assert prefect_api(tmp_path, {}) is None
    (tmp_path / "prefect-api-url").write_text("http://127.0.0.1:1/api\n")
    assert prefect_api(tmp_path, {}) == "http://127.0.0.1:1/api"
    assert prefect_api(tmp_path, {"PREFECT_API_URL": "http://h/api/"}) == "http://h/api"
