"""The form of a mapping file: its name, encoding, separators, header, columns and blank lines."""

from __future__ import annotations

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.findings import find
from t2t_mapping.mapping.dialects import FILE_NAME, HEADER
from t2t_mapping.mapping.lines import BLANKS, Header, exact
from t2t_mapping.mapping.registry import SIDE, Given, all_lines, check, listing, one_line, service_says

__all__ = []

_SEPARATORS = {";": "a semicolon", "\t": "a tab"}


@check("M501")
def wrong_file_name(given: Given) -> pl.DataFrame:
    if given.name is None or given.profile != "self-service" or given.name == FILE_NAME:
        return fnd.empty()
    return fnd.one("M501", side=SIDE, a=upns.show(given.name), c=CATALOGUE["M501"].service)


@check("M502")
def not_comma_separated(given: Given) -> pl.DataFrame:
    found = []
    header = given.file.header
    for mark, words in _SEPARATORS.items():
        lines = all_lines(given.rows.filter(pl.col("separator") == mark))
        # In the other profile the header has no business here at all, which M503 says.
        if header.line and header.known and header.separator == mark and given.profile == "self-service":
            lines.insert(0, header.line)
        if lines:
            found.append(fnd.one("M502", side=SIDE, lines=lines, a=words, c=CATALOGUE["M502"].service))
    return fnd.collect(found)


@check("M503")
def wrong_header(given: Given) -> pl.DataFrame:
    header, file = given.file.header, given.file
    found: list[tuple[str, list[int]]] = []
    for line, text in file.others.filter(pl.col("why") == "note").select("line", "text").iter_rows():
        words = f"The line {upns.show(text, 40)} is a note for another program, no line of a mapping."
        found.append((words, [line]))
    if header.before:
        found.append((f"There is text before the header, on {listing(list(header.before))}.", list(header.before)))
    found += [(words, [line]) for line, words in _about_header(header, given)]
    again = all_lines(file.others.filter(pl.col("why") == "header"))
    if again:
        found.append((f"The header is repeated among the users, on {listing(again)}.", again))
    return fnd.collect(fnd.one("M503", side=SIDE, lines=lines, a=words) for words, lines in found)


def _about_header(header: Header, given: Given) -> list[tuple[int, str]]:
    shown = upns.show(header.text, 60)
    if given.profile == "support-request":
        if header.line is None:
            return []
        if not header.known and not header.swapped:
            return [(header.line, f"The first line, {shown}, has no address; this profile has no header.")]
        fits = " With a header, this is a file for self-service (`--profile self-service`)." if exact(header) else ""
        return [(header.line, f"The file begins with a header, {shown}; in this profile there is none.{fits}")]
    if header.line is None:
        written = given.file.lines.filter(pl.col("text").str.strip_chars(BLANKS) != "")
        if written.is_empty():
            return []
        words = f"The header {HEADER} is missing."
        if given.rows.height and int(given.rows["line"][0]) == int(written["line"][0]):
            words += " Without it, this is a file for a support request (`--profile support-request`)."
        return [(int(written["line"][0]), words)]
    if exact(header):
        return []
    return [(header.line, f"The header is {shown}, not {HEADER}: {_difference(header)}.")]


def _difference(header: Header) -> str:
    if header.swapped:
        return "it names the destination first, so the columns may be swapped"
    if len(header.cells) != 2:
        return "it does not have two columns"
    if not header.known:
        return "either it is misspelt, or the header is missing"
    reasons = []
    if header.text.count(header.separator) > 1:
        reasons.append("there are empty columns at its end")
    if '"' in header.text:
        reasons.append("there are quotes around it")
    if any(cell != cell.strip(BLANKS) for cell in header.text.replace('"', "").split(header.separator)):
        reasons.append("there are spaces around it")
    if ",".join(header.cells) != HEADER:
        case_only = ",".join(header.cells).lower() == HEADER.lower()
        reasons.append("capital and small letters count" if case_only else "it is misspelt")
    return " and ".join(reasons)


@check("M504")
def not_two_columns(given: Given) -> pl.DataFrame:
    wrong = given.file.others.filter(pl.col("why") == "columns")
    separated = pl.col("separator").replace_strict(
        {",": "", ";": ", separated by semicolons", "\t": ", separated by tabs"}, return_dtype=pl.String
    )
    words = (
        pl.lit("The line has ")
        + pl.col("columns").cast(pl.String)
        + pl.when(pl.col("columns") == 1).then(pl.lit(" column")).otherwise(pl.lit(" columns") + separated)
        + pl.when(pl.col("kept").is_not_null()).then(pl.lit(", the further ones empty")).otherwise(pl.lit(""))
        + pl.lit(": ")
        + pl.col("text").str.slice(0, 120)
        + pl.lit(". The service would say: ")
        + service_says("M504", lines=pl.col("line").cast(pl.String))
    )
    return fnd.collect([find("M504", wrong, side=SIDE, lines=one_line(), a=words), _swallowing(given.file.others)])


def _swallowing(others: pl.DataFrame) -> pl.DataFrame:
    """A quote that is opened and not closed on its line: a program that knows quotes reads on to the next one."""
    odd = others.filter(pl.col("why") == "quote")
    opened = odd.gather_every(2)
    closed = odd.gather_every(2, 1)["line"].extend_constant(None, opened.height - odd.height // 2)
    opened = opened.with_columns(close=closed)
    until = pl.col("close").is_not_null()
    words = (
        pl.when(until)
        .then(
            pl.lit("A quote is opened on this line and closed on line ")
            + pl.col("close").cast(pl.String)
            + pl.lit("; a program that knows quotes takes all of it for one column: ")
        )
        .otherwise(pl.lit("A quote is opened and never closed: "))
        + pl.col("text").str.slice(0, 120)
        + pl.lit(". The service does not know quotes at all.")
    )
    lines = pl.int_ranges(pl.col("line"), pl.coalesce("close", "line") + 1, dtype=pl.UInt32)
    return find("M504", opened, side=SIDE, lines=lines, a=words)


@check("M509")
def wrong_encoding(given: Given) -> pl.DataFrame:
    decoded, lines = given.file.decoded, given.file.lines
    found = []
    if decoded.fault:
        where = all_lines(lines.filter(pl.col("text").str.contains(decoded.about))) if decoded.about else None
        found.append(fnd.one("M509", side=SIDE, lines=where, a=decoded.fault))
    if decoded.legible:
        found += _line_ends(lines)
    return fnd.collect(found)


def _line_ends(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """A lone CR ends a line for some programs and not for others; CRLF and LF mixed work, but come of a repair by hand."""
    tally = dict(lines.filter(pl.col("end") != "").group_by("end").len().iter_rows())
    if "CR" in tally:
        where = all_lines(lines.filter(pl.col("end") == "CR"))
        words = "Lines end in a carriage return alone; most programs take that for no line end."
        return [fnd.one("M509", side=SIDE, lines=where, a=words)]
    if len(tally) > 1:
        fewer = "CRLF" if tally["CRLF"] < tally["LF"] else "LF"
        where = all_lines(lines.filter(pl.col("end") == fewer))
        words = f"The line ends are mixed: {listing(where)} in {fewer}, unlike the rest."
        return [fnd.one("M509", severity="warning", side=SIDE, lines=where, a=words)]
    return []


@check("M510")
def blank_line(given: Given) -> pl.DataFrame:
    found = []
    for last, severity in ((False, "error"), (True, "warning")):
        lines = all_lines(given.file.blank.filter(pl.col("last") == last))
        if lines:
            end = ", at the end of the file" if last else ""
            words = f"{listing(lines).capitalize()} {'is' if len(lines) == 1 else 'are'} blank{end}."
            found.append(fnd.one("M510", severity=severity, side=SIDE, lines=lines, a=words))
    return fnd.collect(found)


@check("M511")
def no_rows(given: Given) -> pl.DataFrame:
    lost = given.file.others.filter(~pl.col("why").is_in(["note", "header"]))
    return fnd.empty() if given.rows.height or lost.height else fnd.one("M511", side=SIDE)
