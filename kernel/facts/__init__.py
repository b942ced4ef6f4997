"""Facts: what guests do, counted (analytics events; the word event means the outbox)."""
