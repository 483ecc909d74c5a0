"""Merging two leads that are one person: looking at it first, doing it, undoing it."""
