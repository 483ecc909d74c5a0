"""The audit log's chain: whatever is done to the table, the first row that isn't as written is named."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from io import StringIO
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.utils import timezone

from leadscoring.audit import chain
from leadscoring.audit.models import AuditEntry, AuditHead
from leadscoring.audit.record import record
from leadscoring.ops import audit_head
from leadscoring.people.models import User

pytestmark = pytest.mark.usefixtures("committed_db")


def write(count: int = 1, *, action: str = "tests.done") -> None:
    system = User.objects.system()
    for number in range(count):
        record(action=action, target=system, actor=system, at=timezone.now(), number=number, why="ö “x”")


@pytest.fixture
def tamper(owner_connection: psycopg.Connection) -> Callable[..., None]:
    """Runs statements as the database's owner who has switched the guards off meanwhile."""

    def run(*statements: str) -> None:
        owner_connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        for statement in statements:
            owner_connection.execute(statement)
        owner_connection.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")

    return run


def test_entries_are_numbered_without_a_gap_and_each_names_the_one_before() -> None:
    write(3)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        _ = 1 / 0  # what is rolled back takes no number
    write(2)
    rows = list(AuditEntry.objects.order_by("sequence").values_list("sequence", "previous", "hash"))
    assert [sequence for sequence, *_ in rows] == [1, 2, 3, 4, 5]
    assert [previous for _, previous, _ in rows] == ["", *(own for *_, own in rows[:-1])]
    assert chain.head() == chain.Head(5, rows[-1][2])
    assert chain.first_broken() is None


def test_the_entries_of_one_transaction_are_chained_in_their_order() -> None:
    with transaction.atomic():
        write(1)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write(1)
            _ = 1 / 0
        write(2)
    assert [entry.data["number"] for entry in AuditEntry.objects.order_by("sequence")] == [0, 0, 1]
    assert chain.first_broken() is None


def test_an_empty_log_is_whole() -> None:
    assert chain.first_broken() is None
    assert chain.head() == chain.Head(0, "")


def test_writers_at_once_make_one_chain() -> None:
    writers, each = 4, 10
    barrier = Barrier(writers)

    def run(_writer: int) -> None:
        try:
            for _ in range(each):
                barrier.wait(60)
                with transaction.atomic():
                    write(2)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(run, range(writers)))
    assert chain.head().count == writers * each * 2
    assert chain.first_broken() is None


def test_who_waits_for_the_chain_holds_nothing_that_its_holder_needs() -> None:
    """Two that lock the same rows the other way round of their entries would stop each other for good."""
    barrier = Barrier(2)
    users = [User.objects.create_user(f"{name}@example.com", name=name) for name in "ab"]

    def run(first: User) -> None:
        try:
            for _ in range(5):
                barrier.wait(60)
                with transaction.atomic():
                    write()
                    for user in (users[0], users[1]):
                        User.objects.select_for_update().get(pk=user.pk)
                    write()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, users))
    assert chain.first_broken() is None


# What the app may not do.


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE audit_head SET count = 0",
        "DELETE FROM audit_head",
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_chain",
    ],
)
def test_the_app_only_adds(statement: str) -> None:
    write()
    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        cursor.execute(statement)


def test_nobody_brings_a_number_or_a_hash_along() -> None:
    write()
    system = User.objects.system()
    AuditEntry.objects.create(
        at=timezone.now(), actor=system, action="x", object_type="x", object_id="1", sequence=1, hash="f" * 64
    )
    assert chain.head().count == 2
    assert chain.first_broken() is None


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_even_the_owner_is_stopped_once(statement: str, owner_connection: psycopg.Connection) -> None:
    write()
    with pytest.raises(psycopg.errors.CheckViolation, match="only grows"):
        owner_connection.execute(statement)


# What is found.

MOVED = "CASE sequence WHEN 2 THEN 4 WHEN 4 THEN 2 END"


@pytest.mark.parametrize(
    ("deeds", "first", "says"),
    [
        (["UPDATE audit_entry SET action = 'tests.other' WHERE sequence = 3"], 3, "isn't what was recorded"),
        (["UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE sequence = 1"], 1, "isn't what"),
        (["UPDATE audit_entry SET data = '{}' WHERE sequence = 5"], 5, "isn't what"),
        (["UPDATE audit_entry SET hash = repeat('0', 64) WHERE sequence = 2"], 2, "isn't what"),
        (["DELETE FROM audit_entry WHERE sequence = 3"], 4, "Number 3 is missing"),
        (["DELETE FROM audit_entry WHERE sequence = 1"], 2, "Number 1 is missing"),
        (["DELETE FROM audit_entry WHERE sequence = 5"], 5, "ends at number 4"),
        (["DELETE FROM audit_entry"], 1, "ends at number 0"),
        (["TRUNCATE audit_entry"], 1, "ends at number 0"),
        (
            [
                "ALTER TABLE audit_entry DROP CONSTRAINT audit_sequence_once",
                f"UPDATE audit_entry SET sequence = {MOVED} WHERE sequence IN (2, 4)",
            ],
            2,
            "doesn't follow",
        ),
        (
            [
                "ALTER TABLE audit_entry DROP CONSTRAINT audit_sequence_once",
                "INSERT INTO audit_entry (at, actor_id, action, object_type, object_id, data, sequence,"
                " previous, hash) SELECT at, actor_id, 'forged', object_type, object_id, data, sequence,"
                " previous, hash FROM audit_entry WHERE sequence = 3",
            ],
            3,
            "was inserted",
        ),
    ],
)
def test_the_first_row_that_is_not_as_written_is_named(
    deeds: list[str], first: int, says: str, tamper: Callable[..., None]
) -> None:
    write(5)
    tamper(*deeds)
    found = chain.first_broken()
    assert found is not None
    assert (found.sequence, says in found.sentence) == (first, True), found


def test_a_row_that_was_never_chained_is_named(tamper: Callable[..., None]) -> None:
    write(2)
    tamper(
        "INSERT INTO audit_entry (at, actor_id, action, object_type, object_id, data, previous, hash)"
        " SELECT at, actor_id, 'forged', object_type, object_id, data, '', '' FROM audit_entry LIMIT 1"
    )
    found = chain.first_broken()
    assert found is not None
    assert (found.sequence, found.entry_id) == (None, AuditEntry.objects.latest("pk").pk)


def rewrite_from(number: int, tamper: Callable[..., None]) -> None:
    """Forge an entry and recompute every hash from there on, head included, as a determined owner could."""
    tamper(f"UPDATE audit_entry SET action = 'forged' WHERE sequence = {number}")
    for sequence in range(number, AuditHead.objects.get().count + 1):
        tamper(
            "UPDATE audit_entry e SET previous = p.hash FROM audit_entry p"
            f" WHERE e.sequence = {sequence} AND p.sequence = {sequence} - 1",
            f"UPDATE audit_entry e SET hash = {chain.HASH} WHERE e.sequence = {sequence}",
        )
    tamper("UPDATE audit_head SET hash = (SELECT hash FROM audit_entry ORDER BY sequence DESC LIMIT 1)")


# The head outside.


@pytest.fixture
def head_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "AUDIT_HEAD_FILE", tmp_path / "head.json")
    return tmp_path / "head.json"


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("audit_verify", *arguments, stdout=out)
    return out.getvalue()


def test_the_head_is_kept_outside_and_follows_the_log(head_file: Path) -> None:
    write(2)
    assert audit_head.keep(head_file)
    assert not audit_head.keep(head_file)
    write()
    assert audit_head.keep(head_file)
    assert audit_head.kept(head_file) == chain.head()
    assert verify() == "All 3 entries are as they were written; the kept head at 3.\n"
    told = json.loads(verify("--json"))
    assert told == {"entries": 3, "hash": chain.head().hash, "kept": 3, "first_broken": None}


def test_a_log_rewritten_with_all_its_hashes_is_found_by_the_head_outside(
    head_file: Path, tamper: Callable[..., None]
) -> None:
    write(4)
    audit_head.keep(head_file)
    rewrite_from(2, tamper)
    assert chain.first_broken() is None  # the table alone can't tell
    with pytest.raises(CommandError, match="Number 4 isn't the one that was once the last"):
        verify()
    write()
    assert not audit_head.keep(head_file)  # and the head doesn't move on over it
    with pytest.raises(CommandError, match="Number 4"):
        verify()


def test_a_log_cut_together_with_its_head_is_found_by_the_head_outside(
    head_file: Path, tamper: Callable[..., None]
) -> None:
    write(4)
    audit_head.keep(head_file)
    tamper(
        "DELETE FROM audit_entry WHERE sequence > 2",
        "UPDATE audit_head SET count = 2, hash = (SELECT hash FROM audit_entry WHERE sequence = 2)",
    )
    assert chain.first_broken() is None
    assert not audit_head.keep(head_file)
    with pytest.raises(CommandError, match="ends at number 2, and once had 4"):
        verify()


def test_a_broken_row_ends_the_command_with_an_error(head_file: Path, tamper: Callable[..., None]) -> None:
    write(2)
    tamper("UPDATE audit_entry SET action = 'tests.other' WHERE sequence = 2")
    with pytest.raises(CommandError, match="Number 2 isn't what was recorded"):
        verify()


@pytest.mark.parametrize("text", ["", "[1]", '{"count": "x"}', "{"])
def test_a_head_that_cannot_be_read_is_told(text: str, head_file: Path) -> None:
    head_file.write_text(text)
    with pytest.raises(CommandError, match="can't be read"):
        verify()


def test_entries_from_before_the_chain_are_chained_by_the_migration(tamper: Callable[..., None]) -> None:
    write(3)
    tamper("UPDATE audit_entry SET sequence = NULL, previous = '', hash = ''", "DELETE FROM audit_head")
    tamper(import_module("leadscoring.audit.migrations.0002_chain").CHAIN_WHAT_IS_THERE)
    assert chain.first_broken() is None
    write()
    assert (chain.head().count, chain.first_broken()) == (4, None)


def test_a_forged_insert_is_refused_where_its_transaction_ends_in_an_error() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(at=timezone.now(), actor_id=0, action="x", object_type="x", object_id="1")
    assert chain.head().count == 0
