"""What is wrong with a mapping file by itself: one small function per M code, expressions over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from t2t_mapping import findings as fnd
from t2t_mapping import upn as upns
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.duplicates import all_different
from t2t_mapping.findings import find
from t2t_mapping.mapping.dialects import FILE_NAME, HEADER
from t2t_mapping.mapping.lines import BLANKS, Header, MappingFile, exact

__all__ = ["CHECKS", "Given", "keyed", "listing", "run"]

SIDE = "mapping"
_SEPARATORS = {";": "a semicolon", "\t": "a tab"}
_MOST_WORDS = 1_000  # addresses that are explained one by one; a file with more of them has another problem

# Letters of other scripts that pass for Latin ones, signs that pass for ASCII signs, and compatibility forms.
LOOKALIKE = (
    r"[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\u{0130}\u{0131}\u{017f}\u{0251}\u{0261}\u{2010}-\u{2015}\u{2018}"
    r"\u{2019}\u{201b}\u{2024}\u{2032}\u{2044}\u{2100}-\u{214f}\u{2212}\u{2215}\u{2b9}-\u{2bc}\u{ff01}-\u{ff5e}\u{fe50}-"
    r"\u{fe6b}\u{1d400}-\u{1d7ff}]"
)


@dataclass(frozen=True)
class Given:
    """One file to be judged.

    `rows` are the file's, with the keys by which addresses are compared: `s_key` and `t_key`.
    """

    file: MappingFile
    rows: pl.DataFrame
    name: str | None = None
    profile: str = "self-service"

    @cached_property
    def all_different(self) -> bool:
        """Whether no address stands twice anywhere: a yes is certain."""
        return all_different(pl.concat([self.rows["s_key"], self.rows["t_key"]]).drop_nulls())

    @cached_property
    def cells(self) -> pl.DataFrame:
        """The addresses of all lines that are not plainly good, one row each: `line, column, typed, address, quoted`."""
        odd = self.rows.filter(~pl.col("good"))
        return pl.concat(
            odd.select("line", column=pl.lit(column), typed=pl.col(column), address=pl.col(bare), quoted="quoted")
            for column, bare in (("source", "s"), ("destination", "t"))
        )

    @cached_property
    def invalid(self) -> pl.DataFrame:
        """Those of them that are no valid address even without the blanks and quotes around them."""
        return self.cells.filter(~upns.valid(pl.col("address")))


Check = Callable[[Given], pl.DataFrame]
CHECKS: dict[str, Check] = {}
"""Code -> check; a helper for tests, as in `checks`."""


def check(code: str) -> Callable[[Check], Check]:
    """Registers the one function that can emit a code."""

    def register(function: Check) -> Check:
        CHECKS[code] = function
        return function

    return register


def keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their keys: case counts for nothing, but only ASCII is folded; an empty column has no key."""
    keys = [
        pl.when(pl.col(name) != "").then(pl.coalesce(upns.fold(pl.col(name)), pl.col(name))).alias(f"{name}_key")
        for name in ("s", "t")
    ]
    return rows.with_columns(keys)


def run(given: Given) -> pl.DataFrame:
    """Every fault of the file, as findings."""
    if not given.file.decoded.legible:
        return fnd.collect([CHECKS[code](given) for code in ("M501", "M509")])
    return fnd.collect(function(given) for function in CHECKS.values())


def _service(code: str, lines: pl.Expr | str = "", address: pl.Expr | str = "") -> pl.Expr:
    """The service's documented message with our values in it."""
    pieces = []
    for part in CATALOGUE[code].service.replace("{lines}", "\0{lines}\0").replace("{b}", "\0{b}\0").split("\0"):
        value = {"{lines}": lines, "{b}": address}.get(part, part)
        pieces.append(pl.lit(value) if isinstance(value, str) else value)
    return pl.concat_str(pieces)


def _numbers(lines: pl.Expr) -> pl.Expr:
    return lines.cast(pl.List(pl.String)).list.join(", ")


def _one_line() -> pl.Expr:
    return pl.concat_list("line")


def _all_lines(frame: pl.DataFrame) -> list[int]:
    return frame["line"].to_list()


def listing(numbers: list[int]) -> str:
    """`line 3`, `lines 3 and 7`, `lines 3, 7, 9, … (40 in all)`."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    if len(numbers) > 5:
        return f"lines {', '.join(map(str, numbers[:3]))}, … ({len(numbers):,} in all)"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


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
        lines = _all_lines(given.rows.filter(pl.col("separator") == mark))
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
    again = _all_lines(file.others.filter(pl.col("why") == "header"))
    if again:
        found.append((f"The header stands among the users, on {listing(again)}.", again))
    return fnd.collect(fnd.one("M503", side=SIDE, lines=lines, a=words) for words, lines in found)


def _about_header(header: Header, given: Given) -> list[tuple[int, str]]:
    shown = upns.show(header.text, 60)
    if given.profile == "support-request":
        if header.line is None:
            return []
        if not header.known and not header.swapped:
            return [(header.line, f"The first line, {shown}, holds no address; in this profile there is no header.")]
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
        return "it names the destination first, so the columns may be exchanged"
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
        reasons.append("there are blanks around it")
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
        + pl.lit(". The service says: ")
        + _service("M504", lines=pl.col("line").cast(pl.String))
    )
    return fnd.collect([find("M504", wrong, side=SIDE, lines=_one_line(), a=words), _swallowing(given.file.others)])


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


# Nothing that is all printable ASCII has such a letter: most faulty files are told at once.
_ODD_LETTER = pl.col("address").str.contains(r"[^ -~]") & (
    pl.col("address").str.contains(LOOKALIKE) | pl.col("address").str.contains(upns.INVISIBLE)
)


@check("M505")
def invalid_email_format(given: Given) -> pl.DataFrame:
    wrong = given.invalid.filter(~_ODD_LETTER)
    empty = pl.lit("The ") + pl.col("column") + pl.lit(" is empty.")
    words = pl.when(pl.col("address") == "").then(empty).otherwise(_problems(wrong))
    quoted = given.rows.filter("quoted")
    both = quoted["source"].str.contains('"') & quoted["destination"].str.contains('"')
    in_quotes = (
        pl.lit("There are quotes around ")
        + pl.when(both).then(pl.lit("both addresses")).otherwise(pl.lit("an address"))
        + pl.lit("; the service does not know quotes and takes them for a part of it.")
    )
    first = pl.when(pl.col("source").str.contains('"')).then(pl.col("source")).otherwise(pl.col("destination"))
    return fnd.collect(
        [
            find("M505", wrong, side=SIDE, lines=_one_line(), upn=_named(), a=words + _said(pl.col("address"))),
            find("M505", quoted, side=SIDE, lines=_one_line(), upn=pl.col("s"), a=in_quotes + _said(first)),
        ]
    )


def _said(address: pl.Expr) -> pl.Expr:
    return pl.lit(" The service says: ") + _service("M505", address=address.str.slice(0, 120))


def _named() -> pl.Expr:
    return pl.when(pl.col("address") != "").then(pl.col("address").str.slice(0, 120))


def _problems(wrong: pl.DataFrame) -> pl.Expr:
    """What is wrong with each address, in words."""
    words = {
        text: upns.problem(text) for text in wrong["address"].unique(maintain_order=True).head(_MOST_WORDS) if text
    }
    plain = pl.col("address").str.slice(0, 120) + pl.lit(" is no valid address.")
    if not words:
        return plain
    return pl.col("address").replace_strict(words, default=plain, return_dtype=pl.String)


@check("M506")
def duplicate_address(given: Given) -> pl.DataFrame:
    rows = given.rows
    if given.all_different:
        return fnd.empty()
    found = []
    for column, key, other in (("source", "s", "t_key"), ("destination", "t", "s_key")):
        repeated = rows.filter(pl.col(f"{key}_key").is_not_null() & pl.col(f"{key}_key").is_duplicated())
        groups = repeated.group_by(f"{key}_key").agg(
            pl.col(key).first().alias("address"),
            pl.col("line").sort().alias("numbers"),
            # Whether all of them are one and the same line; empty columns are not the same.
            whole=(pl.col(other).n_unique() == 1) & pl.col(other).first().is_not_null(),
        )
        found.append(groups.select(pl.lit(column).alias("column"), pl.all().exclude(f"{key}_key")))
    sources, destinations = found
    # A line that stands twice is one fault, although both of its columns do.
    destinations = destinations.filter(~pl.col("whole"))
    wider = destinations["numbers"].explode()
    sources = sources.filter(~(pl.col("whole") & pl.col("numbers").list.first().is_in(wider.implode())))
    groups = pl.concat([sources, destinations])
    same = pl.when("whole").then(pl.lit("source (with the same destination)")).otherwise(pl.col("column"))
    return find(
        "M506",
        groups,
        side=SIDE,
        lines=pl.col("numbers"),
        upn=pl.col("address"),
        a=same,
        b=pl.col("address"),
        c=_service("M506", lines=_numbers(pl.col("numbers")), address=pl.col("address")),
    )


@check("M507")
def target_same_as_source(given: Given) -> pl.DataFrame:
    same = given.rows.filter(pl.col("s_key") == pl.col("t_key"))
    said = _service("M507", lines=pl.col("line").cast(pl.String))
    return find("M507", same, side=SIDE, lines=_one_line(), upn=pl.col("s"), b=pl.col("s"), c=said)


@check("M508")
def surrounding_blanks(given: Given) -> pl.DataFrame:
    typed = pl.when("quoted").then(pl.col("typed").str.replace_all('"', "", literal=True)).otherwise(pl.col("typed"))
    blank = (typed != typed.str.strip_chars(BLANKS)) & (pl.col("address") != "")
    cells = given.cells.filter(blank)
    severity: pl.Expr | str = "error"
    if given.profile == "support-request":  # as its documentation shows it
        usual = (pl.col("column") == "destination") & (pl.col("typed") == pl.lit(" ") + pl.col("address"))
        severity = pl.when(usual).then(pl.lit("warning")).otherwise(pl.lit("error"))
    words = pl.lit("the ") + pl.col("column") + pl.lit(" ") + pl.col("address").str.slice(0, 120)
    return find("M508", cells, severity=severity, side=SIDE, lines=_one_line(), upn=_named(), a=words)


@check("M509")
def wrong_encoding(given: Given) -> pl.DataFrame:
    decoded, lines = given.file.decoded, given.file.lines
    found = []
    if decoded.fault:
        where = _all_lines(lines.filter(pl.col("text").str.contains(decoded.about))) if decoded.about else None
        found.append(fnd.one("M509", side=SIDE, lines=where, a=decoded.fault))
    if decoded.legible:
        found += _line_ends(lines)
    return fnd.collect(found)


def _line_ends(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """A lone CR ends a line for some programs and not for others; CRLF and LF mixed work, but come of a repair by hand."""
    tally = dict(lines.filter(pl.col("end") != "").group_by("end").len().iter_rows())
    if "CR" in tally:
        where = _all_lines(lines.filter(pl.col("end") == "CR"))
        words = "Lines end in a carriage return alone; most programs take that for no line end."
        return [fnd.one("M509", side=SIDE, lines=where, a=words)]
    if len(tally) > 1:
        fewer = "CRLF" if tally["CRLF"] < tally["LF"] else "LF"
        where = _all_lines(lines.filter(pl.col("end") == fewer))
        words = f"The line ends are mixed: {listing(where)} in {fewer}, unlike the rest."
        return [fnd.one("M509", severity="warning", side=SIDE, lines=where, a=words)]
    return []


@check("M510")
def blank_line(given: Given) -> pl.DataFrame:
    found = []
    for last, severity in ((False, "error"), (True, "warning")):
        lines = _all_lines(given.file.blank.filter(pl.col("last") == last))
        if lines:
            end = ", at the end of the file" if last else ""
            words = f"{listing(lines).capitalize()} {'is' if len(lines) == 1 else 'are'} blank{end}."
            found.append(fnd.one("M510", severity=severity, side=SIDE, lines=lines, a=words))
    return fnd.collect(found)


@check("M511")
def no_rows(given: Given) -> pl.DataFrame:
    lost = given.file.others.filter(~pl.col("why").is_in(["note", "header"]))
    return fnd.empty() if given.rows.height or lost.height else fnd.one("M511", side=SIDE)


@check("M512")
def invisible_or_lookalike(given: Given) -> pl.DataFrame:
    wrong = given.invalid.filter(_ODD_LETTER)
    return find("M512", wrong, side=SIDE, lines=_one_line(), upn=_named(), a=_problems(wrong))


@check("M514")
def chained_address(given: Given) -> pl.DataFrame:
    if given.all_different:
        return fnd.empty()
    apart = given.rows.filter((pl.col("s_key") != pl.col("t_key")).fill_null(value=True))
    left = apart.select("line", key="s_key", address="s").filter(pl.col("key").is_not_null())
    right = apart.select("line", key="t_key", address="t").filter(pl.col("key").is_not_null())
    both = pl.concat([left.join(right, on="key", how="semi"), right.join(left, on="key", how="semi")])
    groups = both.group_by("key").agg(pl.col("line").unique().sort().alias("numbers"), pl.col("address").first())
    return find("M514", groups, side=SIDE, lines=pl.col("numbers"), upn=pl.col("address"), b=pl.col("address"))
