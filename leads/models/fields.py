"""Numbers exactly as they were given, and what told of a row."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Value
from django.db.models.functions import NullIf


class ExactDecimalField(models.DecimalField[Any, Any]):
    """`numeric` without a precision: numbers compare as exact decimals, so none may be rounded."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs |= {"max_digits": 1000, "decimal_places": 500}  # Django wants some; only forms look at them.
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric"

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        return value if prepared else self.get_prep_value(value)


def told_by() -> "models.TextField[Any, Any]":
    """What told of a row: a file, an API key, a tracker, by name; None where nothing says so.

    The transaction says it (`leads.ingestion.history.received`), so that triggers that write rows know, too.
    """
    setting = Func(Value("leads.told_by"), Value(True), function="current_setting")
    said = NullIf(setting, Value(""), output_field=models.TextField())
    return models.TextField(null=True, db_default=said)
