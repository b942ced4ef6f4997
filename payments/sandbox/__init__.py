"""The built-in gateway: play money, the same path as a real one."""

CASHIER = "sandbox/pay/"
"""Where its cashier page is on this site, before the trade's token (orders/urls.py)."""
