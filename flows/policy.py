"""What the estate file says of who may decide and what may be changed, in the verbs' own nouns."""

from dataclasses import replace
from datetime import datetime, timedelta

from evidence.errors import EvidenceError
from evidence.keys import PublicKey, SigningKey
from flows.approvals import Person
from flows.settings import Settings
from flows.window import is_open
from tasks.acceptance import Acceptors
from tasks.approval import Electorate
from tasks.errors import ApprovalError
from tasks.question import Terms
from tasks.routing import Policy
from taxonomy.route import AutoClass
from taxonomy.rulebook import BUILTIN
from taxonomy.waiver_files import read_waivers
from taxonomy.waivers import Waivers

NOBODY = Terms(role="nobody", quorum=1, expires_after=timedelta(days=7))
"""Terms of a severity that the estate names no approvers for: it can be looked at, never approved."""


def policy(settings: Settings, *, now: datetime) -> Policy:
    """Return what may be changed, as the estate says now."""
    remediation = settings.estate.remediation
    return Policy(
        # without a trusted key nothing says who wrote the evidence that a remedy would act on
        enabled=remediation.enabled and settings.trust is not None,
        auto_classes=tuple(
            AutoClass(rules=c.rules, approved_by=c.approved_by, reason=c.reason, review_by=c.review_by)
            for c in remediation.auto_classes
        ),
        open_now=is_open(remediation.windows, now=now),
        per_sweep=remediation.limits.per_sweep,
        percent_of_target=remediation.limits.percent_of_target,
        ask_again_after=settings.estate.approvals.ask_again_after,
    )


def terms(settings: Settings, severity: str) -> Terms:
    """Return who decides a drift of that severity, how many of them, and until when."""
    quorum = settings.estate.approvals.for_severity(severity)
    if quorum is None:
        return NOBODY
    return Terms(role=quorum.approvers, quorum=quorum.quorum, expires_after=quorum.expires_after)


def electorate(settings: Settings) -> Electorate:
    """Return who may answer, as the estate says now.

    Somebody whose key file can't be read has no key, so no answer of theirs counts; `holdfast doctor`
    names such files.
    """
    people = settings.estate.people
    names = {person.slack: person.id for person in people if person.slack}
    roles = settings.estate.approvals.roles
    keys = {person.id: key for person in people if (key := enrolled_key(settings, person)) is not None}
    return Electorate(
        members={role: frozenset(names.get(who, who) for who in members) for role, members in roles.items()},
        keys=keys,
        trusted=frozenset(key.key_id for key in settings.estate.trust if key.purpose == "approval"),
    )


def acceptors(settings: Settings) -> Acceptors:
    """Return who may accept a baseline, as the estate says now: the role that decides by default."""
    quorum = settings.estate.approvals.default
    return Acceptors(
        estate=settings.estate.estate,
        role=quorum.approvers if quorum else None,
        electorate=electorate(settings),
    )


def waivers(settings: Settings) -> Waivers:
    """Return what the taxonomy's directories waive, and who may, as files and estate say now."""
    folders = [(settings.folder / name, name) for name in settings.estate.taxonomy if name != BUILTIN]
    return replace(read_waivers(folders), people=people(settings))


def people(settings: Settings) -> frozenset[str]:
    """Return every name that the estate file gives to somebody: ids, Slack users, members of roles."""
    named = {name for person in settings.estate.people for name in (person.id, person.slack) if name}
    return frozenset(named.union(*settings.estate.approvals.roles.values()))


def owner(settings: Settings, signing: SigningKey) -> Person:
    """Return the person whose enrolled key this is.

    Raises:
        ApprovalError: nobody's.
    """
    for person in settings.estate.people:
        enrolled = enrolled_key(settings, person)
        if enrolled is not None and enrolled.key_id == signing.key_id:
            return person
    raise ApprovalError(
        f"key {signing.key_id} of {settings.approval_key_path} is enrolled for nobody in {settings.path}; "
        "run `holdfast review key --person ID` and enrol what it prints"
    )


def enrolled_key(settings: Settings, person: Person) -> PublicKey | None:
    """Return the public key that a person enrolled; None where there is none, or it can't be read."""
    if person.review_key is None:
        return None
    path = settings.folder / person.review_key
    try:
        return PublicKey.from_pem(path.read_bytes(), str(path))
    except (OSError, EvidenceError):
        return None
