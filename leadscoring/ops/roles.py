"""The two database roles: an owner that migrates, and the app's, which has no say over the schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# A group role; the app's login is its member. Migrations grant to it by this name.
APP_ROLE = "leadscoring_app"
MEMBERSHIP_HAS_OPTIONS_SINCE = 160000


def assume_app_role(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Give up what the app has no use for, whenever a connection opens.

    Where one login serves for all, this is what separates the app from the owner. Logins that are not
    members of the role (before the first migration, say) stay as they are.
    """
    if connection.settings_dict.get("AS_OWNER"):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', rolname, false) FROM pg_roles"
            " WHERE rolname = %s AND pg_has_role(session_user, oid, %s)",
            [APP_ROLE, may_assume(connection)],
        )


def may_assume(connection: BaseDatabaseWrapper) -> str:
    """The word by which this server's pg_has_role asks whether a login may SET ROLE."""
    version: int = connection.pg_version  # type: ignore[attr-defined]
    return "SET" if version >= MEMBERSHIP_HAS_OPTIONS_SINCE else "MEMBER"


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Reconnect as the owner for the time being."""
    app_settings = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(app_settings.get("OWNER") or {}, AS_OWNER=True)
    options = {name: value for name, value in app_settings["OPTIONS"].items() if name != "pool"}
    connection.settings_dict["OPTIONS"] = options
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(app_settings)
