"""The ground: what every room stands on. Imports no room, has no page."""
