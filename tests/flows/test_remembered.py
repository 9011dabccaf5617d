"""A rule that asks how long a thing has drifted fires in a sweep, and `drift explain` says so."""

from yard import Yard

from flows.sweeping import sweep_once

RULE = """\
- id: acme-late-001
  title: A host's control fails since an earlier sweep
  status: stable
  severity: critical
  tier: review
  controls: [nist-800-53-r5:CM-6]
  when:
    layer: inspec
    kind: noncompliant
    resource_type: host_control
    hours_open: {above: 0}
  because: Whoever was told of it in the sweep before has not put it right.
  remedy: by-hand
  false_positives: [A maintenance window that is still open.]
  examples:
    - {name: seen before, match: true, hours_open: 5}
    - {name: seen for the first time, match: false, hours_open: 0}
"""


def test_a_rule_about_hours_fires_in_the_sweep_after_the_first(yard: Yard) -> None:
    (yard.folder / "taxonomy.d" / "rules").mkdir(parents=True)
    (yard.folder / "taxonomy.d" / "rules" / "late.yaml").write_text(RULE)
    yard.write(taxonomy=["builtin", "taxonomy.d"])
    yard.show_report("web-01")
    first, second = (
        {drift.rule_id for drift, _ in sweep_once(yard.settings, names=("fleet",)).drifts} for _ in range(2)
    )
    assert "acme-late-001" not in first
    assert second == {"acme-late-001"}
    (one, *_) = [drift for drift, _ in sweep_once(yard.settings, names=("fleet",)).drifts]
    explained = yard.run("drift", "explain", one.drift_id).out
    assert "acme-late-001" in explained
    assert "held: hours_open is" in explained
