"""`report.html`: one self-contained page for people, from a result. Nothing in it comes from the network.

`story` counts, `picture` draws, `island` packs the big tables, `page` writes the sections, `markup` what they stand in;
`report.css` and `report.js` are put into the page whole, and only they may run (the content security policy names their
hashes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from t2t_mapping.generate import Result

__all__ = ["report_bytes"]


def report_bytes(result: Result) -> bytes:
    """The report as a file's content. The same result gives the same bytes."""
    from t2t_mapping.report.page import page  # the terminal uses `story` alone, at every start

    return page(result).encode()
