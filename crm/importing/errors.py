"""What is said of a file, or of one row of it."""

from __future__ import annotations


class UnreadableFile(Exception):
    """The file as a whole can't be read; the message says what to do."""


class BadValue(Exception):
    """A cell that can't be read as what its column is."""
