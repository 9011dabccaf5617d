"""Which baseline counts: what a person accepted stands until a person accepts another."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from house import House
from made import BUCKET, ESTATE, NOW, seen

from evidence import dsse
from evidence.canonical import canonical_json
from evidence.keys import SigningKey, new_key
from evidence.schema import record_id
from evidence.verify import verify
from tasks.accept import Accepted, Proposal, accept
from tasks.acceptance import Acceptance, Acceptors
from tasks.approval import Electorate
from tasks.baselines import CONTROLS, Doubt, Held, trusted
from tasks.errors import ApprovalError, ToolError
from tasks.look import look
from tasks.reach import Reach
from tasks.record import HOLDFAST, fan_out
from tasks.redaction import Redactor
from tasks.terraform.baseline import Baseline
from taxonomy.target import TerraformTarget

DAY = timedelta(days=1)
REASON = "Looked at with the platform team."
TARGET = "network"


def live(**attributes: Any) -> dict[str, Any]:
    one = {"resource_id": BUCKET, "resource_type": "aws_s3_bucket", "attributes": {"id": "b", **attributes}}
    return {"aws_s3_bucket.ledger": one}


@dataclass(frozen=True, kw_only=True)
class People:
    """An estate whose people accept baselines, and whoever holds the evidence key."""

    house: House
    keys: dict[str, SigningKey] = field(default_factory=dict)
    members: frozenset[str] = frozenset({"ada", "ben"})
    untrusted: frozenset[str] = frozenset()

    @property
    def acceptors(self) -> Acceptors:
        publics = {name: key.public for name, key in self.keys.items()}
        trusted_keys = frozenset(key.key_id for name, key in publics.items() if name not in self.untrusted)
        electorate = Electorate(members={"platform": self.members}, keys=publics, trusted=trusted_keys)
        return Acceptors(estate=ESTATE, role="platform", electorate=electorate)

    @property
    def held(self) -> Held:
        memory = replace(self.house, acceptors=self.acceptors).memory
        return memory.held.get(TARGET) or Held(target=TARGET)

    def accept(self, by: str, at: datetime, reason: str = REASON, **attributes: Any) -> Accepted:
        baseline = Baseline.of(TARGET, live(**attributes), taken_at=at)
        proposal = Proposal(
            baseline=baseline, held=self.held, changed=(), added=(), moved=(), dropped=(), unapplied=()
        )
        told: dict[str, Any] = {"approver": by, "reason": reason, "key": self.keys[by], "now": at}
        return accept(self.house.store, proposal, self.acceptors, **told)

    def stands(self) -> Any:
        """Return the value that the standing baseline approves; the reason where there is a doubt."""
        usable = self.held.usable()
        if isinstance(usable, Doubt):
            return usable.reason
        return usable and usable.resources["aws_s3_bucket.ledger"].attributes.get("policy")

    def write(self, at: datetime, baseline: Baseline, envelope: bytes | None = None, **columns: Any) -> None:
        """Write a row as whoever holds the evidence key can: anything at all."""
        with self.house.store.batch(at) as batch:
            sealed = {"snapshot_sha256": batch.seal("baselines", baseline.to_document())}
            if envelope is not None:
                sealed["decision_sha256"] = batch.seal("decisions", envelope)
            shared = {
                "record_id": record_id(at),
                "step": "baselined",
                "occurred_at": at,
                "estate": ESTATE,
                "target": TARGET,
                "details": canonical_json({"extends": baseline.extends}),
                **HOLDFAST,
                **sealed,
                **columns,
            }
            batch.append(fan_out(shared, CONTROLS))


@pytest.fixture
def people(house: House) -> People:
    return People(house=house, keys={name: new_key() for name in ("ada", "ben", "mallory")})


def sealed_at(people: People, at: datetime, **attributes: Any) -> tuple[Baseline, str]:
    """Return a baseline and the digest that it will be sealed under."""
    baseline = Baseline.of(TARGET, live(**attributes), taken_at=at)
    with people.house.store.batch(at) as batch:
        digest = batch.seal("baselines", baseline.to_document())
    return baseline, digest


def envelope_of(people: People, digest: str, at: datetime, by: str = "mallory", **more: Any) -> bytes:
    key = people.keys[by]
    told: dict[str, Any] = {
        "estate": ESTATE,
        "target": TARGET,
        "baseline_sha256": digest,
        "previous_sha256": None,
        "overrules": (),
        "role": "platform",
        "approver": "ada",
        "reason": REASON,
        "accepted_at": at.isoformat(),
        "key_id": key.key_id,
    }
    return Acceptance(**{**told, **more}).signed(key)


def test_what_a_person_accepts_stands_and_says_who(people: People) -> None:
    people.house.sweep(seen(live=live(policy="first")))
    first = people.held.standing
    assert first is not None
    assert (first.acceptance, first.said) == (None, "taken at a first clean look; no person has approved it")
    accepted = people.accept("ada", NOW + DAY, policy="second")
    standing = people.held.standing
    assert standing is not None
    assert (people.stands(), standing.said) == ("second", "accepted by ada")
    assert standing.acceptance == accepted.acceptance
    assert accepted.acceptance.previous_sha256 == first.sha256
    rows = people.house.ask(
        "SELECT DISTINCT actor, actor_kind, reason, decision_sha256 FROM records WHERE actor_kind = 'person'"
    )
    assert rows == [("ada", "person", REASON, accepted.decision_sha256)]
    verify(people.house.root, trust=people.house.trust)


def test_only_another_person_replaces_what_a_person_accepted(people: People) -> None:
    people.accept("ada", NOW, policy="ada's")
    people.write(NOW + DAY, Baseline.of(TARGET, live(policy="door"), taken_at=NOW + DAY))
    assert people.stands() == "ada's"
    people.accept("ben", NOW + 2 * DAY, policy="ben's")
    assert people.stands() == "ben's"


def test_of_first_looks_the_first_counts(people: People) -> None:
    people.house.sweep(seen(live=live(policy="first")))
    people.write(NOW + DAY, Baseline.of(TARGET, live(policy="door"), taken_at=NOW + DAY))
    assert people.stands() == "first"


FORGED: dict[str, Callable[[People, str, datetime], dict[str, Any]]] = {
    "no envelope": lambda _people, _digest, _at: {"actor": "ada", "actor_kind": "person"},
    "a key that nobody enrolled": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(replace(people, keys={"mallory": people.house.key}), digest, at),
    },
    "another person's key": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at, by="ben"),
    },
    "somebody without the role": lambda people, digest, at: {
        "actor": "mallory",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at, approver="mallory"),
    },
    "an envelope for another baseline": lambda people, _digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, "f" * 64, at, by="ada"),
    },
    "an envelope for another target": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at, by="ada", target="edge"),
    },
    "an envelope for another estate": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at, by="ada", estate="other"),
    },
    "an envelope of another time": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at - DAY, by="ada"),
    },
    "a decision about a drift": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": dsse.sign(
            dsse.DECISION,
            dsse.unsafe_payload(envelope_of(people, digest, at, by="ada"), dsse.BASELINE),
            people.keys["ada"],
        ),
    },
    "an envelope beside Holdfast's own name": lambda people, digest, at: {
        "envelope": envelope_of(people, digest, at, by="ada"),
    },
    "a reason that says nothing": lambda people, digest, at: {
        "actor": "ada",
        "actor_kind": "person",
        "envelope": envelope_of(people, digest, at, by="ada", reason="ok"),
    },
}


@pytest.mark.parametrize("name", FORGED)
def test_an_evidence_key_alone_accepts_nothing_and_hides_nothing(people: People, name: str) -> None:
    people.accept("ada", NOW, policy="ada's")
    at = NOW + DAY
    baseline, digest = sealed_at(people, at, policy="door")
    people.write(at, baseline, **FORGED[name](people, digest, at))
    held = people.held
    with pytest.raises(
        ToolError, match=r"^a baseline of network claims to be accepted by .* --reason TEXT`$"
    ):
        trusted(held.usable())
    assert held.standing is not None
    assert held.standing.acceptance is not None
    assert held.standing.acceptance.approver == "ada"


def test_a_forged_row_from_the_future_is_overruled_by_its_name(people: People) -> None:
    people.write(NOW + 900 * DAY, Baseline.of(TARGET, live(), taken_at=NOW), actor="ada", actor_kind="person")
    assert "claims to be accepted by ada" in people.stands()
    accepted = people.accept("ben", NOW + DAY, policy="ben's")
    assert len(accepted.acceptance.overrules) == 1
    assert people.stands() == "ben's"


def test_an_old_acceptance_played_again_changes_nothing(people: People) -> None:
    old = people.accept("ada", NOW, policy="old")
    people.accept("ada", NOW + DAY, policy="new")
    envelope = old.acceptance.signed(people.keys["ada"])
    baseline = Baseline.of(TARGET, live(policy="old"), taken_at=NOW)
    people.write(NOW, baseline, envelope, actor="ada", actor_kind="person")
    assert people.stands() == "new"
    people.write(NOW + 2 * DAY, baseline, envelope, actor="ada", actor_kind="person")
    assert "is not the acceptance of this baseline" in people.stands()


@pytest.mark.parametrize("lost", ["key", "trust", "role"])
def test_who_may_no_longer_accept_is_no_longer_believed_until_somebody_else_does(
    people: People, lost: str
) -> None:
    people.accept("ada", NOW, policy="ada's")
    without = {
        "key": replace(people, keys={name: key for name, key in people.keys.items() if name != "ada"}),
        "trust": replace(people, untrusted=frozenset({"ada"})),
        "role": replace(people, members=frozenset({"ben"})),
    }[lost]
    assert "claims to be accepted by ada" in without.stands()
    without.accept("ben", NOW + DAY, policy="ben's")
    assert without.stands() == "ben's"


def test_nobody_s_word_counts_where_nothing_says_whose_does(people: People) -> None:
    people.accept("ada", NOW, policy="ada's")
    found = people.house.memory.baselines[TARGET]
    assert isinstance(found, Doubt)
    assert "nothing says whose acceptance counts" in found.reason


@pytest.mark.parametrize(
    ("by", "reason", "said"),
    [
        ("mallory", REASON, "not in the role platform"),
        ("ada", "ok", "expected a reason of 10 to 500 characters"),
    ],
)
def test_what_would_not_count_is_not_sealed(people: People, by: str, reason: str, said: str) -> None:
    with pytest.raises(ApprovalError, match=said):
        people.accept(by, NOW, reason)
    assert people.held == Held(target=TARGET)


def test_nobody_accepts_where_the_estate_names_no_role(people: People) -> None:
    proposal = Proposal(
        baseline=Baseline.of(TARGET, live(), taken_at=NOW),
        held=Held(target=TARGET),
        changed=(),
        added=(),
        moved=(),
        dropped=(),
        unapplied=(),
    )
    nobody = replace(people.acceptors, role=None)
    with pytest.raises(ApprovalError, match=r"no approvals\.default"):
        accept(
            people.house.store,
            proposal,
            nobody,
            approver="ada",
            reason=REASON,
            key=people.keys["ada"],
            now=NOW,
        )


def test_a_doubted_target_could_not_be_looked_at(tmp_path: Any) -> None:
    doubt = Doubt(reason="nobody can tell")
    target = TerraformTarget(name=TARGET, plan_json=tmp_path / "plan.json")
    seen_ = look(
        target,
        reach=Reach(scratch=tmp_path),
        redactor=Redactor(b"a key of the tests, 32 bytes long"),
        baseline=doubt,
        clock=lambda: NOW,
    )
    assert (seen_.outcome, seen_.reason) == ("could-not-look", "nobody can tell")


def test_no_first_look_is_taken_over_a_doubt(people: People) -> None:
    people.write(NOW, Baseline.of(TARGET, live(), taken_at=NOW), actor="ada", actor_kind="person")
    replace(people.house, acceptors=people.acceptors).at(NOW + DAY).sweep(seen(live=live(policy="door")))
    assert people.held.standing is None


def test_a_baseline_that_can_not_be_read_is_a_doubt_and_stops_no_other_target(people: People) -> None:
    people.write(NOW, Baseline.of("edge", live(), taken_at=NOW))
    people.write(NOW, Baseline.of("edge", live(), taken_at=NOW), target="edge")
    assert "is not what its row says" in people.stands()
    memory = replace(people.house, acceptors=people.acceptors).memory
    assert isinstance(memory.baselines["edge"], Baseline)


def test_new_resources_are_added_at_their_first_clean_look_and_no_person_is_named(people: People) -> None:
    accepted = people.accept("ada", NOW, policy="ada's")
    new = {
        "aws_s3_bucket.new": {"resource_id": "n", "resource_type": "aws_s3_bucket", "attributes": {"id": "n"}}
    }
    house = replace(people.house, acceptors=people.acceptors).at(NOW + DAY)
    house.sweep(seen(live={**live(policy="door"), **new}, fresh=("aws_s3_bucket.new",)))
    standing = people.held.standing
    assert standing is not None
    assert people.stands() == "ada's"
    assert set(standing.baseline.resources) == {"aws_s3_bucket.ledger", "aws_s3_bucket.new"}
    (addition,) = standing.additions
    assert (set(addition.baseline.resources), addition.baseline.extends) == (
        {"aws_s3_bucket.new"},
        accepted.acceptance.baseline_sha256,
    )
    reasons = house.ask(
        "SELECT DISTINCT actor, reason FROM records WHERE actor_kind = 'holdfast' AND step = 'baselined'"
    )
    assert reasons == [("holdfast", "first clean look of 1 new resources; no person has approved them")]


def test_an_addition_replaces_nothing_and_ends_with_the_baseline_that_it_extends(people: People) -> None:
    first = people.accept("ada", NOW, policy="ada's")
    forged = Baseline.of(TARGET, live(policy="door"), taken_at=NOW, extends=first.acceptance.baseline_sha256)
    people.write(NOW + DAY, forged)
    assert people.stands() == "ada's"
    people.accept("ben", NOW + 2 * DAY, policy="ben's")
    standing = people.held.standing
    assert standing is not None
    assert (people.stands(), standing.additions) == ("ben's", ())


def test_what_was_signed_names_everything_that_it_is_about(people: People) -> None:
    accepted = people.accept("ada", NOW, policy="ada's")
    assert set(asdict(accepted.acceptance)) == {
        "estate",
        "target",
        "baseline_sha256",
        "previous_sha256",
        "overrules",
        "role",
        "approver",
        "reason",
        "accepted_at",
        "key_id",
    }
