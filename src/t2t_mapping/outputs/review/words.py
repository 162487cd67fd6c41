"""What the review workbook says to people: advice per code, how a pair was found, how to use the workbook. Pure data."""

from __future__ import annotations

from t2t_mapping.catalogue import ACCEPTABLE

__all__ = ["ADVICE", "FOUND_BY", "HOW", "MOST_DECIDE", "TOO_MANY", "at_once"]

ADVICE = {
    "R405": ("danger", "Look at the user again and decide again."),
    "R406": ("danger", "A rule line almost names this user. Correct the line, or decide here."),
    "P303": (
        "danger",
        "Probably another person. Choose the right account; map this one only if you know that it is right.",
    ),
    "P311": ("danger", "Two accounts have this name. Find out which belongs to whom, then choose it."),
    "P315": ("danger", "Several people have this name, or may have it. Find out which account belongs to whom."),
    "P302": ("danger", "Decide who goes there; choose another destination for the others, or exclude them."),
    "P301": ("danger", "Choose the right one of the candidates."),
    "P312": ("danger", "Choose another destination, or rename one of the two accounts first."),
    "P313": ("danger", "Choose another destination: this address already is a user of the source environment."),
    "P314": ("danger", "Two accounts are behind one address. Find out which one is meant, and export again."),
    "P304": ("doubt", "If it is the same person, choose map; else choose the right account."),
    "P305": ("doubt", "If you know that it is the same person, choose map."),
    "U216": ("doubt", "Choose the member account of this person; map the guest only if that is really meant."),
    "U218": ("doubt", "Choose the account of a person."),
    "U207": ("doubt", "Exclude the account, or map it if it is really needed."),
    "U211": ("doubt", "Choose a candidate, or type the right address; create the account first if there is none."),
    "U209": ("doubt", "Find out which of the two addresses is the right one, and correct it in the tenant."),
    "U208": ("repair", "Find out what the status means and export again, or exclude the user."),
    "U213": (
        "repair",
        "Give the destination account a licence and export again; or choose another one, or exclude the user.",
    ),
    "U214": ("repair", "Find out whether the destination account has a licence, and export again."),
    "U215": ("repair", "Find out whether the destination account is enabled, and export again."),
    "U212": ("repair", "Enable the destination account and export again; or choose another one, or exclude the user."),
    "P307": ("repair", "Map to the onmicrosoft.com address of the account, or rename the source user first."),
    "P310": ("repair", "Check the exports; users cannot move between these clouds."),
    "P306": ("repair", "Run again with an export of the destination."),
    "U206": ("repair", "Restore the account and export again, or exclude the user."),
    "U201": ("repair", "Exclude the user, or enable the account and export again."),
    "U202": ("repair", "Exclude the user, or assign a licence and export again."),
    "I106": ("repair", "Correct the address in the tenant and export again, or exclude the user."),
    "I107": ("repair", "Fill in the address in the tenant and export again, or run with --exclude I107."),
    "I114": ("repair", "Nothing can be decided before the right directory is given."),
    "I109": ("repair", "Nothing can be decided before the exports are given the right way round."),
}
"""Code -> colour and advice; the order is from the most to the least dangerous."""

_WHOLE_RUN = ("I109", "I114")
_FILLED = ("P304", "P305", "U207", "U216")  # a destination is there that a person may take over for many at once
_SEARCHED = ("U211", "P301")


def at_once(code: str, pattern: str) -> str:
    """How to settle all users of one code at once.

    Args:
        pattern: A pattern line that would find accounts, where the destination's way of making addresses is known.
    """
    if code in _WHOLE_RUN:
        return ""
    ways = [f"Leave all out who are held for nothing else: run with --exclude {code}."]
    if code in ACCEPTABLE:
        ways.insert(0, f"Map all whose only problem this is: run with --accept {code}.")
    if code in _SEARCHED:
        line = pattern or "*@contoso.com,{first}.{last}@fabrikam.com"
        ways.insert(
            0, f"If the addresses follow a pattern: one line in a rule table, such as {line}, as a further --rules."
        )
    if code in _FILLED:
        ways.insert(
            0,
            f"Filter Codes to {code}, compare the names, type map in the first Decision, select the Decision cells below it "
            "and fill down (Ctrl+D): only the rows that are shown are filled.",
        )
    return "\n".join(ways)


FOUND_BY = {
    "rule": "named by a rule",
    "pattern": "made by a pattern of the rules",
    "alias": "the source address is an alias there",
    "employee-id": "same employee id",
    "mail": "same mail address",
    "local-part": "same address before the @",
    "guest": "guest account of this user",
}
"""Step of the matching -> words."""

HOW = (
    ("Start", "On the sheet Decide, choose a Decision for each user. The pale yellow cells are yours, the grey ones are not."),
    ("map", "This user goes to the Destination. Choose it from the list in the cell, or type the address."),
    ("exclude", "This user is left out of the move, and cannot be mapped later."),
    ("later", "Not decided yet, like an empty cell: the user stays held. Nothing but a Decision decides."),
    ("Note", "For you and your colleagues. It comes back in the next workbook, as do half-filled rows."),
    ("Many at once", "Filter by Codes, fill down. What suits each code is in the table below."),
    ("Sorting", "Sort and filter with the arrows in the headers, which keep rows together. Do not rename or delete columns."),
    ("Other sheets", "Nothing has to be done there. A Decision on Mapped or Excluded changes what happens to that user."),
    ("Run again", "Save the workbook, and run the same command with --rules and this workbook. Several people may each fill in "
     "a copy: give --rules once for each."),
    ("Rules", "Earlier rules and decisions are on the sheet Rules. They count as long as their Decision stands there."),
    (
        "Changes",
        "If a user or a chosen account has changed before that run, you are asked again, and told what has changed (R405).",
    ),
)  # fmt: skip
"""Label and text of each step."""

MOST_DECIDE = 20_000
"""More held users than a person works through in one sheet; `accounting.csv` has them all."""

TOO_MANY = (
    "These are {shown:,} of {there:,} held users; all of them are in accounting.csv. Settle whole groups first (sheet Summary: "
    "a pattern line, --exclude CODE), and run again: the next workbook has the users who are left."
)
"""What stands below a sheet that takes no more held users."""
