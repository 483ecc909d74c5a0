"""The chain of audit entries: each hash covers an entry and the hash before it, so no row changes unnoticed.

A deferred trigger (migration 0002) numbers and hashes the entries of a transaction when it commits, one
transaction after the other, under a lock on the head's row. Entries are made late in their transactions and
chained last of all, so nobody waits for that lock while holding what another needs.
"""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from leadscoring.audit.models import AuditHead

# What the trigger computes, here over `audit_entry e`: changing it would break every chain there is.
HASH = """
encode(sha256(convert_to(jsonb_build_array(
    e.sequence, e.previous, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    e.actor_id, e.action, e.object_type, e.object_id, e.data)::text, 'UTF8')), 'hex')
"""

_FIRST_BROKEN = f"""
SELECT * FROM (
    SELECT e.id, e.sequence, lag(e.sequence, 1, 0::bigint) OVER rows + 1 AS expected,
           e.previous = lag(e.hash, 1, '') OVER rows AS follows, e.hash = {HASH} AS is_whole
      FROM audit_entry e
    WINDOW rows AS (ORDER BY e.sequence NULLS LAST, e.id)
) checked
 WHERE (sequence = expected AND follows AND is_whole) IS NOT TRUE
 ORDER BY sequence NULLS LAST, id
 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, and the hash of the last ("": none)."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that isn't as it was written. `entry_id` is None where the rows are missing."""

    sequence: int | None
    entry_id: int | None
    sentence: str


def head() -> Head:
    """The head that the database keeps."""
    row = AuditHead.objects.filter(pk=1).values_list("count", "hash").first()
    return Head(*row) if row else Head(0, "")


def hash_at(sequence: int) -> str | None:
    """The hash of the entry with that number; None where there is none. The chain begins with ""."""
    if sequence == 0:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM audit_entry WHERE sequence = %s", [sequence])
        row = cursor.fetchone()
    return row[0] if row else None


def first_broken(*heads: Head) -> Broken | None:
    """Check every row, then that the chain reaches the database's head and each of `heads`, kept elsewhere.

    Reads the whole table once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_BROKEN)
        row = cursor.fetchone()
    if row is not None:
        return _broken(*row)
    ends = _end()
    return _against(ends, head(), exactly=True) or next(
        (broken for kept in heads if (broken := _against(ends, kept, exactly=False))), None
    )


def _broken(
    entry_id: int, sequence: int | None, expected: int | None, follows: bool, is_whole: bool
) -> Broken:
    if sequence is None:
        said = _("Entry %(id)d was never chained.") % {"id": entry_id}
    elif sequence != expected:
        said = _("Number %(expected)s is missing, or number %(sequence)d was inserted.") % {
            "expected": expected,
            "sequence": sequence,
        }
    elif not follows:
        said = _("Number %(sequence)d doesn't follow the entry before it.") % {"sequence": sequence}
    else:
        said = _("Number %(sequence)d isn't what was recorded.") % {"sequence": sequence}
    return Broken(sequence, entry_id, said)


def _end() -> Head:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequence, hash FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return Head(*row) if row else Head(0, "")


def _against(ends: Head, kept: Head, *, exactly: bool) -> Broken | None:
    """Whether what is there goes on from a head that was kept: is as long at least, and has its hash."""
    if ends.count < kept.count:
        said = _("The log ends at number %(end)d, and once had %(kept)d entries.")
        return Broken(ends.count + 1, None, said % {"end": ends.count, "kept": kept.count})
    if hash_at(kept.count) != kept.hash:
        said = _("Number %(kept)d isn't the one that was once the last.")
        return Broken(kept.count, None, said % {"kept": kept.count})
    if exactly and ends.count > kept.count:
        said = _("Number %(next)d was added past the log's own way.")
        return Broken(kept.count + 1, None, said % {"next": kept.count + 1})
    return None
