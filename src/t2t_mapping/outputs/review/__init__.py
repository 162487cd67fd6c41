"""The review workbook: what it says, and how its sheets look."""
