"""Admin pages of what is scored: marketing's vocabulary, and read-only pages of what verbs write."""

from leads.admin import accounts, chat, intake, records, routing, vocabulary

__all__ = ("accounts", "chat", "intake", "records", "routing", "vocabulary")
