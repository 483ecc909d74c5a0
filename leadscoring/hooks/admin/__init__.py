"""The admin pages of webhooks: endpoints, and the messages to them."""

from leadscoring.hooks.admin import endpoints, messages

__all__ = ("endpoints", "messages")
