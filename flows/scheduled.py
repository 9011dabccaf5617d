"""Why a sweep runs, as Prefect knows it: when a schedule wanted it, and which schedules are in force.

Both go into the evidence. Only with them can an auditor tell which runs were due and did not happen.
"""

from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.runtime import deployment, flow_run

from flows.sweeping import Asked


def asked() -> Asked:
    """Return what made the present flow run happen."""
    if not deployment.id:
        return Asked(run_id=str(flow_run.id))
    with get_client(sync_client=True) as client:
        scheduled = client.read_flow_run(UUID(str(flow_run.id))).auto_scheduled
        found = client.read_deployment(UUID(str(deployment.id)))
    in_force = [one for one in found.schedules if one.active and not found.paused]
    return Asked(
        run_id=str(flow_run.id),
        due=flow_run.scheduled_start_time if scheduled else None,
        schedule=deployment.name,
        schedules=tuple(sorted((document(one) for one in in_force), key=str)),
    )


def document(one: DeploymentSchedule) -> dict[str, Any]:
    """Return a schedule as the evidence holds it, in the form that `evidence.schedule` reads."""
    schedule = one.schedule
    if isinstance(schedule, CronSchedule):
        said: dict[str, Any] = {"cron": schedule.cron}
        said |= {} if schedule.day_or else {"day_or": False}
    elif isinstance(schedule, IntervalSchedule):
        said = {"interval": schedule.interval.total_seconds(), "anchor": schedule.anchor_date.isoformat()}
    else:
        said = {"rrule": getattr(schedule, "rrule", str(schedule))}
    return {"slug": one.slug or str(one.id), "timezone": getattr(schedule, "timezone", None) or "UTC", **said}
