"""A running controller, as its feed tells it."""
