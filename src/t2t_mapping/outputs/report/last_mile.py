"""The last mile on a page: the upload step by step, and the checklist, each line with the article that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from t2t_mapping.lexicon.articles import WHEN, Reminder, service
from t2t_mapping.mapping.dialects import FILE_NAME
from t2t_mapping.mapping.upload import upload_steps
from t2t_mapping.outputs.report.markup import options_marked, table, text
from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["checklist", "upload"]


def upload(result: Reconciliation) -> str:
    """The upload in the admin center and in PowerShell, what the service answers, and what to do with an error file."""
    if result.mapping.is_empty():
        return "<p>There is nothing to upload yet.</p>\n"
    if result.options.profile == "support-request":
        return (
            f"<p>Send {FILE_NAME} with your support request. If Microsoft returns an error report, "
            f"<code>explain ERRORS --mapping {FILE_NAME}</code> says what it means.</p>\n"
        )
    steps = [
        (
            escape(step.where),
            options_marked(step.text),
            escape(step.center),
            "<br>".join(f"<code>{escape(line)}</code>" for line in step.command.split("\n")),
        )
        for step in upload_steps(result.move, f"C:\\full\\path\\{FILE_NAME}")
    ]
    answers = [(f"<code>{escape(answer.text)}</code>", options_marked(answer.means)) for answer in service().answers]
    date = max(date for step in service().upload for date in step.articles)
    return (
        table("Step by step", ("Tenant", "What", "Admin center", "PowerShell"), steps)
        + "<p>The migration id differs between the two tenants. The address that the upload prints is a secret: do not pass it "
        f"on. <code>--upload-script</code> writes these lines as a file. (Article of {date})</p>\n"
        + table("What the service answers", ("Answer", "What it means"), answers)
        + "<p>The error file is called usermapping.csv like the mapping: save it under another name. Then "
        f"<code>explain ERRORS --mapping {FILE_NAME}</code> names lines, users and what to do, and <code>--retry PATH</code> "
        "writes the lines to run again.</p>\n"
    )


def checklist(lines: Sequence[Reminder]) -> str:
    """The reminders in the order of the move."""
    parts = []
    for when in WHEN:
        items = "".join(
            f"<li>{f'{text(line.about)}: ' if line.about else ''}{options_marked(line.text)}"
            f"{f' <small>({escape(line.source)})</small>' if line.source else ''}</li>"
            for line in lines
            if line.when == when
        )
        if items:
            parts.append(f'<h3>{when.capitalize()} the move</h3>\n<ul class="checklist">{items}</ul>\n')
    return "".join(parts)
