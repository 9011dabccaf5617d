"""A host of one law: its report, its drift, its branches."""

from dataclasses import dataclass
from typing import Any

from played import Step, report, wait_for
from prefect_api import Served, tag

from flows.resume import resume
from tasks.approval import Verdict
from tasks.queue import Waiting


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host that is one target."""

    served: Served
    name: str

    def fails(self, *controls: str, severity: str = "medium") -> None:
        """Let the host's next report say that these controls fail, and the others pass."""
        place = self.served.estate.folder / "reports" / self.name / "report.json"
        place.write_text(report(self.name, controls, severity=severity), "utf-8")

    def sweep(self, *, remediate: bool = True) -> dict[str, Any]:
        return self.served.estate.sweep(self.name, remediate=remediate)

    def asked(self, *, severity: str = "medium") -> Waiting:
        """Let one control fail, look, and return the question that its branch asks.

        The branch is opened as a sweep opens it, which other laws prove, without the wait for a sweep.
        """
        self.fails("door-01", severity=severity)
        ((drift, _),) = self.served.estate.look(self.name).drifts
        key = f"{drift.drift_id}:{drift.episode}:1"
        self.served.prefect.start(
            key=key, tags=[tag(drift.drift_id)], drift_id=drift.drift_id, episode=drift.episode, attempt=1
        )
        return self.served.question(drift.drift_id)

    def steps(self, drift_id: str) -> list[Step]:
        return self.served.estate.steps(drift_id)

    def answer(self, question: Waiting, verdict: Verdict = "approve", **how: Any) -> None:
        """Resume the run that asks with the signed answer of a person."""
        envelope = self.served.estate.envelope(question, verdict, **how)
        resume(self.served.prefect.url, question.question.run_id, [envelope])

    def told(self, drift_id: str, *steps: str, run_id: str | None = None) -> list[Step]:
        """Wait until these steps are told of the drift, in whatever order; return all of its steps."""

        def all_told(found: list[Step]) -> bool:
            said = [one.step for one in found if run_id in (None, one.run_id)]
            return all(step in said for step in steps)

        return wait_for(lambda: self.steps(drift_id), all_told, " and ".join(steps))
