"""Admin pages of what is scored: marketing's vocabulary, and read-only pages of what verbs write."""

from leads.admin import accounts, chat, records, routing, vocabulary

__all__ = ("accounts", "chat", "records", "routing", "vocabulary")
