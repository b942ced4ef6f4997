"""Ways in which an order reaches its buyer: one module each, with plan, commit and cancel."""
