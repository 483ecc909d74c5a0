"""Points as people write them."""

from django import template

register = template.Library()


@register.filter
def signed(points: int) -> str:
    """+30, 0 or −15, with a real minus."""
    return f"+{points}" if points > 0 else real_minus(str(points))


@register.filter
def real_minus(number: str) -> str:
    """A number that is written already, with a real minus."""
    return str(number).replace("-", "−")


@register.filter
def side(points: int) -> str:
    """The class that colours a number of points."""
    return "plus" if points > 0 else "minus" if points < 0 else "faint"
