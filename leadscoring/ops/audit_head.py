"""The head of the audit log, kept in a file: what a rewritten or shortened table can't take back.

The file never goes back, and never moves on over a log that doesn't contain it: after the table was cut or
rewritten it stays as it was, and `audit_verify` says so.
"""

import json
import logging
from pathlib import Path

from leadscoring.audit import chain
from leadscoring.audit.chain import Head
from leadscoring.ops.state import file_lock, write_private

log = logging.getLogger(__name__)


def kept(path: Path) -> Head | None:
    """What the file says; None where there is none. Raises ValueError where it can't be read."""
    if not path.exists():
        return None
    read = json.loads(path.read_text())
    if not isinstance(read, dict) or not isinstance(read.get("count"), int):
        raise ValueError(f"{path} holds no head of an audit log.")
    return Head(read["count"], str(read.get("hash")))


def keep(path: Path) -> bool:
    """Write and log the head if it moved on; whether it did."""
    with file_lock(path.with_name(f"{path.name}.lock")):
        before, now = kept(path) or Head(0, ""), chain.head()
        if now == before:
            return False
        if now.count < before.count or chain.hash_at(before.count) != before.hash:
            log.error("The audit log doesn't contain its head of before: number %d.", before.count)
            return False
        write_private(path, json.dumps({"count": now.count, "hash": now.hash}))
    log.info("Audit log: %d entries, the last %s", now.count, now.hash)
    return True
