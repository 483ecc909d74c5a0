"""What went wrong, in plain words, with something to do next. The 500 page is a template of its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def error_page(
    request: HttpRequest, *, status: int, heading: str, sentence: str, fragment: bool = False
) -> HttpResponse:
    """A page, or only its message where htmx asked for a part of a page."""
    template = "error_message.html" if fragment else "error.html"
    return render(request, template, {"heading": heading, "sentence": sentence}, status=status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) or _("Your role doesn't open this page. Your admin can change that.")
    return error_page(request, status=403, heading=_("This isn't open to you"), sentence=sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(
        request,
        status=404,
        heading=_("There is nothing here"),
        sentence=_("The address is wrong, or what was here is gone, or it belongs to another team."),
    )
