"""`report.html`: one self-contained page for people, from a result. Nothing in it comes from the network.

`story` counts, `picture` draws, `island` packs the big tables, `page` writes the sections, `markup` what they stand in;
`report.css` and `report.js` are put into the page whole, and only they may run (the content security policy names their
hashes).
"""

from __future__ import annotations

from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["report_bytes"]


def report_bytes(result: Reconciliation) -> bytes:
    """The report as a file's content. The same result gives the same bytes."""
    from t2t_mapping.outputs.report.page import page  # the terminal uses `story` alone, at every start

    return page(result).encode()
