"""Imports in the browser: an uploaded file is looked at, mapped and previewed, then imported by a worker."""
