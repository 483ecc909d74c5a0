"""Pages show and read times by the clock of whoever looks: that of their first team, named beside it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django_stubs_ext import StrOrPromise, StrPromise

from leadscoring.error_pages import for_programs
from leadscoring.people.models import User

LOCAL = "%Y-%m-%dT%H:%M"


class TimeZoneMiddleware:
    """Answers pages by the clock of who is signed in; programs are answered in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if for_programs(request) or not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


class LocalTimeInput(forms.DateTimeInput):
    """A browser's own field for a date and a time."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"type": "datetime-local"} | (attrs or {}), format=LOCAL)


def zone_name() -> str:
    """The zone in which times are shown and read now, such as Europe/Berlin."""
    return timezone.get_current_timezone_name()


def zoned(label: StrOrPromise) -> StrPromise:
    """The label of a field that takes a time, with the zone of whoever reads it."""
    return format_lazy("{} ({})", label, lazy(zone_name, str)())


def exact(at: datetime) -> str:
    """A moment to the minute with its zone: "3 Dec 2026, 14:00 Europe/Berlin"."""
    return f"{date_format(timezone.localtime(at), 'j M Y, H:i')} {zone_name()}"
