"""How soon people answer leads: two clocks in business hours (docs/response.md)."""
