"""A story of made-up people, and the ways in which it can reach us."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Message = dict[str, Any]

# Few enough that people differ: who did everything has the same score as anybody else who did.
EVENTS_A_PERSON = 6
SHARE_OF_DUPLICATES = 0.12
TYPES = ("profile_view", "post_comment", "dm_received", "connection_request_received", "content_save")
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=20)


def story(prefix: str, events: int, *, seed: int = 1) -> list[Message]:
    """Each person's identify, and what they did, with ids of their own; `events` messages in all.

    Stories of one seed differ in nothing but the prefix of the people's ids, one letter.
    """
    chance, said = random.Random(seed), []
    for person in range(events // EVENTS_A_PERSON):
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


def mixed(said: list[Message], *, seed: int, a_batch: int) -> list[list[Message]]:
    """Batches of the story, shuffled, with duplicates; another seed is another order."""
    chance = random.Random(seed)
    all_ = said + chance.sample(said, int(len(said) * SHARE_OF_DUPLICATES))
    chance.shuffle(all_)
    return [all_[at : at + a_batch] for at in range(0, len(all_), a_batch)]
