"""Webhooks that come in: from whom, and what their messages mean."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.signal import SignalType

PATH = _("Where it stands in a message, such as data.person.email.")


class InboundHook(models.Model):
    """An address `/hooks/<name>/`. Its secrets are in the environment (INTAKE_SECRETS), never here."""

    class Kind(models.TextChoices):
        HUBSPOT = "hubspot", _("HubSpot (signature v1, v2 or v3)")
        STANDARD = "standard", _("Standard Webhooks")
        BASIC = "basic", _("name and password (Pipedrive)")
        HMAC = "hmac", _("HMAC-SHA256 in a header")
        PATH = "path", _("a secret in the address")

    name = models.CharField(
        _("name"),
        max_length=40,
        unique=True,
        validators=(RegexValidator(r"^[a-z][a-z0-9-]*$", _("Use small letters, digits and -.")),),
        help_text=_("The end of its address, and the name of its secrets in INTAKE_SECRETS."),
    )
    kind = models.CharField(_("checked by"), max_length=10, choices=Kind)
    header = models.CharField(
        _("header"), max_length=100, blank=True, help_text=_("Of an HMAC: the header that has it.")
    )
    is_on = models.BooleanField(_("on"), default=True)
    id_path = models.CharField(
        _("message id"), max_length=200, blank=True, help_text=_("Empty: made of all that the message says.")
    )
    at_path = models.CharField(_("time"), max_length=200, blank=True, help_text=_("Empty: the receipt."))
    email_path = models.CharField(_("e-mail"), max_length=200, blank=True, help_text=PATH)
    external_id_path = models.CharField(_("external id"), max_length=200, blank=True, help_text=PATH)
    signal_type = models.ForeignKey(
        SignalType,
        verbose_name=_("is a signal"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the message only fills attributes."),
    )
    properties = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    values = ArrayField(models.CharField(max_length=300), default=list, blank=True)

    class Meta:
        verbose_name = _("webhook that comes in")
        verbose_name_plural = _("webhooks that come in")
        constraints = (
            models.CheckConstraint(
                condition=~Q(email_path="", external_id_path=""), name="leads_inbound_hook_names_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(kind="hmac") | ~Q(header=""), name="leads_inbound_hook_has_a_header"
            ),
        )

    def __str__(self) -> str:
        return self.name
