"""Reading other people's files: rows with their lines, a report, a side file of what was refused."""
