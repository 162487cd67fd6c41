"""The error file that the service returns, read in whatever layout it comes, and tied to lines, users and fixes.

Only the messages are documented, not the file around them. So the messages are looked for anywhere in the text, and what
is left over is shown as not understood; nothing is dropped.
"""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.errors import InputError
from t2t_mapping.outputs import findings_json
from t2t_mapping.validate import AnyMapping, Validation, read_mapping_bytes, validate

__all__ = ["Explanation", "explain"]

_QUOTED = r"'((?:[^'\n]|'(?=[A-Za-z0-9.@_-]))*)'"  # an address may hold an apostrophe
_NUMBERS = r"'([\d,;\s]+)'"
_MESSAGES = (
    ("M501", r"The\s+User\s+mapping\s+file\s+provided\s+for\s+Tenant\s+To\s+Tenant\s+migration\s+is\s+invalid\.?", ()),
    ("M506", rf"Lines?\s*{_NUMBERS}\s*(?:have|has)\s+the\s+same\s*{_QUOTED}\.?", ("lines", "address")),
    ("M505", rf"Invalid\s+Email\s+Format\s*{_QUOTED}\.?", ("address",)),
    ("M507", rf"Target\s+on\s+lines?\s*{_NUMBERS}\s*is\s+same\s+as\s+source\s+email\s+ID\.?", ("lines",)),
    ("M504", rf"Each\s+line\s+must\s+have\s+exactly\s+two\s+columns:?\s*{_NUMBERS}\.?", ("lines",)),
)
_ANY = re.compile("|".join(f"(?P<{code}>{pattern})" for code, pattern, _ in _MESSAGES), re.IGNORECASE)
_EACH = {code: (re.compile(pattern, re.IGNORECASE), names) for code, pattern, names in _MESSAGES}
_QUOTES = str.maketrans("‘’‚‛′´`“”„\u00a0", "''''''''''" + " ")
_SCAFFOLD = re.compile(
    r"""^[\s"'{}\[\]():;,|<>/=*#.\-–—\d]*$|^\W*(?:errors?|messages?|details?|codes?|values?|rows?|lines?|status|type)\W*$""",
    re.IGNORECASE,
)
_TAGS = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_OF_THE_WHOLE_FILE = ("M501", "M502", "M503", "M509")
_MOST_UNKNOWN = 1_000


@dataclass(frozen=True)
class Explanation:
    """What an error file says.

    Attributes:
        findings: One row per message: our code, the lines, the user, what happened, what to do; the columns of
            `findings.csv`.
        not_understood: Every other text of the file, piece by piece.
        summary: The counts: `messages, not_understood, codes`.
    """

    findings: pl.DataFrame
    not_understood: tuple[str, ...]
    summary: dict[str, Any]

    def exit_status(self, fail_on: str = "error") -> int:
        """1 if the file reports any error or says anything that is not understood, unless `fail_on` is `never`."""
        return 0 if fail_on == "never" else int(self.findings.height > 0 or bool(self.not_understood))

    def json(self) -> bytes:
        """The object of `--format json`: that of `generate`, with `not_understood`."""
        body = findings_json(self.summary, self.findings, {}, {}).rstrip().removesuffix(b"}")
        return body + f',\n"not_understood": {json.dumps(list(self.not_understood), ensure_ascii=False)}}}\n'.encode()


def explain(
    errors: str | Path | bytes, mapping: AnyMapping | None = None, *, profile: str = "self-service"
) -> Explanation:
    """Read an error file of the service, or a copy of what a console showed.

    Args:
        errors: Its path, or its bytes.
        mapping: The mapping that was uploaded; with it every message gets its users, and the general message its reason.

    Raises:
        InputError: A file cannot be read at all.
    """
    problems = []
    data, judged = b"", None
    label = "errors" if isinstance(errors, bytes) else Path(errors).as_posix()
    try:
        data = errors if isinstance(errors, bytes) else read_mapping_bytes(Path(errors), label)
    except InputError as error:
        problems += error.problems
    try:
        judged = None if mapping is None else validate(mapping, profile=profile)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(*problems)
    text = _plain(data)
    found: list[pl.DataFrame] = []
    unknown: list[str] = []
    end = 0
    for match in _ANY.finditer(text):
        unknown += _pieces(text[end : match.start()])
        end = match.end()
        code = str(match.lastgroup)
        pattern, names = _EACH[code]
        inner = pattern.fullmatch(match[0])
        values = dict(zip(names, inner.groups() if inner else (), strict=False))
        found.append(_finding(code, match[0], values, judged))
    unknown += _pieces(text[end:])
    rendered = pl.concat([fnd.render(fnd.empty()), *found]).unique(maintain_order=True)
    unknown = list(dict.fromkeys(unknown))[:_MOST_UNKNOWN]
    summary = {"messages": rendered.height, "not_understood": len(unknown), "codes": fnd.counts(rendered)}
    return Explanation(rendered, tuple(unknown), summary)


def _plain(data: bytes) -> str:
    """The text without what containers add: encodings, JSON and HTML escapes, typographic quotes."""
    for mark, codec in (
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (codecs.BOM_UTF8, "utf-8-sig"),
    ):
        if data.startswith(mark):
            text = data.decode(codec, errors="replace")
            break
    else:
        wide = data[1:400:2].count(0) > len(data[:400]) // 4
        try:
            text = data.decode("utf-16-le" if wide else "utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    text = _TAGS.sub("\n", text)
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), text)
    text = re.sub(r"\\[nrt]", "\n", text).replace('\\"', '"').replace("\\'", "'")
    return html.unescape(text).translate(_QUOTES).replace("''", "'")


def _pieces(text: str) -> list[str]:
    """What people wrote between the messages, line by line, without the brackets and commas of a container."""
    lines = (line.strip(" \t\r\n,;|\"'{}[]") for line in text.splitlines())
    return [upns.show(line, 300) for line in lines if line and not _SCAFFOLD.match(line)]


def _finding(code: str, message: str, values: dict[str, str], judged: Validation | None) -> pl.DataFrame:
    lines = [int(number) for number in re.findall(r"\d{1,9}", values.get("lines", ""))]
    address = values.get("address", "").strip()
    rows = pl.DataFrame() if judged is None else judged.rows
    if judged is not None and address and not lines:
        same = pl.any_horizontal(
            pl.col(side).str.strip_chars().str.to_lowercase() == address.lower() for side in ("source", "destination")
        )
        lines = rows.filter(same)["line"].to_list()
    users = _users(rows, lines)
    said = f"The service says: {' '.join(message.split())}"
    if code == "M501":
        code, reason = _of_the_whole(judged)
    else:
        reason = {
            "M504": "These lines are not one source and one destination.",
            "M505": "The address has no form that the service takes.",
            "M506": "The same address stands on several lines.",
            "M507": "Source and destination are the same address.",
        }[code]
    where = f" On line {', '.join(map(str, lines[:20]))}{users}." if lines else ""
    return pl.DataFrame(
        [
            {
                "code": code,
                "name": CATALOGUE[code].name,
                "severity": "error",
                "side": "mapping",
                "lines": lines or None,
                "upn": address or None,
                "message": f"{reason}{where} {said}",
                "fix": CATALOGUE[code].fix,
            }
        ],
        schema=fnd.render(fnd.empty()).schema,
        orient="row",
    )


def _users(rows: pl.DataFrame, lines: Sequence[int]) -> str:
    """`: ann@contoso.com,ann@fabrikam.com` for the first few lines, as the mapping has them."""
    if rows.is_empty():
        return ""
    named = rows.filter(pl.col("line").is_in(list(lines))).head(5)
    pairs = [
        f"{source or ''},{destination or ''}"
        for source, destination in named.select("source", "destination").iter_rows()
    ]
    return f": {'; '.join(upns.show(pair) for pair in pairs)}" if pairs else ""


def _of_the_whole(judged: Validation | None) -> tuple[str, str]:
    """The general message has two documented causes, and a few more in practice; the mapping tells which."""
    if judged is None:
        return (
            "M502",
            "The file has a wrong name, or its columns are not separated by commas. Give the mapping to know more.",
        )
    causes = judged.findings.filter(
        pl.col("code").cast(pl.String).is_in(_OF_THE_WHOLE_FILE) & (pl.col("severity") == "error")
    )
    if causes.is_empty():
        return (
            "M501",
            "The file's content is well-formed; it was uploaded under another name, or is not the one given here.",
        )
    code = str(causes["code"][0])
    told = " ".join(message.split(" The service says")[0] for message in causes["message"])
    return code, f"{told} ({', '.join(CATALOGUE[str(c)].name for c in causes['code'].unique(maintain_order=True))})"
