"""Time ranges in constraints: two rows of the same thing may not overlap."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Func


class TsTzRange(Func):
    """`tstzrange(start, end)`: the start counts, the end doesn't, NULL is for ever."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()
