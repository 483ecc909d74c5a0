"""Shares and their intervals as people read them."""

from collections.abc import Sequence

from django import template

register = template.Library()

SPACE = "\N{NARROW NO-BREAK SPACE}"


@register.filter
def percent(share: float | None) -> str:
    """34 %, with a decimal where it is less than ten; nothing for None."""
    if share is None:
        return ""
    return f"{100 * share:.{0 if share == 0 or abs(share) >= 0.0995 else 1}f}{SPACE}%"


@register.filter
def whole_percent(share: float) -> str:
    """A length in SVG: 34.2%."""
    return f"{100 * share:.1f}%"


@register.filter
def percents(interval: Sequence[float] | None) -> str:
    """28–41 %."""
    return "" if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}{SPACE}%"


@register.filter
def auc(value: float | None) -> str:
    """0.793, with a real minus."""
    return "" if value is None else f"{value:.3f}".replace("-", "−")


@register.filter
def aucs(interval: Sequence[float] | None) -> str:
    """0.75 to 0.83, with a real minus."""
    return "" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}".replace("-", "−")
