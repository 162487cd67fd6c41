"""The source,destination file: its dialects, lines, faults and repair, and what the service says about it."""
