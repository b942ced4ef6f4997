"""Paper: sheets and pictures drawn by typst, in a process beside this one (docs/adr/0011-paper.md)."""
