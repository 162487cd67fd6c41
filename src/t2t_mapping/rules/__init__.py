"""What the user has decided: rule tables, patterns, and the decisions of review workbooks."""
