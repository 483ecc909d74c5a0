"""What the first draft of another model can start from: the templates that ship, and what is live."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from scoring_models.live import live_versions
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, thaw

_TEMPLATES = Path(__file__).parent / "reference"
# By the names of their files, the reference model first.
TEMPLATES: Mapping[str, str] = {
    "linkedin_b2b": "LinkedIn B2B",
    "web_and_email_b2b": "Web and e-mail B2B",
    "consumer": "Consumer",
}


def beginnings(*, at: datetime) -> list[tuple[str, str]]:
    """Each with its key and what it is called: live versions first."""
    said = _("%(version)s, as it is live")
    live = [(str(version.pk), said % {"version": version}) for version in live_versions(at=at)]
    return [*live, *((key, _("Template “%(name)s”") % {"name": name}) for key, name in TEMPLATES.items())]


def spec_to_begin_with(key: str, *, at: datetime) -> Spec:
    """Raises DomainError("no_beginning") for a key that is none, InvalidVersion for a template that can't be
    read here.
    """
    if key in TEMPLATES:
        return parse((_TEMPLATES / f"{key}.yaml").read_text(encoding="utf-8"))
    for version in live_versions(at=at):
        if str(version.pk) == key:
            return thaw(version.frozen)
    raise DomainError("no_beginning", _("Choose what the model starts from."))
