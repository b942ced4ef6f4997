"""What an order costs and why: one pure pipeline for pages, API and orders (docs/pricing.md)."""
