"""What the review workbook says to people: advice per code, how a pair was found, how to use the workbook. Pure data."""

from __future__ import annotations

__all__ = ["ADVICE", "FOUND_BY", "HOW"]

ADVICE = {
    "R405": ("danger", "Look at the user again and decide again."),
    "P303": (
        "danger",
        "Probably another person. Choose the right account; map this one only if you know that it is right.",
    ),
    "P311": ("danger", "Two accounts bear this name. Find out which is whose, then choose it."),
    "P302": ("danger", "Decide who goes there; choose another destination for the others, or exclude them."),
    "P301": ("danger", "Choose the right one of the candidates."),
    "P312": ("danger", "Choose another destination, or rename one of the two accounts first."),
    "P304": ("doubt", "If it is the same person, choose map; else choose the right account."),
    "P305": ("doubt", "If you know that it is the same person, choose map."),
    "U216": ("doubt", "Choose the member account of this person; map the guest only if that is really meant."),
    "U218": ("doubt", "Choose the account of a person."),
    "U207": ("doubt", "Exclude the account, or map it if it is really needed."),
    "U211": ("doubt", "Choose a candidate, or type the right address; create the account first if there is none."),
    "U213": (
        "repair",
        "Give the destination account a licence and export again; or choose another one, or exclude the user.",
    ),
    "U212": ("repair", "Enable the destination account and export again; or choose another one, or exclude the user."),
    "P307": ("repair", "Map to the onmicrosoft.com address of the account, or rename the source user first."),
    "P310": ("repair", "Check the exports; users cannot move between these clouds."),
    "P306": ("repair", "Run again with an export of the destination."),
    "U206": ("repair", "Restore the account and export again, or exclude the user."),
    "U201": ("repair", "Exclude the user, or enable the account and export again."),
    "U202": ("repair", "Exclude the user, or assign a licence and export again."),
    "I106": ("repair", "Correct the address in the tenant and export again, or exclude the user."),
    "I107": ("repair", "Fill in the address in the tenant and export again, or run with --exclude I107."),
    "I109": ("repair", "Nothing can be decided before the exports are given the right way round."),
}
"""Code -> colour and advice; the order is from the most to the least dangerous."""

FOUND_BY = {
    "rule": "named by a rule",
    "pattern": "made by a pattern of the rules",
    "alias": "the source address is an alias there",
    "employee-id": "same employee id",
    "mail": "same mail address",
    "local-part": "same address before the @",
    "guest": "guest account of this user",
}
"""Rung of the ladder -> words."""

HOW = (
    ("Start", "Work through the sheet Decide from the top. In the green columns, choose a Decision in each row."),
    ("map", "This user goes to the Destination. Choose it from the list in the cell, or type the address."),
    ("exclude", "This user is left out of the move. Users who are left out cannot be mapped later."),
    ("later", "Not decided yet, like an empty cell: the user stays held."),
    ("Note", "For you and your colleagues; it is kept."),
    ("Grey columns", "Do not change them. Sorting whole rows and filtering are fine."),
    (
        "Other sheets",
        "Nothing has to be done there. A decision on Mapped or Excluded changes what happens to that user.",
    ),
    ("Run again", "Save the workbook and run the command again with --rules and this workbook."),
    ("", "It takes the place of the earlier rules file: the earlier rules are on the sheet Rules."),
    (
        "Changes",
        "If a user or a chosen account has changed before that run, the decision is refused and asked again (R405).",
    ),
)
"""Label and text of each step."""
