"""List what is live in one place: every row of the table asked once, and what could not be asked said so."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tasks import aws
from tasks.errors import ToolError
from tasks.inventory import tagged
from tasks.inventory.known import compiled, reason
from tasks.inventory.live import Inventory, Live, Place
from tasks.inventory.table import Row
from tasks.reach import Reach
from taxonomy.holding import Unseen
from taxonomy.resources import identify

SERVICES_AT_ONCE = 3
"""Threads of one place; they wait for the network, and plans want the cores."""

FAILURES = (BotoCoreError, ClientError, ResponseParserError)

Item = Mapping[str, Any]


def take(place: Place, reach: Reach) -> Inventory:
    """Return what is live in a place; what could not be asked is told, never taken for nothing."""
    try:
        session = aws.session_in(place.account, reach, region=place.region, role_arn=place.role_arn)
    except ToolError as error:
        return nothing_of(place, str(error))
    making = threading.Lock()

    def client(service: str) -> Any:
        with making:  # a session can't make two clients at once
            return aws.client(session, service, reach)

    services = sorted({row.service for row in place.rows})
    with ThreadPoolExecutor(SERVICES_AT_ONCE, thread_name_prefix="list") as pool:
        tags = pool.submit(_tags, client, place)
        parts = list(pool.map(lambda service: _ask(client(service), service, place), services))
    return _whole(place, parts, tags.result())


def nothing_of(place: Place, why: str) -> Inventory:
    """Return the inventory of a place that could not be looked at."""
    types = sorted({row.type for row in place.rows} | place.tagged)
    return Inventory(place=place, unseen=tuple(Unseen(resource_type=one, reason=why) for one in types))


def _tags(client: Any, place: Place) -> tagged.Tagged:
    if place.scope == "account":
        return tagged.Tagged()
    try:
        return tagged.read(client(tagged.SERVICE))
    except FAILURES as error:
        return tagged.Tagged(why=_why(error))


def _ask(client: Any, service: str, place: Place) -> Inventory:
    rows = (row for row in place.rows if row.service == service)
    return _Service(client=client, place=place).inventory(rows)


@dataclass(frozen=True, kw_only=True)
class _Service:
    """One service, each call of which is asked once, however many kinds it lists."""

    client: Any
    place: Place
    answers: dict[tuple[str, str], list[Item]] = field(default_factory=dict)

    def inventory(self, rows: Iterable[Row]) -> Inventory:
        live: list[Live] = []
        unseen: list[Unseen] = []
        for row in rows:
            try:
                items = list(self._items(row))
            except FAILURES as error:
                unseen.append(Unseen(resource_type=row.type, reason=_why(error)))
            else:
                live.extend(_resource(row, item, doubt, self.place) for item, doubt in items)
        return Inventory(place=self.place, live=tuple(live), unseen=tuple(unseen))

    def _items(self, row: Row) -> Iterator[tuple[Item, str | None]]:
        """Yield every item of a row, with why no more is known of it, where that is so."""
        marked = self._marked(row)
        for page in self._pages(row.call, row.arguments):
            _check(page, row)
            for item in compiled(row.items).search(page) or ():
                yield self._told({**item, **marked(item)}, row)

    def _told(self, item: Item, row: Row) -> tuple[Item, str | None]:
        if row.each is None:
            return item, None
        call, argument, value, answer = row.each
        try:
            more = getattr(self.client, call)(**{argument: item[value]})[answer]
        except FAILURES as error:
            return item, _why(error)
        return {**item, **more}, None

    def _marked(self, row: Row) -> Callable[[Item], Item]:
        """Return what marks an item with what only another call of the service says of it."""
        if row.marked is None:
            return lambda _item: {}
        mark, call, there, here = row.marked
        marked = {one for page in self._pages(call, {}) for one in compiled(there).search(page) or ()}
        return lambda item: {mark: bool(marked.intersection(compiled(here).search(item) or ()))}

    def _pages(self, call: str, arguments: Mapping[str, Any]) -> list[Item]:
        key = (call, repr(arguments))
        if key not in self.answers:
            if self.client.can_paginate(call):
                self.answers[key] = list(self.client.get_paginator(call).paginate(**arguments))
            else:
                self.answers[key] = [getattr(self.client, call)(**arguments)]
        return self.answers[key]


def _check(page: Item, row: Row) -> None:
    """Return only where a page is AWS's: a proxy's page has no items either, and that is not "nothing".

    Raises:
        ResponseParserError: it says nothing of what was asked, and bears no request's id.
    """
    key = row.items.partition("[")[0]
    if key not in page and not page.get("ResponseMetadata", {}).get("RequestId"):
        raise ResponseParserError(f"{row.call} answered without {key}")


def _resource(row: Row, item: Item, doubt: str | None, place: Place) -> Live:
    attributes = {key: value for key, value in compiled(row.attributes).search(item).items() if value}
    if "url" in attributes:
        attributes["name"] = str(attributes["url"]).rstrip("/").rpartition("/")[2]
    region = attributes.get("region") if place.scope == "account" else place.region
    tags = {str(tag["Key"]): str(tag.get("Value", "")) for tag in compiled(row.tags).search(item) or ()}
    created = _instant(row.created, item)
    return Live(
        identity=identify(row.type, attributes, account=place.account, region=region or place.region),
        region=region,
        name=str(compiled(row.name).search(item) or ""),
        tags=tags,
        created=created,
        latest=created or _instant(row.touched, item),
        known=reason(row.type, item, tags, account=place.account),
        doubt=doubt,
    )


def _instant(expression: str, item: Item) -> datetime | None:
    """Return an instant of an item: services write dates, texts, or milliseconds since 1970."""
    value = compiled(expression).search(item) if expression else None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, tz=UTC)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _whole(place: Place, parts: Iterable[Inventory], tags: tagged.Tagged) -> Inventory:
    """Put the services together, and give each resource the tags that its own service does not tell."""
    parts = list(parts)
    live = [with_tags(one, tags.by_arn, place) for part in parts for one in part.live]
    unseen = [unseen for part in parts for unseen in part.unseen]
    if tags.why is not None:
        unseen.extend(Unseen(resource_type=one, reason=tags.why) for one in sorted(place.tagged))
    for arn, kind, attributes in tags.resources(place.tagged):
        identity = identify(kind, {"arn": arn, **attributes}, account=place.account, region=place.region)
        one = Live(identity=identity, region=place.region, name=attributes["name"])
        live.append(with_tags(one, tags.by_arn, place))
    return Inventory(
        place=place, live=tuple(live), unseen=tuple(unseen), strangers=tags.strangers(), tags=tags.by_arn
    )


def with_tags(live: Live, by_arn: Mapping[str, Mapping[str, str]], place: Place) -> Live:
    """Return a resource with the tags that are told of it elsewhere, where its own service tells none."""
    tags = live.tags or next((by_arn[name] for name in live.names if name in by_arn), {})
    if tags == live.tags:
        return live
    known = live.known or reason(live.identity.resource_type, {}, tags, account=place.account)
    return replace(live, tags=tags, known=known)


def _why(error: Exception) -> str:
    if isinstance(error, BotoCoreError | ClientError):
        return aws.why(error)
    return "the answer could not be read; correct AWS_ENDPOINT_URL, or what stands between"
