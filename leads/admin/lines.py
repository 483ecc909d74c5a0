"""A list of texts in a form: one a line."""

from typing import Any

from django import forms

LONGEST = 200


class LinesField(forms.CharField):
    """Reads and shows a list, one value a line; empty lines and repeats are dropped."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in str(value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or []) != self.to_python(data))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if too_long := [line for line in value if len(line) > LONGEST]:
            raise forms.ValidationError(f"{too_long[0][:40]}… is longer than {LONGEST} characters.")
