"""Measuring the engine against the least that the machine could do it in (`manage.py bench`)."""
