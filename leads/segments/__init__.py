"""Live segments of marketing's list: conditions in an address, and under a name (docs/segments.md)."""
