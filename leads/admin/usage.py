"""What still uses a row, said in plain words before somebody deletes it."""

from django.db import models
from django.db.models.fields.reverse_related import ManyToOneRel
from django.utils.text import get_text_list
from django.utils.translation import gettext as _


def users_of(obj: models.Model) -> str:
    """What refers to it and would keep it, such as "3 rules and 1 routing list"; empty if nothing does."""
    found: list[str] = []
    # Hidden ones too: what stands above us refers to our rows without our knowing it.
    for relation in obj._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.on_delete is not models.PROTECT:
            continue
        model: type[models.Model] = relation.related_model
        count = model._default_manager.filter(**{relation.field.name: obj}).count()
        if count:
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            found.append(f"{count} {name}")
    return get_text_list(found, _("and"))
