"""Objects of models from rows of statements that are written out."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

_M = TypeVar("_M", bound=Model)


def loaded(model: type[_M], fields: Sequence[str], values: Sequence[object], **related: Model) -> _M:
    """What `from_db` makes, with what it refers to. What isn't among the fields loads when asked for.

    `from_db` looks at each field that isn't loaded, too, which is most of the time that a page's rows take.
    """
    one = model.__new__(model)
    one._state = ModelState()
    one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS
    one._state.fields_cache.update(related)
    one.__dict__.update(zip(fields, values, strict=True))
    return one
