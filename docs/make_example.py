"""Writes `example.ipynb`, executed: `python docs/make_example.py [PATH]`.

The cells are below; whoever wants to change the notebook changes them here and runs this file. The outputs depend on the
fixtures and on how polars shows frames, so the notebook names the version of polars that it was made with.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import polars as pl
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent

CELLS = (
    """# Reconciling the exports of two tenants

Fabrikam has bought Contoso, and Contoso's Dynamics 365 environment moves to Fabrikam's tenant. Microsoft wants a
`usermapping.csv`: who is who. An administrator has exported the users of both sides. This notebook goes from those files to
the mapping, and everything in it is a polars frame that you can filter and join as you like.

The files are invented; they lie under `fixtures/merger`, and `fixtures/README.md` says what was planted in them.""",
    """>>>
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

import t2t_mapping as t2t
from t2t_mapping.run.validation import validate

_ = pl.Config(tbl_rows=30, tbl_width_chars=140, fmt_str_lengths=140, tbl_hide_dataframe_shape=True)
merger = Path("../fixtures/merger")""",
    """## 1. Read what was exported

`read_users` takes files, folders and globs, recognises each file by its content, and makes one user of everybody, however
often listed. Empty cells mean *not known*, which never counts as yes or as no.""",
    """>>>
source = t2t.read_users(f"{merger}/source/*.xlsx")
destination = t2t.read_users([f"{merger}/destination/*.xlsx", f"{merger}/destination/users.csv"], side="destination")
source.frame.select("upn", "full_name", "view", "enabled", "licensed", "kind").head(6)""",
    """>>>
pl.concat(
    [
        source.frame.group_by("domain", "view").len("users").with_columns(side=pl.lit("source")),
        destination.frame.group_by("domain", "view").len("users").with_columns(side=pl.lit("destination")),
    ]
).select("side", "domain", "view", "users").sort("side", "domain", "view", descending=[True, False, False])""",
    """## 2. A first run

Nothing is written yet. Every source user is mapped, held for a person to decide, or excluded; the sum adds up.""",
    """>>>
first = t2t.generate(source, destination, destination_domain="fabrikam.com")
first""",
    """## 3. Look at the held users

Nobody is mapped to the wrong person, so whoever is in doubt is held. The codes say why; `t2t.CATALOGUE` explains them.""",
    """>>>
held = first.accounting.filter(pl.col("disposition") == "held")
held.select("source", "full_name", "destination", "destination_name", "codes")""",
    """>>>
first.findings.filter(pl.col("upn").is_in(["dkim@contoso.com", "john.smith@contoso.com"])).select("upn", "message")""",
    """David Kim and Diana Kim share a login name and are two people. There are two John Smiths at Fabrikam, and the one called
`john.smith` was there long before. Both would have been mapped to the wrong person by a simple join.""",
    """## 4. Decide, in a rule table

One line per decision: an exact line names a destination, an empty destination leaves somebody out, and a pattern speaks for
many. A note says why, and lets a line stand where the names differ. (Those who prefer Excel decide in `review.xlsx`.)""",
    """>>>
rules = pl.DataFrame(
    [
        ("john.smith@contoso.com", "john.smith2@fabrikam.com", "Our John is the second one"),
        ("robert.fischer@contoso.com", "robert.fischer@fabrikam.com", "Bob is Robert"),
        ("sofia.marchetti@contoso.com", "sofia.marchetti@fabrikam.com", "Married in May"),
        ("ngozi.eze@contoso.com", "n.eze@fabrikam.com", None),
        ("omar.haddad@contoso.com", "omar.haddad@retail.fabrikam.com", None),
        ("dkim@contoso.com", None, "Leaves with the sale; Diana is somebody else"),
        ("svc-*@contoso.com", None, "Service accounts stay behind"),
        ("*@de.contoso.com", "{first}.{last}@fabrikam.com", "The German subsidiary had short logins"),
    ],
    schema=["Source", "Destination", "Note"],
    orient="row",
)
second = t2t.generate(source, destination, rules=rules, destination_domain="fabrikam.com", exclude=["U201", "U206"])
second""",
    """What has changed between the two runs:""",
    """>>>
(
    first.accounting.join(second.accounting, on="source", suffix="_now", nulls_equal=False)
    .filter(
        (pl.col("disposition") != pl.col("disposition_now"))
        | pl.col("destination").ne_missing(pl.col("destination_now"))
    )
    .select("source", "disposition", "disposition_now", "destination_now", "matched_by_now")
)""",
    """The others need work in the tenants (licences to assign, accounts to create or to enable), and then fresh exports.

## 5. Write, and check what was written

`write` puts everything into one folder: the mapping, the accounting, the findings, and what people look at.""",
    """>>>
with TemporaryDirectory() as folder:
    written = second.write(folder, outputs="core")
    lines = written["usermapping.csv"].read_text().splitlines()
    verdict = validate(written["usermapping.csv"], source=source, destination=destination, rules=rules)

list(written), lines[:4], verdict.exit_status()""",
    """An exit status of 0: the file that was written passes its own check. Before the upload, `second.summary["held"]` should be
0, because who is not in the file is not migrated and cannot be mapped afterwards.""",
    """>>>
{name: second.summary[name] for name in ("mapped", "held", "excluded", "users", "rows", "duplicates")}""",
)


def make(path: Path) -> None:
    """Execute the cells and write the notebook; the same cells and fixtures give the same bytes."""
    cells = []
    for number, text in enumerate(CELLS, 1):
        code = text.startswith(">>>\n")
        make_cell = new_code_cell if code else new_markdown_cell
        cell = make_cell(text.removeprefix(">>>\n"))
        cell["id"] = f"cell-{number:02}"
        cells.append(cell)
    notebook = new_notebook(cells=cells)
    sources = os.pathsep.join(filter(None, (str(HERE.parent / "src"), os.environ.get("PYTHONPATH"))))
    client = NotebookClient(
        notebook, kernel_name="python3", record_timing=False, timeout=120, resources={"metadata": {"path": str(HERE)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": sources, "PYTHONWARNINGS": "ignore"})
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "made_with": {"polars": pl.__version__},
        }
    )
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "example.ipynb")
