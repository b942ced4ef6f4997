"""Pages that belong to no room."""
