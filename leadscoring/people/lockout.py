"""Whose wrong passwords are counted together (the setting AXES_USERNAME_CALLABLE)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def attempted_email(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The address that somebody tries to sign in with, in one spelling: its case doesn't matter to us."""
    given = credentials or request.POST
    return str(given.get("username") or given.get("email") or "").strip().lower()
