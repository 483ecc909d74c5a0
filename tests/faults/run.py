"""`make faults`: events come in, twice and shuffled, while web, worker, broker and PostgreSQL are killed.

At the end none is lost, none counted twice, and the scores are those of the same story told again without any
kill. An installation of its own, in a folder that goes afterwards:

    FAULT_EVENTS=100000 FAULT_KILLS=20 make faults
"""

import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.mkdtemp(prefix="leadscoring-faults-"))
os.environ |= {"LEADSCORING_STATE": str(FOLDER), "LEADSCORING_EMBEDDED": "1", "LEADSCORING_DEMO": "0"}
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
    "LOG_LEVEL": "ERROR",
    "DATABASE_CONN_MAX_AGE": "0",
}
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
    os.environ.pop(name, None)

import django  # noqa: E402  the settings read what was set above

from leadscoring.ops import embedded  # noqa: E402
from leadscoring.ops.children import Child, stop_all  # noqa: E402
from leadscoring.ops.processes import free_port, wait_until  # noqa: E402
from leadscoring.ops.run import answers, children  # noqa: E402
from leadscoring.ops.state import State  # noqa: E402

EVENTS = int(os.environ.get("FAULT_EVENTS", "100000"))
KILLS = int(os.environ.get("FAULT_KILLS", "20"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
A_BATCH = 200
SENDERS = 2
# Few enough that people differ: who did everything has the same score as anybody else who did.
EVENTS_A_PERSON = 6
SHARE_OF_DUPLICATES = 0.12
DRAIN_SECONDS = 600
TYPES = ("profile_view", "post_comment", "dm_received", "connection_request_received", "content_save")
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=20)


@dataclass
class Tally:
    """What happened on the way."""

    kills: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    def note(self, status: object) -> None:
        self.answers[str(status)] = self.answers.get(str(status), 0) + 1


def story(prefix: str) -> list[dict[str, Any]]:
    """Each person's identify, and events with ids of their own, in the order of their times."""
    chance, said = random.Random(SEED), []
    for person in range(EVENTS // EVENTS_A_PERSON):
        who = f"{prefix}{person}"
        traits = {"email": f"{who}@faults.example", "title": "VP Sales"}
        about = {"userId": who, "anonymousId": f"anonymous-{who}", "timestamp": START.isoformat()}
        said.append({"type": "identify", "messageId": f"{who}-identify", "traits": traits, **about})
        for number in range(EVENTS_A_PERSON - 1):
            at = START + timedelta(minutes=chance.randrange(20_000))
            named = {"userId": who} if chance.random() < 0.7 else {"anonymousId": f"anonymous-{who}"}
            event = {"type": "track", "messageId": f"{who}-{number}", "event": chance.choice(TYPES), **named}
            said.append({**event, "timestamp": at.isoformat()})
    return said


def mixed(said: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Batches of the story, shuffled, with duplicates."""
    chance = random.Random(SEED + 1)
    all_ = said + chance.sample(said, int(len(said) * SHARE_OF_DUPLICATES))
    chance.shuffle(all_)
    return [all_[at : at + A_BATCH] for at in range(0, len(all_), A_BATCH)]


class Sender(threading.Thread):
    """Posts batches, each until it is answered 200."""

    def __init__(self, batches: list[list[dict[str, Any]]], port: int, key: str, tally: Tally) -> None:
        super().__init__()
        self.batches, self.url, self.tally = batches, f"http://127.0.0.1:{port}/v1/batch", tally
        self.headers = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}

    def run(self) -> None:
        for batch in self.batches:
            raw = json.dumps({"batch": batch}).encode()
            while not self._is_kept(raw):
                time.sleep(0.2)

    def _is_kept(self, raw: bytes) -> bool:
        request = urllib.request.Request(self.url, raw, self.headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.tally.note(answer.status)
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            waits = "Retry-After" in error.headers
            self.tally.note(error.code if waits or error.code != 503 else "503 without Retry-After")
        except OSError:
            self.tally.note("no answer")
        return False


class Installation:
    """The app in a folder of its own, whose parts can be killed."""

    def __init__(self) -> None:
        self.port = free_port()
        os.environ["PORT"] = str(self.port)
        lease = embedded.enter(broker=True)
        assert lease is not None
        self.lease = lease
        self.crew = {child.name: child for child in children(State.from_environment(), self.port)}

    def start(self) -> None:
        for child in self.crew.values():
            child.start()
        assert wait_until(lambda: answers(self.port), 120, 0.2), "The app does not answer."

    def kill(self, part: str) -> None:
        """SIGKILL a part, and start it again."""
        if part in self.crew:
            self.crew[part].kill_group()
            self.crew[part].start()
            return
        server = self.lease.postgres if part == "postgres" else self.lease.valkey
        pid = server._pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
        self.lease.ensure()

    def exits(self) -> list[str]:
        """Parts that ended though nobody killed them."""
        return [one.name for one in self.crew.values() if one.process and one.process.poll() is not None]

    def stop(self) -> None:
        stop_all(list[Child](self.crew.values()))


def tell(app: Installation, prefix: str, key: str, tally: Tally, *, kills: int) -> None:
    """Send the story while parts are killed in turn, and wait until it has been used."""
    batches = mixed(story(prefix))
    senders = [Sender(batches[at::SENDERS], app.port, key, tally) for at in range(SENDERS)]
    for sender in senders:
        sender.start()
    turn = 0
    while turn < 4 * kills:
        time.sleep(0.3)
        assert not app.exits(), f"ended by themselves: {app.exits()}"
        part = ("web", "worker", "valkey", "postgres")[turn % 4]
        app.kill(part)
        tally.kills[part] = tally.kills.get(part, 0) + 1
        print(f"{part} killed, {tally.answers}", flush=True)
        turn += 1
    for sender in senders:
        sender.join()


def main() -> None:
    app = Installation()
    code = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "manage.py", "set_up"])
    assert code == 0, "set_up failed"
    django.setup()
    # The models can be imported only now.
    from tests.faults import checks  # noqa: PLC0415

    key = checks.prepare(TYPES)
    tally = Tally()
    try:
        app.start()
        tell(app, "a", key, tally, kills=KILLS)
        took = checks.await_used(DRAIN_SECONDS)
        print(f"used {took:.1f} s after the last kill and message; {tally}", flush=True)
        tell(app, "b", key, Tally(), kills=0)
        checks.await_used(DRAIN_SECONDS)
        checks.compare(story("a"), "a", "b")
        assert "503 without Retry-After" not in tally.answers, tally
    finally:
        app.stop()
    print(f"{EVENTS} events: none lost, none counted twice, the same scores: {checks.state_hash('a')}")


if __name__ == "__main__":
    main()
