"""Codes that lead guests here: posters, shelf tags, links, people; and every touch of them."""
