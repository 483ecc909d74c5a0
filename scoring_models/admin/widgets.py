"""Choices that tell the script of the page what each option needs. Without the script they are plain."""

from collections.abc import Mapping
from typing import Any

from django import forms

from scoring_models.operators import OPERATORS
from scoring_models.spec import Op


class AttributeSelect(forms.Select):
    """Each option says what kind of attribute it is."""

    kinds: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if kind := self.kinds.get(str(value)):
            option["attrs"]["data-kind"] = kind
        return option


class OperatorSelect(forms.Select):
    """Each option says which kinds of attributes take it, and what it takes: 0, 1, 2 values or a list."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            operator = OPERATORS[Op(value)]
            option["attrs"]["data-kinds"] = " ".join(sorted(operator.kinds))
            option["attrs"]["data-takes"] = "list" if operator.takes_list else str(operator.most)
        return option
