"""Tests of the whole system; what they share is in ``tests.common``."""
