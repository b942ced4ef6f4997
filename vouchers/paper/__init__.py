"""A voucher to take along: calendar entry, picture and printed sheet."""
