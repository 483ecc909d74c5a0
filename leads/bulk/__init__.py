"""Changing many leads at once: jobs, what they can do, and the work."""
