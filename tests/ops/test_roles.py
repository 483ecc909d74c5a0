"""What the app's database role may not do, however the app asks."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection
from psycopg import sql

from leadscoring.ops import grants
from leadscoring.ops.postgres import OWNER
from leadscoring.ops.roles import APP_ROLE
from tests.conftest import superuser

REFUSED = r"permission denied|must be owner"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def privileges_on(table: str) -> set[str]:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind FROM unnest(%s::text[]) AS kind WHERE has_table_privilege(current_user, %s, kind)",
            [list(kinds), table],
        )
        return {kind for (kind,) in cursor.fetchall()}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "ALTER TABLE people_user ADD COLUMN mine int",
        "ALTER TABLE people_user DISABLE TRIGGER ALL",
        "ALTER TABLE people_user OWNER TO leadscoring_app",
        "CREATE TRIGGER mine AFTER INSERT ON people_user EXECUTE FUNCTION trigger_in()",
        "CREATE INDEX mine ON people_user (id)",
        "DROP TABLE people_user",
        "TRUNCATE people_user",
        "SET session_replication_role = replica",
        "SET ROLE leadscoring_owner",
        "DELETE FROM django_migrations",
        "ALTER ROLE leadscoring_web CREATEROLE",
    ],
)
@pytest.mark.parametrize("before", ["", "RESET ROLE; "])
def test_the_app_has_no_say_over_the_schema(db: None, before: str, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=REFUSED):
        run(before + statement)


def test_the_app_reads_and_writes_ordinary_tables(db: None) -> None:
    assert privileges_on("people_user") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_the_app_may_make_temporary_tables(db: None) -> None:
    run("CREATE TEMPORARY TABLE incoming (id int); INSERT INTO incoming VALUES (1)")


def test_apps_restrict_what_may_be_done_with_a_table(
    committed_db: None, owner_connection: psycopg.Connection, restrict: Callable[[dict[str, str]], None]
) -> None:
    owner_connection.execute("CREATE TABLE kept (id int, note text)")
    restrict({"kept": "SELECT, INSERT, UPDATE (note)"})
    call_command("migrate", verbosity=0)
    assert privileges_on("kept") == {"SELECT", "INSERT"}
    run("INSERT INTO kept VALUES (1, 'a'); UPDATE kept SET note = 'b'")
    with pytest.raises(ProgrammingError, match=REFUSED):
        run("UPDATE kept SET id = 2")


def test_a_restriction_taken_back_gives_the_rights_again(
    committed_db: None, owner_connection: psycopg.Connection, restrict: Callable[[dict[str, str]], None]
) -> None:
    owner_connection.execute("CREATE TABLE kept (id int)")
    restrict({"kept": ""})
    call_command("migrate", verbosity=0)
    assert privileges_on("kept") == set()
    restrict({})
    call_command("migrate", verbosity=0)
    assert privileges_on("kept") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_partitions_are_reached_by_their_parent_only(
    committed_db: None, owner_connection: psycopg.Connection, restrict: Callable[[dict[str, str]], None]
) -> None:
    owner_connection.execute("CREATE TABLE kept (id int) PARTITION BY LIST (id)")
    owner_connection.execute("CREATE TABLE kept_default PARTITION OF kept DEFAULT")
    restrict({"kept": "SELECT, INSERT"})
    call_command("migrate", verbosity=0)
    run("INSERT INTO kept VALUES (1)")
    with pytest.raises(ProgrammingError, match=REFUSED):
        run("DELETE FROM kept_default")


def test_a_right_that_is_never_given_is_refused(restrict: Callable[[dict[str, str]], None]) -> None:
    restrict({"kept": "SELECT, TRUNCATE"})
    with pytest.raises(ValueError, match="TRUNCATE is never given"):
        grants.restricted()


def test_looking_at_the_plan_changes_nothing(
    committed_db: None, owner_connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    owner_connection.execute("CREATE TABLE planned (id int)")
    call_command("migrate", plan=True)
    assert "No planned migration operations" in capsys.readouterr().out
    assert privileges_on("planned") == set()


def test_one_login_for_all_gives_up_the_schema_as_well(committed_db: None, one_login: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == (OWNER, APP_ROLE)
    with pytest.raises(ProgrammingError, match=REFUSED):
        run("ALTER TABLE people_user DISABLE TRIGGER ALL")
    call_command("migrate", verbosity=0)
    assert privileges_on("people_user") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_one_login_that_may_not_join_the_role_is_told_what_to_do(
    committed_db: None, one_login: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with superuser() as link:
        link.execute(f"REVOKE {APP_ROLE} FROM {OWNER}")
    connection.close()
    call_command("migrate", verbosity=0)
    assert f'GRANT {APP_ROLE} TO "{OWNER}";' in capsys.readouterr().err
    run("CREATE TABLE mine (id int)")  # works plain, as the message says


@pytest.fixture
def restrict(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Have one app declare these restrictions."""

    def declare(tables: dict[str, str]) -> None:
        monkeypatch.setattr("leadscoring.ops.apps.OpsConfig.restricted_grants", tables)

    return declare


@pytest.fixture
def one_login(committed_db: None) -> Iterator[None]:
    """DATABASE_URL alone: the app connects as the login that owns everything."""
    settings = connection.settings_dict
    before = dict(settings)
    with superuser() as link:
        link.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_ROLE), sql.Identifier(OWNER)))
    connection.close()
    settings.update(settings["OWNER"])
    yield
    connection.close()
    settings.update({name: before[name] for name in ("USER", "PASSWORD")})
    with superuser() as link:
        link.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(APP_ROLE), sql.Identifier(OWNER)))
