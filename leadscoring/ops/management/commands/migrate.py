"""`migrate` as the owner of the database, followed by the rights of the app's role."""

from typing import Any

from django.core.management.commands import migrate
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from leadscoring.ops import grants
from leadscoring.ops.roles import APP_ROLE, as_owner, may_assume


class Command(migrate.Command):
    """Migrates as DATABASE_OWNER_URL says; the app itself connects as DATABASE_URL says."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        app_login = connection.settings_dict["USER"]
        with as_owner(connection):
            if options["plan"] or options["check_unapplied"]:
                super().handle(*args, **options)
                return
            has_role = self._make_role(connection, app_login)
            super().handle(*args, **options)
            if has_role:
                grants.apply(connection)

    def _make_role(self, connection: BaseDatabaseWrapper, app_login: str) -> bool:
        """Make the app's role, and the app's login its member. False, with advice, where we may not."""
        create, grant = f"CREATE ROLE {APP_ROLE} NOLOGIN", f'GRANT {APP_ROLE} TO "{app_login}"'
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None and not self._attempt(connection, create):
                self._advise(f"{create}; {grant};")
                return False
            cursor.execute("SELECT pg_has_role(%s, %s, %s)", [app_login, APP_ROLE, may_assume(connection)])
            (member,) = cursor.fetchone() or (False,)
        if not member and not self._attempt(connection, grant):
            self._advise(f"{grant};")
        return True

    def _attempt(self, connection: BaseDatabaseWrapper, statement: str) -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError:
            return False
        return True

    def _advise(self, statements: str) -> None:
        self.stderr.write(
            "The app has no database role of its own yet, so nothing keeps it from changing the schema. "
            f"As a superuser run: {statements} Then migrate again."
        )
