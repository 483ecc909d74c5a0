"""`make faults`: events come in, twice and shuffled, while web, worker, broker and PostgreSQL are killed.

The same story is told four times, each time in another order: while all are killed in turn, while the broker
is wiped, while PostgreSQL is away, and in peace. At the end none is lost, none counted twice, and all that
the four left is the same. An installation of its own, in a folder that goes afterwards:

    FAULT_EVENTS=100000 FAULT_KILLS=20 FAULT_WIPES=10 FAULT_AWAY=60 make faults

Verdicts come last; the exit code is 1 where one of them is bad.
"""

import atexit
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

from tests.faults.installation import PARTS, Installation
from tests.faults.sending import Tally, send
from tests.faults.story import TYPES, Message, mixed, story
from tests.faults.verdicts import DRAINED_SECONDS, RECOVERED_SECONDS, Verdicts, say

EVENTS = int(os.environ.get("FAULT_EVENTS", "100000"))
KILLS = int(os.environ.get("FAULT_KILLS", "20"))
WIPES = int(os.environ.get("FAULT_WIPES", "10"))
AWAY = float(os.environ.get("FAULT_AWAY", "60"))
PHASES = os.environ.get("FAULT_PHASES", "killed,wiped,away,in_peace").split(",")
SEED = int(os.environ.get("FAULT_SEED", "1"))
A_BATCH = 200
# How long is waited for what should take less, so that the verdict can say by how much it was late.
USED_SECONDS, PROGRESS_SECONDS = 300.0, 120.0


class Run:
    """One run on one installation: what is done to it, and what each telling leaves."""

    def __init__(self, app: Installation) -> None:
        self.app, self.books = app, app.books
        self.address = app.start(TYPES)
        self.chance = random.Random(SEED)
        self.verdicts = Verdicts()
        self.hashes: list[str] = []

    def phase(self, name: str, prefix: str) -> None:
        """Tell the story once, under these faults. What goes wrong is a verdict."""
        say(f"{name}: {EVENTS} events")
        start = time.monotonic()
        batches = mixed(story(prefix, EVENTS, seed=SEED), seed=ord(prefix) + SEED, a_batch=A_BATCH)
        try:
            answers = getattr(self, name)(batches)
            used = self.books.await_used(USED_SECONDS)
            say(f"all used {used:.1f} s after the last message; answers: {dict(answers)}")
            self.verdicts.holds(
                f"{name}: every 503 has Retry-After", "503 without Retry-After" not in answers
            )
            self.hashes.append(self.books.check(prefix, story(prefix, EVENTS, seed=SEED)))
        except AssertionError as error:
            self.app.say_why(*map(len, self.books.waiting()))
            self.verdicts.holds(f"{name}: {error}", False)
        else:
            self.verdicts.holds(f"{name}: none of {EVENTS} events lost, none counted twice", True)
        self.verdicts.seconds[name] = time.monotonic() - start

    def moments(self, tally: Tally, count: int, of: int) -> Iterator[None]:
        """So many moments at random while so many batches come in; each has seen progress since the last."""
        for share in sorted(self.chance.uniform(0.01, 0.9) for _ in range(count)):
            end = time.monotonic() + PROGRESS_SECONDS
            while tally.kept < share * of:
                assert time.monotonic() < end, f"no progress: {tally.answers}"
                time.sleep(0.05)
            yield

    def killed(self, batches: list[list[Message]]) -> Counter[str]:
        """Everything is killed in turn, at random moments."""
        parts, done = list(PARTS) * KILLS, Counter[str]()
        self.chance.shuffle(parts)

        def kill(tally: Tally) -> None:
            moments = self.moments(tally, len(parts), len(batches))
            for part, _moment in zip(parts, moments, strict=False):
                self.app.kill(part)
                done[part] += 1
                say(f"{part} killed with {tally.kept} of {len(batches)} batches kept")

        answers = send(batches, self.address, meanwhile=kill).answers
        self.verdicts.holds(f"killed with SIGKILL: {dict(done)}", done == dict.fromkeys(PARTS, KILLS))
        return answers

    def wiped(self, batches: list[list[Message]]) -> Counter[str]:
        """The broker forgets everything, as it runs or with its files; what waits then is used in time."""
        waits = list[float]()

        def wipe(tally: Tally) -> None:
            for _moment in self.moments(tally, WIPES, len(batches)):
                waiting, with_files = self.books.waiting(), self.chance.random() < 0.5
                self.app.wipe_broker(with_files=with_files)
                waits.append(self.books.await_used(USED_SECONDS, waiting))
                how = "killed and its files deleted" if with_files else "wiped as it ran"
                say(f"broker {how}: what waited was used {waits[-1]:.1f} s later")

        answers = send(batches, self.address, meanwhile=wipe).answers
        self.verdicts.within(f"backlog used after each of {WIPES} wipes", max(waits), DRAINED_SECONDS)
        return answers

    def away(self, batches: list[list[Message]]) -> Counter[str]:
        """PostgreSQL is away for long: senders are told to come again, nothing ends, all goes on at once."""
        half = len(batches) // 2
        before = send(batches[:half], self.address).answers
        self.books.await_used(USED_SECONDS)
        return before + send(batches[half:], self.address, meanwhile=self._take_away).answers

    def _take_away(self, _tally: Tally) -> None:
        running, answers = self.app.processes(), Counter[str]()
        self.app.take_away("postgres")
        end = time.monotonic() + AWAY
        while time.monotonic() < end:
            answers[self.address.post([_probe("away")])] += 1
            time.sleep(0.25)
        self.app.lease.ensure()
        start = time.monotonic()
        while self.address.post([_probe("back")]) != "200":
            time.sleep(0.05)
        accepted = time.monotonic() - start
        self.books.await_scored(PROBED, USED_SECONDS)
        scored, ended = time.monotonic() - start, running - self.app.processes()
        self.verdicts.holds(
            f"PostgreSQL away for {AWAY:g} s: answers {dict(answers)}", set(answers) == {"503"}
        )
        self.verdicts.holds(f"PostgreSQL away: {len(ended)} of {len(running)} processes ended", not ended)
        self.verdicts.within("PostgreSQL back: a new event is accepted", accepted, RECOVERED_SECONDS)
        self.verdicts.within("PostgreSQL back: and scored", scored, RECOVERED_SECONDS)

    def in_peace(self, batches: list[list[Message]]) -> Counter[str]:
        return send(batches, self.address).answers

    def judge(self) -> bool:
        """Say what holds and what doesn't; whether all does."""
        same = len(self.hashes) == len(PHASES) and len(set(self.hashes)) == 1
        self.verdicts.holds(f"what {len(PHASES)} tellings left is the same: {sorted(set(self.hashes))}", same)
        self.verdicts.holds(f"ended by themselves: {self.app.ended or 'none'}", not self.app.ended)
        return self.verdicts.say()


PROBED = "z-probe"


def _probe(name: str) -> Message:
    """A message about somebody who is in no story."""
    about = {"userId": PROBED, "traits": {"email": "probe@faults.example"}}
    return {"type": "identify", "messageId": name, "timestamp": datetime.now(UTC).isoformat(), **about}


def main() -> int:
    # However it ends, but for SIGKILL, nothing of it stays.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="leadscoring-faults-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    start = time.monotonic()
    app = Installation(folder)
    try:
        run = Run(app)
        run.verdicts.seconds["setting up"] = time.monotonic() - start
        for name, prefix in zip(PHASES, "abcd", strict=False):
            run.phase(name, prefix)
        good = run.judge()
    finally:
        app.stop()
    say(f"{time.monotonic() - start:.0f} s in all: {'all holds' if good else 'FAILED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
