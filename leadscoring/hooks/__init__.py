"""Telling other programs what happened: signed messages to the addresses that Admins register
(docs/webhooks.md)."""
