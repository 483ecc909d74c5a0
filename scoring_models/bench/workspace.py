"""The rep's workspace: pages of the queue through the real view, next lead under a crowd, keys in a browser.

All on the bench's database, which a run before has left there (`--keep`), so that one run takes minutes.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from unittest.mock import patch

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from leads.models import Claim
from leads.queue import claims
from leadscoring.ops import memory
from leadscoring.ops.postgres import OWNER, WEB, PostgresServer
from leadscoring.ops.processes import LOCALHOST, wait_until
from leadscoring.ops.state import BASE_DIR, State
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.bench.database import NAME
from scoring_models.bench.figures import in_milliseconds

REPS, PAGES_A_REP = 50, 6
CROWD, PRESSES = 20, 15
KEY_ROUNDS = 15
PAGE_MS, QUERIES, NEXT_MS, LOCAL_MS, VERB_MS = 100.0, 12, 150.0, 50.0, 150.0
PATH = "/queue/?only=now"
API_PATH = "/api/v1/leads/"
LIST_MS, LISTS_A_REP = 60.0, 4
PORT = 8917


def measure() -> dict[str, object]:
    """All figures of the workspace, with their targets."""
    call_command("collectstatic", interactive=False, verbosity=0)
    memory.settle()
    reps = list(User.objects.filter(groups__name=Role.REP, is_active=True).order_by("pk")[:REPS])
    return {**pages(reps), **lists(reps), **crowd(reps[:CROWD]), **keys(reps[0])}


def signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.handler.load_middleware()  # which a server does once, and each of these would at its first request
    return client


def pages(reps: Sequence[User]) -> dict[str, object]:
    """A page of the queue for one rep after the other: view, HTML, compression. And how much it asks for."""
    clients = [signed_in(rep) for rep in reps]
    times: list[float] = []
    for _ in range(2):
        clients[0].get(PATH)
    for place in range(PAGES_A_REP):
        for client in clients:
            start = time.perf_counter()
            answer = client.get(PATH)
            took = time.perf_counter() - start
            assert answer.status_code == 200, answer.status_code
            # What a rep's first look costs is in the times of later rounds, too: nothing is kept for a rep.
            times += [took] if place else []
    asked = queries(clients[0])
    return {
        "page": in_milliseconds(times, PAGE_MS, share=0.95),
        "page_queries": {"most": asked, "target": QUERIES, "reached": asked <= QUERIES},
        "page_kib": round(len(answer.content) / 1024, 1),
    }


def lists(reps: Sequence[User]) -> dict[str, object]:
    """The API's list of 50 leads: first pages and the ones after, of all and of those that a search finds."""
    times: list[float] = []
    for query in ("", "?q=last+77"):  # what is loaded at the first request isn't at any other
        signed_in(reps[0]).get(API_PATH + query)
    for rep in reps:
        client = signed_in(rep)
        for query in ("", "?q=last+77"):
            path = API_PATH + query
            for _ in range(LISTS_A_REP // 2):
                start = time.perf_counter()
                answer = client.get(path)
                times.append(time.perf_counter() - start)
                assert answer.status_code == 200, answer.status_code
                joined = "&" if query else "?"
                path = f"{API_PATH}{query}{joined}cursor={answer.json()['next']}"
    return {"api_list": in_milliseconds(times, LIST_MS, share=0.95)}


def queries(client: Client) -> int:
    """How many statements one page sends, by whichever cursor."""
    count = 0
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        return execute(cursor, *arguments, **options)

    with patch.object(psycopg.Cursor, "execute", counted):
        client.get(PATH)
    return count


@dataclass(frozen=True, slots=True)
class Press:
    lead_id: int | None
    seconds: float


def crowd(reps: Sequence[User]) -> dict[str, dict[str, object]]:
    """Reps who press for the next lead at the same moment, each on a connection of their own."""
    begun, together = timezone.now(), Barrier(len(reps), timeout=60)
    with ThreadPoolExecutor(len(reps)) as pool:
        hands = [pool.submit(_press, rep, together) for rep in reps]
        presses = [press for hand in hands for press in hand.result()]
    given = Counter(press.lead_id for press in presses if press.lead_id is not None)
    Claim.objects.filter(user__in=reps, taken_at__gte=begun).delete()
    return {
        "next_lead": {
            **in_milliseconds([press.seconds for press in presses], NEXT_MS),
            "presses": len(presses),
            "given_twice": sum(count - 1 for count in given.values()),
        }
    }


def _press(rep: User, together: Barrier) -> list[Press]:
    rep = User.objects.get(pk=rep.pk)
    claims.next_lead(user=rep, now=timezone.now())
    found = []
    for _ in range(PRESSES):
        together.wait()
        start = time.perf_counter()
        lead = claims.next_lead(user=rep, now=timezone.now())
        found.append(Press(None if lead is None else lead.pk, time.perf_counter() - start))
    connection.close()
    return found


def keys(rep: User) -> dict[str, object]:
    """From a key's press to the painted result, in a browser that is alone."""
    with served() as url:
        cookie = signed_in(rep).cookies[settings.SESSION_COOKIE_NAME].value
        command = [sys.executable, "-m", "scoring_models.bench.pressing", url, settings.SESSION_COOKIE_NAME]
        done = subprocess.run(
            [*command, cookie, str(KEY_ROUNDS)],
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    if done.returncode:
        return {"keys": {"failed": done.stderr.strip().splitlines()[-1:]}}
    seconds: Mapping[str, list[float]] = json.loads(done.stdout)
    targets = {"local": LOCAL_MS, "verbs": VERB_MS}
    each = {name: in_milliseconds(times) for name, times in seconds.items() if name not in targets}
    sums = {
        f"keys_{name}": in_milliseconds(seconds[name], target, share=0.95) for name, target in targets.items()
    }
    return {**sums, "keys": each}


@contextmanager
def served() -> Iterator[str]:
    """The app as `make run` serves it, on the bench's database."""
    server = PostgresServer(State.from_environment())
    environment = os.environ | {
        "DATABASE_URL": server.url(WEB, NAME),
        "DATABASE_OWNER_URL": server.url(OWNER, NAME),
        "SECRET_KEY": settings.SECRET_KEY,  # a session of ours is to be one of theirs
    }
    web = [sys.executable, "-m", "gunicorn", "leadscoring.wsgi", f"--bind={LOCALHOST}:{PORT}", "--threads=8"]
    with subprocess.Popen(
        [*web, "--worker-class=gthread", "--no-control-socket", "--log-level=warning"],
        cwd=BASE_DIR,
        env=environment,
    ) as process:
        try:
            url = f"http://{LOCALHOST}:{PORT}"
            if not wait_until(lambda: _answers(url), 60):
                raise RuntimeError("The app doesn't answer.")
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/login/", timeout=5).close()
    except OSError:
        return False
    return True
