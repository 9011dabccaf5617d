"""When a schedule wanted a run: what a sweep recorded of its schedules, and the instants that follow from it.

A sweep that Prefect started writes the schedules in force into ``details.schedules`` of its `swept` rows, so
that nobody needs to trust today's ``prefect.yaml`` about last year. The forms are Prefect's
(https://docs.prefect.io/v3/concepts/schedules): ``{slug, cron, timezone}``, or ``{slug, interval, anchor,
timezone}`` with the interval in seconds. Any other form is told as one whose runs nobody can foretell.

A cron line means wall-clock time in its zone: what falls into a skipped hour is due at its end, and what
falls into a repeated hour is due once, except where every hour is meant. An interval below a day means
elapsed time, a longer one wall-clock time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

DAY = timedelta(days=1)
SHIFT = timedelta(hours=1)
"""How far a clock may be set: a run that was planned before the clocks changed may be due that much off."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One schedule of a deployment.

    Args:
        name: ``deployment/slug``.
        zone: where its wall clock hangs.
        cron: five fields; None for an interval.
        interval: between two runs; None for a cron line.
        anchor: one instant of an interval.
    """

    name: str
    zone: ZoneInfo
    cron: str | None = None
    interval: timedelta | None = None
    anchor: datetime | None = None

    @classmethod
    def read(cls, deployment: str, said: Mapping[str, Any]) -> "Schedule | None":
        """Return what a sweep recorded of a schedule; None for a form whose runs can't be foretold here."""
        name = f"{deployment}/{said.get('slug') or 'unnamed'}"
        try:
            zone = ZoneInfo(said.get("timezone") or "UTC")
            if "cron" in said and said.get("day_or", True):
                CronSim(said["cron"], datetime(2000, 1, 1, tzinfo=UTC))
                return cls(name=name, zone=zone, cron=said["cron"])
            interval = timedelta(seconds=said["interval"])
            anchor = datetime.fromisoformat(said["anchor"]).astimezone(zone)
        except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError, CronSimError, OSError):
            return None
        return cls(name=name, zone=zone, interval=interval, anchor=anchor) if interval > timedelta() else None

    @property
    def shifts(self) -> bool:
        """Whether the clocks' changing may move a run."""
        return self.zone.key != "UTC" and (self.interval is None or self.interval >= DAY)

    def due(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Yield every instant, in UTC, from `begin` on and before `end`."""
        for moment in self._from(begin):
            if moment >= end:
                return
            if moment >= begin:
                yield moment

    def _from(self, begin: datetime) -> Iterator[datetime]:
        if self.cron is not None:
            # cronsim goes on from the minute after the one that it is given
            yield from (m.astimezone(UTC) for m in CronSim(self.cron, begin.astimezone(self.zone) - DAY))
        elif self.interval is not None and self.anchor is not None:
            yield from self._stepped(self.interval, self.anchor, begin)

    def _stepped(self, interval: timedelta, anchor: datetime, begin: datetime) -> Iterator[datetime]:
        number = (begin - anchor) // interval - 1
        while True:
            if interval < DAY:
                yield anchor.astimezone(UTC) + number * interval
            else:
                wall = anchor.replace(tzinfo=None) + number * interval
                yield wall.replace(tzinfo=self.zone).astimezone(UTC)
            number += 1
