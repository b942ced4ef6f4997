"""Campaigns to begin from: a template for each goal, filled in from what the business has sold."""
