"""The page that an invitation leads to."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leadscoring.people import invitations
from leadscoring.people.forms import AcceptInvitationForm
from leadscoring.unsent import remember_person

PAGE = "people/accept_invitation.html"


@sensitive_post_parameters("new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Let an invited person choose a name and a password, and sign them in."""
    user = invitations.invited(uid, token)
    if user is None:
        return render(request, PAGE, {"form": None}, status=410)
    form = AcceptInvitationForm(user, request.POST or None)
    if not form.is_valid():
        return render(request, PAGE, {"form": form, "person": user})
    invitations.accept(
        user=user,
        name=form.cleaned_data["name"],
        password=form.cleaned_data["new_password1"],
        at=timezone.now(),
    )
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    response = redirect("home")
    remember_person(response, user.pk)
    return response
