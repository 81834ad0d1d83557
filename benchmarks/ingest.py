"""Posts to orders: pages of X kept, read, placed and told of; beside the bare parse and one bulk insert.

`./run bench ingest [pages] [rounds]`: so many pages of 100 posts for each figure, repeats included, one
process. The yardstick parses the same pages and inserts their posts into a table of the inbox's columns, by
one statement and one commit a page. Ours is what the poll does with a page, and the worker that it wakes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import _databases
from benchmarks._rounds import Case, Contest, Goal, argument, run, say
from benchmarks._timeline import Timeline
from payments.models import Notification, Order
from smoney.celery import spare_what_stays
from social import events, inbox, posts, x
from social.models import Message

MEMBERS, QUERIES = 10_000, 6
# Pages before the first round: plans for tables of a few blocks scan them, and still do when they have grown.
WARM = 25
BARE = """
CREATE TABLE bare (LIKE social_message INCLUDING IDENTITY,
                   PRIMARY KEY (id), UNIQUE (channel, kind, external_id));
GRANT ALL ON bare TO {role}
"""
JOINED = """
UPDATE accounts_identity SET name = initcap(handle), linked_at = now() - interval '1 day',
                             seen_at = now() - interval '1 day'
"""
INSERT = """
INSERT INTO bare (channel, kind, external_id, root_id, author_id, text, payload, posted_at, received_at,
                  outcome, problem)
SELECT 'x', 'POST', id, id, author, text, payload, posted_at, %s, '', ''
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[])
       AS page (id, author, text, payload, posted_at)
    ON CONFLICT (channel, kind, external_id) DO NOTHING
"""


@dataclass
class Asked:
    """How many queries each page took."""

    each: list[int] = field(default_factory=list)
    queries: int = 0

    def count(self, go_on: Callable[..., Any], *rest: Any) -> Any:
        self.queries += 1
        return go_on(*rest)

    def end_page(self) -> None:
        self.each.append(self.queries)
        self.queries = 0


def main() -> int:
    count, rounds, asked = argument(1, 25), argument(2, 5), Asked()
    spare_what_stays()  # As a worker does.
    with _databases.made("ingest") as (name,):
        say(f"{MEMBERS:,} members join …")
        timeline = _prepared(name)
        bare, ours = partial(_bare, timeline, count), partial(_ingest, timeline, count, asked)
        case = Case("ingest", Goal(0.1), ours, {"posts a page": x.PAGE})
        run("ingest", Contest("parse and insert", bare, [case], "posts/s"), rounds=rounds)
        made = Order.objects.count(), Notification.objects.count(), Message.objects.count()
        _databases.check(name)
    say(f"{made[2]:,} posts became {made[0]:,} orders, of which {made[1]:,} were told")
    say(f"queries a page: {min(asked.each)} to {max(asked.each)}, {statistics.median(asked.each):g} mostly")
    return 0 if max(asked.each) <= QUERIES else 1


def _prepared(name: str) -> Timeline:
    """Members with linked accounts; tables that are not empty, for which statements are planned."""
    _databases.fill(name, members=MEMBERS)
    members = [(identity.external_id, identity.handle) for identity in _databases.identities()]
    _databases.execute(name, JOINED)
    timeline = Timeline(members)
    role = connection.ops.quote_name(str(settings.DATABASES["default"]["USER"]))
    _databases.execute(name, BARE.format(role=role))
    _bare(timeline, WARM)
    _ingest(timeline, WARM, Asked())
    _databases.execute(name, "VACUUM ANALYZE")
    return timeline


def _ingest(timeline: Timeline, count: int, asked: Asked) -> float:
    """Posts a second, from a page's bytes to orders of which their payers are told.

    :raises AssertionError: if a post is left
    """
    pages = timeline.pages(count)
    began = time.perf_counter()
    with connection.execute_wrapper(asked.count):
        for page in pages:
            events.hear(posts.page(json.loads(page)), at=timezone.now())
            inbox.handle()
            asked.end_page()
    rate = x.PAGE * count / (time.perf_counter() - began)
    assert not Message.objects.filter(handled_at=None).exists()
    return rate


def _bare(timeline: Timeline, count: int) -> float:
    """Posts a second, parsed and inserted."""
    pages = timeline.pages(count)
    began = time.perf_counter()
    for page in pages:
        rows = json.loads(page)["data"]
        facts = zip(*(_row(post) for post in rows), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [timezone.now(), *(list(column) for column in facts)])
    return x.PAGE * count / (time.perf_counter() - began)


def _row(post: dict[str, Any]) -> tuple[str, ...]:
    return post["id"], post["author_id"], post["text"], json.dumps(post), post["created_at"]


if __name__ == "__main__":
    sys.exit(main())
