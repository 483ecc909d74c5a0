"""Signing in by e-mail, and where that leads each role."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadscoring.people.models import User
from leadscoring.people.roles import Role
from leadscoring.unsent import kept_for, remember_person

FIRST_PLACES = (
    ((Role.REP, Role.MANAGER), "/queue/"),
    ((Role.MARKETING,), "/nurture/"),
    ((Role.ADMIN,), "/set-up/"),
)


class SignInForm(AuthenticationForm):
    """Django's own, asking for an e-mail address in so many words."""

    username = forms.EmailField(
        label=gettext_lazy("E-mail"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {  # noqa: RUF012 - as Django declares it
        "invalid_login": gettext_lazy(
            "That e-mail and password don't go together. Check both and try again."
        ),
        "inactive": gettext_lazy("This account is switched off. Ask your admin."),
    }


class ForgottenForm(PasswordResetForm):
    """Django's own, with the same word for the same thing."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "email"}),
    )


_sign_in = LoginView.as_view(authentication_form=SignInForm, next_page="home")


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Django's own, after which a form that was sent too late is its person's again."""
    response = _sign_in(request)
    if request.method == "POST" and request.user.is_authenticated:
        if (kept := kept_for(request)) is not None:
            response = redirect(kept.places[0])
        remember_person(response, request.user.pk)
    return response


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send people to the page that they work on."""
    assert isinstance(request.user, User)
    for roles, path in FIRST_PLACES:
        if request.user.has_role(*roles):
            return redirect(path)
    raise PermissionDenied(_("You have no role yet. Ask your admin for one."))


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin site sends here who may not enter it: to sign in, or to be told so."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("The admin pages are for marketing, managers and admins."))
    return redirect_to_login(request.GET.get("next", "/admin/"))
