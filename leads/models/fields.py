"""A number exactly as it was given."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


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
