"""Sheets about money."""
