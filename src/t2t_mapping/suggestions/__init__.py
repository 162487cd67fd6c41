"""Guesses for held users, for a person to accept; never a match, and only the review workbook shows them."""
