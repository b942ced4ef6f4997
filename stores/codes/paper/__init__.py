"""Codes on paper: posters, table tents, sheets of stickers and shelf tags, drawn by `kernel.paper`."""
