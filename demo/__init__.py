"""The demo city: content, pictures and its life through the real services."""
