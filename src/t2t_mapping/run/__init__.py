"""One pair of tenants: read both sides, reconcile them, judge a mapping, explain errors, inspect files."""
