"""Benchmarks, pictures of every screen, collected strings, replay of invoices: never in production."""
