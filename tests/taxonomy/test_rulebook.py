"""What a person writes wrong in a rule is told at once, with file and line, and nothing half-read decides."""

from pathlib import Path

import pytest

from taxonomy.errors import RuleError
from taxonomy.rulebook import Rulebook, load

RULE = """\
- id: my-rule-001
  title: A rule of our own
  status: stable
  severity: high
  tier: review
  controls: [nist-800-53-r5:CM-6]
  when:
    resource_type: aws_sqs_queue
    attribute: delay_seconds
  because: Because this estate says so, and for no other reason.
  remedy: terraform-apply
  false_positives: [None that we know of.]
  examples:
    - {name: it differs, match: true, declared: 1, actual: 2}
    - {name: another attribute, match: false, attribute: tags.x, declared: 1, actual: 2}
"""


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / name).write_text(text, "utf-8")
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(RuleError) as refusal:
        load(["builtin", folder])
    return [str(problem).removeprefix(f"{folder}/") for problem in refusal.value.problems]


@pytest.fixture(scope="module")
def builtin() -> Rulebook:
    return load()


def test_the_builtin_rules_load(builtin: Rulebook) -> None:
    assert len(builtin.rules) >= 60
    assert len({rule.id for rule in builtin.rules}) == len(builtin.rules)


def test_the_digest_is_stable_from_load_to_load(builtin: Rulebook) -> None:
    assert load().digest == builtin.digest


def test_an_own_rule_joins_the_builtin_ones(tmp_path: Path, builtin: Rulebook) -> None:
    rulebook = load(["builtin", written(tmp_path, RULE)])
    assert set(rulebook.by_id) == set(builtin.by_id) | {"my-rule-001"}
    assert rulebook.digest != builtin.digest
    assert (rulebook.places["my-rule-001"].file, rulebook.places["my-rule-001"].line) == (
        f"{tmp_path}/rules/mine.yaml",
        1,
    )


def test_a_later_directory_overrides_a_whole_rule(tmp_path: Path, builtin: Rulebook) -> None:
    rulebook = load(["builtin", written(tmp_path, RULE.replace("my-rule-001", "aws-tags-001"))])
    assert len(rulebook.rules) == len(builtin.rules)
    assert rulebook.by_id["aws-tags-001"].tier == "review"
    assert rulebook.places["aws-tags-001"].file.startswith(str(tmp_path))


def test_words_that_only_explain_do_not_move_the_digest(tmp_path: Path) -> None:
    plain = load(["builtin", written(tmp_path, RULE)]).digest
    reworded = RULE.replace("A rule of our own", "The same rule in other words")
    assert load(["builtin", written(tmp_path, reworded)]).digest == plain


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("severity: high", "severity: low"),
        ("tier: review", "tier: record"),
        ("delay_seconds\n  because", "delay_*\n  because"),
        ("remedy: terraform-apply", "remedy: by-hand"),
        ("[nist-800-53-r5:CM-6]", "[nist-800-53-r5:CM-7]"),
        ("attribute: delay_seconds\n  b", "attribute: delay_seconds\n    actual: {equals: 2}\n  b"),
        ("attribute: delay_seconds\n  b", "attribute: delay_seconds\n    actual: {'null': true}\n  b"),
        ("status: stable", "status: experimental"),
    ],
)
def test_whatever_decides_moves_the_digest(was: str, now: str, tmp_path: Path) -> None:
    plain = load(["builtin", written(tmp_path, RULE)]).by_id["my-rule-001"].digest
    assert was in RULE
    changed = load(["builtin", written(tmp_path, RULE.replace(was, now))]).by_id["my-rule-001"].digest
    assert changed != plain


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("  tier: review", "  tier: review\n  colour: red", "rules/mine.yaml:6:3: [0].colour: unknown key"),
        (
            "    resource_type:",
            "    resource_typ:",
            "rules/mine.yaml:8:5: [0].when.resource_typ: unknown key; did you mean resource_type?",
        ),
        ("severity: high", "severity: dire", "rules/mine.yaml:4:13: [0].severity: "),
        ("  severity: high\n", "", "rules/mine.yaml:1:3: [0].severity: missing"),
        (
            ":CM-6]",
            ":../../CM-6]",
            "mine.yaml:6:14: [0].controls[0]: expected a control as framework:id",
        ),
        (":CM-6]", ":CM-6..7]", "mine.yaml:6:14: [0].controls[0]: expected a control as framework:id"),
        (":CM-6]", ":CM-66]", "rules/mine.yaml:6:14: [0].controls[0]: nist-800-53-r5:CM-66 is not a known"),
        (":CM-6]", ":AC-13]", "it was withdrawn; cite nist-800-53-r5:AC-2, nist-800-53-r5:AU-6"),
        ("id: my-rule-001", "id: ../my rule", "rules/mine.yaml:1:7: [0].id: "),
        ("delay_seconds\n  b", "delay_[ab]\n  b", "rules/mine.yaml:9:16: [0].when.attribute: expected text"),
        ("tier: review", "tier: auto\n  colour: red", "unknown key"),
        ("match: true", "match: false", "expected at least one example that matches and one that does not"),
        ("tier: review", "tier: review\n  tier: auto", "rules/mine.yaml:6:3: [0].tier: duplicate key"),
        ("title: A rule", "title: &a A rule", "anchors and aliases are not allowed"),
        (
            "title: A rule of our own",
            "title: !!python/name:os.system x",
            "mine.yaml:2:10: tags such as",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(was: str, now: str, told: str, tmp_path: Path) -> None:
    assert was in RULE
    problems = refused(written(tmp_path, RULE.replace(was, now, 1)))
    assert any(told in problem for problem in problems), problems


def test_an_auto_rule_left_to_hands_is_refused(tmp_path: Path) -> None:
    text = RULE.replace("tier: review", "tier: auto").replace("remedy: terraform-apply", "remedy: by-hand")
    assert any(
        "expected remedy terraform-apply for tier auto" in problem
        for problem in refused(written(tmp_path, text))
    )


def test_an_experimental_rule_puts_nothing_right_by_itself(tmp_path: Path) -> None:
    text = RULE.replace("tier: review", "tier: auto").replace("status: stable", "status: experimental")
    assert any(
        "expected status stable for tier auto" in problem for problem in refused(written(tmp_path, text))
    )


def test_a_rule_that_would_match_everything_is_refused(tmp_path: Path) -> None:
    text = RULE.replace(
        "  when:\n    resource_type: aws_sqs_queue\n    attribute: delay_seconds\n", "  when: {}\n"
    )
    assert any("would match everything" in problem for problem in refused(written(tmp_path, text)))


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    dire = RULE.replace("severity: high", "severity: dire").replace("    attribute:", "    atribute:")
    written(tmp_path, dire.replace("- {name: it", "- {nam: it"), "a.yaml")
    written(tmp_path, RULE.replace("tier: review", "tier: maybe").replace("001", "002"), "b.yaml")
    written(tmp_path, "not: a list\n", "c.yaml")
    written(tmp_path, RULE.replace("high", "on").replace("match: true", "match: yes"), "d.yaml")
    assert [problem.split(": ")[0:2] for problem in refused(tmp_path)] == [
        ["rules/a.yaml:4:13", "[0].severity"],
        ["rules/a.yaml:9:5", "[0].when.atribute"],
        ["rules/a.yaml:14:7", "[0].examples[0].name"],
        ["rules/a.yaml:14:8", "[0].examples[0].nam"],
        ["rules/b.yaml:5:9", "[0].tier"],
        ["rules/c.yaml:1:1", "expected a list of rules, each beginning with - id"],
        ["rules/d.yaml:4:13", "[0].severity"],
        ["rules/d.yaml:14:33", "[0].examples[0].match"],
    ]


@pytest.mark.parametrize(
    ("was", "now", "meant"),
    [
        ("  severity:", "  severty:", "severity"),
        ("    attribute:", "    atribute:", "attribute"),
        ("  false_positives:", "  false_positive:", "false_positives"),
        ("    attribute: delay_seconds\n", "    declared: {abov: 3}\n", "above"),
        (
            "    attribute: delay_seconds\n",
            "    newly_admits: {every_adress_of: 10.0.0.0/8}\n",
            "every_address_of",
        ),
        ("match: true", "matches: true", "match"),
    ],
)
def test_of_an_unknown_key_the_nearest_known_one_is_told(
    was: str, now: str, meant: str, tmp_path: Path
) -> None:
    problems = refused(written(tmp_path, RULE.replace(was, now, 1)))
    assert any(f"unknown key; did you mean {meant}?" in problem for problem in problems), problems


@pytest.mark.parametrize(
    "predicate",
    [
        "declared: {above: .inf}",
        "declared: {above: many}",
        "actual: {}",
        "became_null: false",
        "newly_admits: {}",
        "newly_admits: 0.0.0.0/0",
        "newly_admits: {every_address_of: 10.0.0.1/8}",
        "newly_admits: {ports: 65536}",
        'newly_admits: {ports: "25-20"}',
        'newly_admits: {ports: "22"}',
        "newly_grants: {to: everybody}",
        "newly_grants: {any_action_of: 's3:Get?'}",
        "recurrence: 3",
        "recurrence: {}",
        "hours_open: {over: 3}",
        "account: [1]",
    ],
)
def test_a_predicate_that_says_nothing_sound_is_refused(predicate: str, tmp_path: Path) -> None:
    text = RULE.replace("attribute: delay_seconds\n  b", f"{predicate}\n  b", 1)
    problems = refused(written(tmp_path, text))
    key = predicate.split(":", maxsplit=1)[0]
    assert all("rules/mine.yaml:9:" in problem and f"[0].when.{key}" in problem for problem in problems)


def test_an_id_used_twice_in_one_directory_is_refused(tmp_path: Path) -> None:
    written(tmp_path, RULE, "a.yaml")
    written(tmp_path, RULE, "b.yaml")
    assert any("my-rule-001 is used already in" in problem for problem in refused(tmp_path))


def test_a_file_that_would_be_passed_over_in_silence_is_refused(tmp_path: Path) -> None:
    written(tmp_path, RULE)
    (tmp_path / "rules" / "other.yml").write_text(RULE, "utf-8")
    (tmp_path / "loose.yaml").write_text(RULE, "utf-8")
    assert [problem.split(":")[0] for problem in refused(tmp_path)] == ["loose.yaml", "rules/other.yml"]


def test_a_directory_that_is_no_taxonomy_is_refused(tmp_path: Path) -> None:
    assert any(
        "expected rules, controls, directions, waivers, noise or overrides.yaml in it" in problem
        for problem in refused(tmp_path / "nowhere")
    )


def test_no_directory_at_all_is_refused() -> None:
    with pytest.raises(RuleError, match="expected at least one directory"):
        load([])


def test_a_control_of_ones_own_may_be_cited(tmp_path: Path) -> None:
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "acme.yaml").write_text(
        "framework: acme\ntitle: Own rules\nurl: https://acme.example/rules\nsource: ours\n"
        "controls: {N-1: Names follow the scheme}\n",
        "utf-8",
    )
    rulebook = load(["builtin", written(tmp_path, RULE.replace("nist-800-53-r5:CM-6", "acme:N-1"))])
    assert rulebook.by_id["my-rule-001"].controls == ("acme:N-1",)


def test_rules_decide_by_severity_then_narrowness_then_id(builtin: Rulebook) -> None:
    ranks = ["critical", "high", "medium", "low", "info"]
    severities = [ranks.index(rule.severity) for rule in builtin.ordered]
    assert severities == sorted(severities)
    for one, two in zip(builtin.ordered, builtin.ordered[1:], strict=False):
        if one.severity == two.severity:
            assert one.when.specificity >= two.when.specificity
            if one.when.specificity == two.when.specificity:
                assert one.id < two.id


def test_only_words_that_cannot_hurt_are_auto_from_the_start(builtin: Rulebook) -> None:
    auto = [rule for rule in builtin.rules if rule.tier == "auto"]
    assert auto
    for rule in auto:
        assert rule.when.direction == ("lateral",), rule.id
        assert rule.when.kind == ("changed",), rule.id
        assert rule.severity == "low", rule.id
