"""What other programs are told of leads: marks become messages (docs/webhooks.md)."""
