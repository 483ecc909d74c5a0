"""`make faults`: events come in, twice and shuffled, while web, worker, broker and PostgreSQL are killed.

The same story is told four times, each time in another order: while all are killed in turn, while the broker
is wiped, while PostgreSQL is away, and in peace. At the end none is lost, none counted twice, and all that
the four left is the same. An installation of its own, in a folder that goes afterwards:

    FAULT_EVENTS=100000 FAULT_KILLS=20 FAULT_WIPES=10 FAULT_AWAY=60 make faults
"""

import atexit
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

from tests.faults.installation import PARTS, Installation
from tests.faults.sending import Address, Tally, send
from tests.faults.story import TYPES, Message, mixed, story

EVENTS = int(os.environ.get("FAULT_EVENTS", "100000"))
KILLS = int(os.environ.get("FAULT_KILLS", "20"))
WIPES = int(os.environ.get("FAULT_WIPES", "10"))
AWAY = float(os.environ.get("FAULT_AWAY", "60"))
PHASES = os.environ.get("FAULT_PHASES", "killed,wiped,away,in_peace").split(",")
SEED = int(os.environ.get("FAULT_SEED", "1"))
A_BATCH = 200
USED_SECONDS, DRAINED_SECONDS, RECOVERED_SECONDS = 1_200.0, 60.0, 5.0
PROGRESS_SECONDS = 600.0


@dataclass
class Run:
    """One run on one installation: what was done to it, and what each telling left."""

    app: Installation
    address: Address
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    hashes: dict[str, str] = field(default_factory=dict)

    def batches(self, prefix: str) -> list[list[Message]]:
        return mixed(story(prefix, EVENTS, seed=SEED), seed=ord(prefix) + SEED, a_batch=A_BATCH)

    def used(self, prefix: str, tally: Tally) -> None:
        """Wait until all is used, and note what it left."""
        took = self.app.books.await_used(USED_SECONDS)
        self.hashes[prefix] = self.app.books.check(prefix, story(prefix, EVENTS, seed=SEED))
        assert "503 without Retry-After" not in tally.answers, tally.answers
        say(f"all used {took:.1f} s after the last message; answers: {dict(tally.answers)}")

    def moments(self, tally: Tally, count: int, batches: Sequence[object]) -> Iterator[None]:
        """So many moments at random while batches come in; each has seen some progress since the last."""
        for share in sorted(self.chance.uniform(0.01, 0.9) for _ in range(count)):
            end = time.monotonic() + PROGRESS_SECONDS
            while tally.kept < share * len(batches):
                self.app.look_after()
                assert time.monotonic() < end, f"no progress: {tally.answers}"
                time.sleep(0.05)
            yield

    def killed(self) -> None:
        """Everything is killed in turn, at random moments."""
        batches, done = self.batches("a"), Counter[str]()
        parts = list(PARTS) * KILLS
        self.chance.shuffle(parts)

        def kill(tally: Tally) -> None:
            for part, _moment in zip(parts, self.moments(tally, len(parts), batches), strict=False):
                self.app.kill(part)
                done[part] += 1
                say(f"{part} killed with {tally.kept} of {len(batches)} batches kept")

        tally = send(batches, self.address, meanwhile=kill)
        assert done == dict.fromkeys(PARTS, KILLS), done
        self.used("a", tally)

    def wiped(self) -> None:
        """The broker forgets everything, as it runs or with its files; what waits then is used in time."""
        batches, waits = self.batches("b"), list[float]()

        def wipe(tally: Tally) -> None:
            for _moment in self.moments(tally, WIPES, batches):
                last = self.app.books.last()
                with_files = self.chance.random() < 0.5
                self.app.wipe_broker(with_files=with_files)
                try:
                    waits.append(self.app.books.await_used(DRAINED_SECONDS, last))
                except AssertionError:
                    self.app.say_why(self.app.books.count_waiting())
                    raise
                how = "killed and its files deleted" if with_files else "wiped as it ran"
                say(f"broker {how}: what waited was used {waits[-1]:.1f} s later")

        tally = send(batches, self.address, meanwhile=wipe)
        self.used("b", tally)
        say(f"{WIPES} wipes, backlogs used within {max(waits):.1f} s")

    def away(self) -> None:
        """PostgreSQL is away for long: senders are told to come again, nothing ends, all goes on at once."""
        batches = self.batches("c")
        half = len(batches) // 2
        send(batches[:half], self.address)
        self.app.books.await_used(USED_SECONDS)
        self.used("c", send(batches[half:], self.address, meanwhile=self._check_away))

    def _check_away(self, _tally: Tally) -> None:
        before = self.app.processes()
        self.app.take_away("postgres")
        answers, end = Counter[str](), time.monotonic() + AWAY
        while time.monotonic() < end:
            answers[self.address.post([_probe("away")])] += 1
            time.sleep(0.25)
        assert set(answers) == {"503"}, answers
        self.app.lease.ensure()
        start, probe = time.monotonic(), _probe("back")
        while self.address.post([probe]) != "200":
            time.sleep(0.05)
        accepted = time.monotonic() - start
        self.app.books.await_used(RECOVERED_SECONDS * 4, self.app.books.last())
        scored = time.monotonic() - start
        say(f"away {AWAY:.0f} s: {dict(answers)}; accepting {accepted:.1f} s, scoring {scored:.1f} s after")
        assert scored <= RECOVERED_SECONDS, scored
        assert self.app.processes() >= before, "Some process ended."

    def in_peace(self) -> None:
        self.used("d", send(self.batches("d"), self.address))


def _probe(name: str) -> Message:
    """A message about somebody who is in no story."""
    about = {"userId": "z-probe", "traits": {"email": "probe@faults.example"}}
    return {"type": "identify", "messageId": name, "timestamp": datetime.now(UTC).isoformat(), **about}


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="leadscoring-faults-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    app = Installation(folder)
    try:
        run = Run(app, app.start(TYPES))
        for phase in PHASES:
            say(f"{phase}: {EVENTS} events")
            getattr(run, phase)()
            app.look_after()
        say(f"ended by themselves and started again: {app.ended or 'none'}")
        assert len(set(run.hashes.values())) == 1, run.hashes
    finally:
        app.stop()
    once, *_same = run.hashes.values()
    say(f"{EVENTS} events, {len(PHASES)} times: none lost, none counted twice, all the same: {once}")


if __name__ == "__main__":
    main()
