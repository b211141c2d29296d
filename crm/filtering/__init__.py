"""Filters of lists: fields that each app registers, trees of conditions over them, their words and their SQL."""
