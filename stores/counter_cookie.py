"""The cookie of somebody who has opened the store console: its value is the person's id."""

COUNTER_STAFF = "counter_staff"
"""The shop's footer and the pages of refusals lead that person to the console, and nobody else."""
