"""What the admin's forms write, written by the API: the same rules, and the same line in the audit."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.forms import ModelForm
from django.utils.translation import gettext as _

from leadscoring.api.operations import Call
from leadscoring.api.problems import Fault, Problem
from leadscoring.audit.record import record
from leadscoring.errors import DomainError

M = TypeVar("M", bound=Model)


def write(form: ModelForm[M], call: Call, deed: str, names: Mapping[str, str]) -> M:
    """What the form makes or changes; `deed` is how the audit calls that, `names` the API its fields.

    Raises Problem, naming each field that can't be used; DomainError `key.taken`.
    """
    faults = list(_faults(form, names))
    if any(fault.code == "unique" for fault in faults):
        raise _taken()
    if faults:
        raise Problem(422, "form.refused", faults[0].detail, faults)
    try:
        with transaction.atomic():
            written = form.save()
            action = f"{written._meta.model_name}.{deed}"
            fields = sorted(form.changed_data)
            record(action=action, target=written, actor=call.user, at=call.at, fields=fields)
    except IntegrityError:
        raise _taken() from None
    return written


def _faults(form: ModelForm[Any], names: Mapping[str, str]) -> Iterator[Fault]:
    for field, errors in form.errors.as_data().items():
        for error in errors:
            for sentence in error.messages:
                yield Fault(f"/{names.get(field, field)}", sentence, error.code or "invalid")


def _taken() -> DomainError:
    return DomainError("key.taken", _("There is one of this key already."))
