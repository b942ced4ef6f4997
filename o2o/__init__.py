"""The O2O storefront: composition root and kernel."""
