"""Bring the demo city to life through the real services: people, shops, ninety days."""
