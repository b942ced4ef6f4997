"""What every room uses. Imports no room and serves no page."""
