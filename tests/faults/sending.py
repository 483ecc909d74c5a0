"""Trackers that send a story, each batch until it is answered 200."""

import json
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.story import Message

SENDERS = 2
PAUSE = 0.2  # seconds until a batch that wasn't kept is sent again


@dataclass
class Tally:
    """What senders were answered, and how many batches are kept."""

    answers: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: str) -> None:
        with self.lock:
            self.answers[answer] += 1
            self.kept += answer == "200"


@dataclass(frozen=True)
class Address:
    """Where to send, and with which write key."""

    port: int
    key: str

    def post(self, batch: Sequence[Message]) -> str:
        """How it was answered: a status, with what it lacks, or that there was no answer."""
        coded = b64encode(f"{self.key}:".encode()).decode()
        url, raw = f"http://127.0.0.1:{self.port}/v1/batch", json.dumps({"batch": batch}).encode()
        request = urllib.request.Request(url, raw, {"Authorization": f"Basic {coded}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            lacks = error.code == 503 and "Retry-After" not in error.headers
            return f"{error.code} without Retry-After" if lacks else str(error.code)
        except OSError:
            return "no answer"


class Sender(threading.Thread):
    def __init__(self, batches: Sequence[Sequence[Message]], address: Address, tally: Tally) -> None:
        super().__init__(daemon=True)
        self.batches, self.address, self.tally = batches, address, tally

    def run(self) -> None:
        for batch in self.batches:
            while (answer := self.address.post(batch)) != "200":
                self.tally.note(answer)
                time.sleep(PAUSE)
            self.tally.note(answer)


def send(
    batches: Sequence[Sequence[Message]],
    address: Address,
    *,
    meanwhile: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Send all, `meanwhile` doing what it does; returns when every batch is kept."""
    tally = Tally()
    senders = [Sender(batches[at::SENDERS], address, tally) for at in range(SENDERS)]
    for sender in senders:
        sender.start()
    meanwhile(tally)
    for sender in senders:
        sender.join()
    return tally
