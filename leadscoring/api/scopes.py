"""What a key may be used for. Its person's roles bound it as well: a scope never gives a right of its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    READ = "read", _("read everything that its person sees")
    LEADS_WRITE = "leads:write", _("write leads and their attributes")
    SIGNALS_WRITE = "signals:write", _("send signals")
    TRACK = "track", _("a write key for trackers at /v1/: it may stand in web pages, and does nothing else")
    IMPORTS = "imports:write", _("import files of leads and signals")
    WORK = "work", _("work the queue: claims, outcomes, overrides, undo")
    MODELS_WRITE = "models:write", _("draft versions and send them for approval")
    MODELS_APPROVE = "models:approve", _("approve, return or reject versions")
    MODELS_ACTIVATE = "models:activate", _("put versions live, now or later, and go back")
    WEBHOOKS = "webhooks:write", _("register endpoints of webhooks, and send messages again")


# Whoever makes a key has seen its secret; with these it could stand in for a second pair of eyes.
DECIDING = frozenset({Scope.MODELS_APPROVE, Scope.MODELS_ACTIVATE})
