"""Invented funnels that behave like real ones: for the demo and for load."""
