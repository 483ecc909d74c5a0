"""Requests that come twice: with an Idempotency-Key the second gets the first one's answer, for seven days.

The answer is written in the transaction of what was done, so there is never one without the other.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leadscoring.api.answers import Answer
from leadscoring.api.models import KeptAnswer
from leadscoring.api.problems import Problem, problem_of
from leadscoring.errors import DomainError

KEPT = timedelta(days=7)
HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def checked_key(key: str) -> str:
    """Raises Problem for a key that isn't 1 to 255 visible ASCII characters."""
    if not _KEY.fullmatch(key):
        said = _("An Idempotency-Key is 1 to 255 visible ASCII characters.")
        raise Problem(400, "idempotency_key.invalid", said)
    return key


def digest_of(*parts: bytes) -> str:
    """What tells one request from another: the SHA-256 of all that makes it up."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def answer_once(*, caller: str, key: str, request: str, at: datetime, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, or the one that was kept for this caller's key; `request` is its digest.

    A refusal is kept like any other answer, and nothing is left of what it had begun. Raises Problem 422
    where the key was used for something else, 409 while its first request is still being worked on.
    """
    with transaction.atomic():
        if not _lock(caller, key):
            said = _("The first request with this key is still being worked on. Try again.")
            raise Problem(409, "idempotency_key.busy", said, headers={"Retry-After": "1"})
        kept = KeptAnswer.objects.filter(caller=caller, key=key).first()
        if kept is not None and kept.at > at - KEPT:
            return _again(kept, request)
        if kept is not None:
            kept.delete()
        answer = _answer(work)
        KeptAnswer.objects.create(
            caller=caller,
            key=key,
            request=request,
            status=answer.status,
            headers={**answer.headers, "Content-Type": answer.media_type},
            body=answer.text if answer.kept is None else answer.kept,
            at=at,
        )
    return answer


def forget(*, at: datetime) -> int:
    """Remove the answers that are older than seven days; how many they were."""
    return KeptAnswer.objects.filter(at__lte=at - KEPT).delete()[0]


def _answer(work: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():
            return work()
    except (Problem, DomainError) as refusal:
        return problem_of(refusal).answer()


def _again(kept: KeptAnswer, request: str) -> Answer:
    if kept.request != request:
        said = _("This Idempotency-Key was used for another request. Take a new one.")
        raise Problem(422, "idempotency_key.reused", said)
    headers = dict(kept.headers)
    media_type = headers.pop("Content-Type")
    answer = Answer(kept.status, kept.body, headers, media_type)
    return replace(answer, headers={**headers, "Idempotency-Replayed": "true"})


def _lock(caller: str, key: str) -> bool:
    """Hold the key to the end of the transaction, unless somebody else does."""
    number = int.from_bytes(hashlib.sha256(f"{caller}\0{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
