"""A change log for phone-number routing: what changed, and what to put back."""

__version__ = "0.1.0"
