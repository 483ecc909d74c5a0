"""Telling people what they should know without asking, once, and never in a storm (docs/notices.md)."""
