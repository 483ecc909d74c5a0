"""Points as people write them."""

from django import template

register = template.Library()


@register.filter
def signed(points: int) -> str:
    """+30, 0 or −15, with a real minus."""
    return f"+{points}" if points > 0 else str(points).replace("-", "−")


@register.filter
def side(points: int) -> str:
    """The class that colours a number of points."""
    return "plus" if points > 0 else "minus" if points < 0 else "faint"
