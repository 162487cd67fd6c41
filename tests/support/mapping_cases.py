"""Small mapping files and exactly what is wrong with each: (name, bytes, profile, expected).

An expectation is `CODE` for an error, `CODE!` for a warning, with the lines behind it: `"M506 2 5"`. They stand in the
order in which they are reported: errors first, then by code, then by line.
"""

from __future__ import annotations

from t2t_mapping.choices import Profile

Case = tuple[str, bytes, Profile, list[str]]

SELF: Profile = "self-service"
SUPPORT: Profile = "support-request"
H = b"Source,Destination\r\n"
A = b"ann@contoso.com,ann@fabrikam.com\r\n"
B = b"bob@contoso.com,bob@fabrikam.com\r\n"
GOOD = H + A + B
TEXT = GOOD.decode()


def row(source: str, destination: str = "ann@fabrikam.com") -> bytes:
    """One line."""
    return f"{source},{destination}\r\n".encode()


def _semicolons(data: bytes) -> bytes:
    return data.replace(b",", b";")


FINE: list[Case] = [
    ("the plain form", GOOD, SELF, []),
    ("one user", H + A, SELF, []),
    ("line feeds only", GOOD.replace(b"\r\n", b"\n"), SELF, []),
    ("no line end at the end", GOOD[:-2], SELF, []),
    ("no line end at the end, line feeds", GOOD.replace(b"\r\n", b"\n")[:-1], SELF, []),
    ("without a header for support", A + B, SUPPORT, []),
    ("one line for support without line end", A[:-2], SUPPORT, []),
    ("an apostrophe", H + row("o'neil@contoso.com"), SELF, []),
    ("every sign that Entra allows", H + row("a.b-c_d!e#f^g~h@contoso.com"), SELF, []),
    ("capitals", H + row("ANN@CONTOSO.COM", "Ann@Fabrikam.com"), SELF, []),
    (
        "a misspelt domain on one of many lines",
        H + b"".join(row(f"u{n}@contoso.com", f"u{n}@fabrikam.{'con' if n == 7 else 'com'}") for n in range(20)),
        SELF,
        ["M515! 9"],
    ),
    (
        "a rare domain in a short file",
        H + b"".join(row(f"u{n}@contoso.com", f"u{n}@fabrikam.{'con' if n == 7 else 'com'}") for n in range(19)),
        SELF,
        [],
    ),
    (
        "a small domain on three lines",
        H + b"".join(row(f"u{n}@contoso.com", f"u{n}@fabrikam.{'de' if n < 3 else 'com'}") for n in range(20)),
        SELF,
        [],
    ),
    (
        "a guest's address",
        H + row("ann@contoso.com", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com"),
        SELF,
        ["U216 2"],
    ),
    ("the interim address", H + row("ann@contoso.com", "ann@fabrikam.onmicrosoft.com"), SELF, []),
    ("the longest address", H + row("a" * 64 + "@" + "b" * 44 + ".com"), SELF, []),
    ("one address as somebody's part", H + row("ann@contoso.com") + row("ann@contoso.com.au", "b@x.com"), SELF, []),
]

HEADERS: list[Case] = [
    ("header missing", A + B, SELF, ["M503 1"]),
    ("small letters", b"source,destination\r\n" + A, SELF, ["M503 1"]),
    ("capitals in the header", b"SOURCE,DESTINATION\r\n" + A, SELF, ["M503 1"]),
    ("misspelt", b"Sorce,Destination\r\n" + A, SELF, ["M503 1"]),
    ("misspelt twice", b"Sorce,Destinaton\r\n" + A, SELF, ["M503 1"]),
    ("other words", b"SourceUpn,TargetUpn\r\n" + A, SELF, ["M503 1"]),
    ("words of another table", b"Name,Mail\r\n" + A, SELF, ["M503 1"]),
    ("exchanged words", b"Destination,Source\r\n" + A, SELF, ["M503 1"]),
    ("blank before", b" Source,Destination\r\n" + A, SELF, ["M503 1"]),
    ("blank after", b"Source,Destination \r\n" + A, SELF, ["M503 1"]),
    ("blank after the comma of the header", b"Source, Destination\r\n" + A, SELF, ["M503 1"]),
    ("no-break blank in the header", "\u00a0Source,Destination\r\n".encode() + A, SELF, ["M503 1"]),
    ("zero-width in the header", "Sour\u200bce,Destination\r\n".encode() + A, SELF, ["M503 1"]),
    ("quotes around the header", b'"Source","Destination"\r\n' + A, SELF, ["M503 1"]),
    ("a third header", b"Source,Destination,Note\r\n" + A, SELF, ["M503 1"]),
    ("an empty third header", b"Source,Destination,\r\n" + A, SELF, ["M503 1"]),
    ("one header", b"Source\r\n" + A, SELF, ["M503 1"]),
    ("a title above", b"User mapping\r\n" + GOOD, SELF, ["M503 1"]),
    ("two titles above", b"User mapping\r\nfor Contoso\r\n" + GOOD, SELF, ["M503 1 2"]),
    ("the header twice", H + H + A, SELF, ["M503 2"]),
    ("two files in one", GOOD + H + row("cy@contoso.com", "cy@fabrikam.com"), SELF, ["M503 4"]),
    ("header at the end only", A + H, SELF, ["M503 1", "M503 2"]),
    ("Excel's hint", b"sep=,\r\n" + GOOD, SELF, ["M503 1"]),
    ("PowerShell's type", b"#TYPE System.Management.Automation.PSCustomObject\r\n" + GOOD, SELF, ["M503 1"]),
    ("header in support", GOOD, SUPPORT, ["M503 1"]),
    ("small header in support", b"source,destination\r\n" + A, SUPPORT, ["M503 1"]),
    ("other header in support", b"SourceUpn,TargetUpn\r\n" + A, SUPPORT, ["M503 1"]),
    ("a line without addresses in support", b"Old,New\r\n" + A, SUPPORT, ["M503 1"]),
    ("two headers in support", H + H + A, SUPPORT, ["M503 1", "M503 2"]),
]

SEPARATORS: list[Case] = [
    ("semicolons", _semicolons(GOOD), SELF, ["M502 1 2 3"]),
    ("tabs", GOOD.replace(b",", b"\t"), SELF, ["M502 1 2 3"]),
    ("one semicolon", H + A + _semicolons(B), SELF, ["M502 3"]),
    ("one tab", H + A.replace(b",", b"\t") + B, SELF, ["M502 2"]),
    ("semicolon in the header only", _semicolons(H) + A, SELF, ["M502 1"]),
    ("one of each", H + _semicolons(A) + B.replace(b",", b"\t"), SELF, ["M502 2", "M502 3"]),
    ("semicolons, header missing", _semicolons(A + B), SELF, ["M502 1 2", "M503 1"]),
    ("semicolons and small header", b"source;destination\r\n" + _semicolons(A), SELF, ["M502 1 2", "M503 1"]),
    ("semicolons for support", _semicolons(A + B), SUPPORT, ["M502 1 2"]),
    (
        "semicolons and blanks",
        _semicolons(H) + b"ann@contoso.com ; ann@fabrikam.com\r\n",
        SELF,
        ["M502 1 2", "M508 2", "M508 2"],
    ),
    ("Excel's hint and semicolons", b"sep=;\r\n" + _semicolons(GOOD), SELF, ["M502 2 3 4", "M503 1"]),
    ("a bar", H + A.replace(b",", b"|"), SELF, ["M504 2"]),
    ("a blank for a comma", H + A.replace(b",", b" "), SELF, ["M504 2"]),
    ("two commas", H + A.replace(b",", b",,"), SELF, ["M504 2"]),
]

COLUMNS: list[Case] = [
    ("one column", H + b"ann@contoso.com\r\n" + B, SELF, ["M504 2"]),
    ("three columns", H + A[:-2] + b",Ann\r\n", SELF, ["M504 2"]),
    ("an empty third column", H + A[:-2] + b",\r\n", SELF, ["M504 2"]),
    ("many empty columns", H + A[:-2] + b",,,, \r\n", SELF, ["M504 2"]),
    ("each line its finding", H + b"x@y.com\r\n" + A + b"a@b.com,c@d.com,e@f.com\r\n", SELF, ["M504 2", "M504 4"]),
    ("three columns of semicolons", H + b"a@b.com;c@d.com;e@f.com\r\n", SELF, ["M504 2"]),
    ("a name of two words in front", H + b"Ann Lee," + A, SELF, ["M504 2"]),
    ("one column for support", b"ann@contoso.com\r\n" + B, SUPPORT, ["M504 1"]),
    ("no source", H + b",ann@fabrikam.com\r\n", SELF, ["M505 2"]),
    ("no destination", H + b"ann@contoso.com,\r\n", SELF, ["M505 2"]),
    ("neither", H + b",\r\n" + A, SELF, ["M505 2", "M505 2"]),
    ("a blank destination", H + b"ann@contoso.com, \r\n", SELF, ["M505 2"]),
    ("two without a destination", H + b"ann@contoso.com,\r\nbob@contoso.com,\r\n", SELF, ["M505 2", "M505 3"]),
]

QUOTES: list[Case] = [
    ("quoted", H + b'"ann@contoso.com","ann@fabrikam.com"\r\n' + B, SELF, ["M505 2"]),
    ("one quoted", H + b'ann@contoso.com,"ann@fabrikam.com"\r\n', SELF, ["M505 2"]),
    ("the line quoted", H + b'"ann@contoso.com,ann@fabrikam.com"\r\n', SELF, ["M505 2"]),
    ("quotes and blanks", H + b'"ann@contoso.com", "ann@fabrikam.com"\r\n', SELF, ["M505 2", "M508 2"]),
    ("blanks within quotes", H + b'" ann@contoso.com","ann@fabrikam.com"\r\n', SELF, ["M505 2", "M508 2"]),
    (
        "quotes and semicolons",
        _semicolons(H) + b'"ann@contoso.com";"ann@fabrikam.com"\r\n',
        SELF,
        ["M502 1 2", "M505 2"],
    ),
    ("a quote inside", H + b'a""nn@contoso.com,ann@fabrikam.com\r\n', SELF, ["M505 2"]),
    ("quoted nothing", H + b'"",ann@fabrikam.com\r\n', SELF, ["M505 2", "M505 2"]),
    ("quoted rubbish", H + b'"ann","ann@fabrikam.com"\r\n', SELF, ["M505 2", "M505 2"]),
    ("a quote never closed", H + b'"ann@contoso.com,ann@fabrikam.com\r\n' + B, SELF, ["M504 2"]),
    ("a quote over two lines", H + b'"ann@contoso.com\r\n",ann@fabrikam.com\r\n', SELF, ["M504 2 3"]),
    (
        "a quote that swallows rows",
        H + b'"x@y.com,a@b.com\r\n' + A + B + b'z@y.com,c@d.com"\r\n',
        SELF,
        ["M504 2 3 4 5"],
    ),
    ("two such quotes", H + b'"a\r\nb"\r\n' + A + b'"c\r\nd"\r\n', SELF, ["M504 2 3", "M504 5 6"]),
    ("a comma in quotes", H + b'"Lee, Ann",ann@fabrikam.com\r\n', SELF, ["M504 2"]),
    ("quoted for support", b'"ann@contoso.com","ann@fabrikam.com"\r\n', SUPPORT, ["M505 1"]),
    ("single quotes", H + b"'ann@contoso.com','ann@fabrikam.com'\r\n", SELF, ["M505 2", "M505 2"]),
]

ADDRESSES: list[Case] = [
    (name, H + row(text), SELF, ["M505 2"])
    for name, text in (
        ("no at sign", "ann.contoso.com"),
        ("two at signs", "ann@lee@contoso.com"),
        ("no local part", "@contoso.com"),
        ("no domain", "ann@"),
        ("no dot in the domain", "ann@contoso"),
        ("two dots", "ann..lee@contoso.com"),
        ("a dot first", ".ann@contoso.com"),
        ("a dot before the at sign", "ann.@contoso.com"),
        ("a dot last", "ann@contoso.com."),
        ("a hyphen first in the domain", "ann@-contoso.com"),
        ("a blank inside", "ann lee@contoso.com"),
        ("a no-break blank inside", "ann\u00a0lee@contoso.com"),
        ("a plus", "ann+lee@contoso.com"),
        ("an ampersand", "ann&lee@contoso.com"),
        ("a domain account", "CONTOSO\\ann"),
        ("a link", "mailto:ann@contoso.com"),
        ("a name with address", "Ann <ann@contoso.com>"),
        ("an umlaut", "jürgen@contoso.com"),
        ("an accent in the domain", "ann@contosé.com"),
        ("Japanese", "安@contoso.com"),
        ("65 characters before", "a" * 65 + "@contoso.com"),
        ("49 characters after", "ann@" + "b" * 45 + ".com"),
        ("a semicolon behind", "ann@contoso.com;"),
        ("a number", "42"),
        ("an underscore in the domain", "ann@con_toso.com"),
    )
] + [
    ("both wrong", H + b"ann@,@fabrikam.com\r\n", SELF, ["M505 2", "M505 2"]),
    ("wrong destination", H + row("ann@contoso.com", "ann@fabrikam"), SELF, ["M505 2"]),
]

LOOKALIKES: list[Case] = [
    (name, H + row(text), SELF, ["M512 2"])
    for name, text in (
        ("Cyrillic a", "\u0430nn@contoso.com"),
        ("Cyrillic in the domain", "ann@c\u043entoso.com"),
        ("Greek omicron", "b\u03bfb@contoso.com"),
        ("Kelvin sign", "\u212aim@contoso.com"),
        ("dotless i", "k\u0131m@contoso.com"),
        ("full-width", "\uff41nn@contoso.com"),
        ("full-width at sign", "ann\uff20contoso.com"),
        ("mathematical letter", "\U0001d41ann@contoso.com"),
        ("zero-width blank", "an\u200bn@contoso.com"),
        ("zero-width at the end", "ann@contoso.com\u200b"),
        ("zero-width joiner", "ann\u200d@contoso.com"),
        ("soft hyphen", "an\u00adn@contoso.com"),
        ("right-to-left override", "ann\u202e@contoso.com"),
        ("left-to-right mark", "\u200eann@contoso.com"),
        ("bidirectional isolate", "\u2068ann@contoso.com\u2069"),
        ("word joiner", "ann\u2060@contoso.com"),
        ("a byte order mark inside", "an\ufeffn@contoso.com"),
        ("a control character", "an\x07n@contoso.com"),
        ("a tab inside", "an\tn@contoso.com"),
        ("a typographic apostrophe", "o\u2019neil@contoso.com"),
        ("a dash for a hyphen", "ann\u2013lee@contoso.com"),
        ("a long s", "bo\u017fs@contoso.com"),
    )
] + [
    ("look-alikes in both", H + row("\u0430nn@contoso.com", "\u0430nn@fabrikam.com"), SELF, ["M512 2", "M512 2"]),
    ("a look-alike and a blank", H + row(" \u0430nn@contoso.com"), SELF, ["M508 2", "M512 2"]),
    ("a look-alike is no duplicate", GOOD + row("\u0430nn@contoso.com", "x@y.com"), SELF, ["M512 4"]),
    (
        "a Kelvin sign is no k",
        H + row("kim@contoso.com", "k@y.com") + row("\u212aim@contoso.com", "x@y.com"),
        SELF,
        ["M512 3"],
    ),
]

DUPLICATES: list[Case] = [
    ("a source twice", GOOD + row("ann@contoso.com", "lee@fabrikam.com"), SELF, ["M506 2 4"]),
    ("a destination twice", GOOD + row("lee@contoso.com", "ann@fabrikam.com"), SELF, ["M506 2 4"]),
    ("a line twice", GOOD + A, SELF, ["M506 2 4"]),
    ("a line three times", GOOD + A + A, SELF, ["M506 2 4 5"]),
    ("a line twice in other case", GOOD + A.upper(), SELF, ["M506 2 4"]),
    ("a source twice in other case", GOOD + row("ANN@Contoso.com", "lee@fabrikam.com"), SELF, ["M506 2 4"]),
    ("a destination twice in other case", GOOD + row("lee@contoso.com", "ANN@fabrikam.com"), SELF, ["M506 2 4"]),
    ("two sources twice", GOOD + row("ann@contoso.com", "x@y.com") + row("bob@contoso.com", "z@y.com"), SELF, ["M506 2 4", "M506 3 5"]),
    ("both crosswise", GOOD + row("ann@contoso.com", "bob@fabrikam.com"), SELF, ["M506 2 4", "M506 3 4"]),
    ("a line twice, and its source again", GOOD + A + row("ann@contoso.com", "x@y.com"), SELF, ["M506 2 4 5"]),
    ("a line twice, and its destination again", GOOD + A + row("lee@contoso.com"), SELF, ["M506 2 4 5"]),
    ("duplicates behind blanks", GOOD + row("ann@contoso.com ", "x@y.com"), SELF, ["M506 2 4", "M508 4"]),
    ("duplicates behind quotes", GOOD + b'"ann@contoso.com",x@y.com\r\n', SELF, ["M505 4", "M506 2 4"]),
    ("empty columns are no duplicates", H + b"a@x.com,\r\nb@x.com,\r\n", SELF, ["M505 2", "M505 3"]),
    ("for support", A + A, SUPPORT, ["M506 1 2"]),
    ("nobody moves", H + row("ann@contoso.com", "ann@contoso.com"), SELF, ["M507 2"]),
    ("nobody moves in other case", H + row("ann@contoso.com", "Ann@Contoso.com"), SELF, ["M507 2"]),
    ("each its line", H + row("a@x.com", "a@x.com") + row("b@x.com", "b@x.com"), SELF, ["M507 2", "M507 3"]),
    ("nobody moves behind blanks", H + row("a@x.com", " a@x.com"), SELF, ["M507 2", "M508 2"]),
    ("a chain", H + row("a@x.com", "b@x.com") + row("b@x.com", "c@x.com"), SELF, ["M514 2 3"]),
    ("a swap of two", H + row("a@x.com", "b@x.com") + row("b@x.com", "a@x.com"), SELF, ["M514 2 3", "M514 2 3"]),
    ("a chain in other case", H + row("a@x.com", "B@x.com") + row("b@X.com", "c@x.com"), SELF, ["M514 2 3"]),
    ("same line is no chain", H + row("a@x.com", "a@x.com") + row("b@x.com", "c@x.com"), SELF, ["M507 2"]),
    (
        "a chain of three",
        H + row("a@x.com", "b@x.com") + row("b@x.com", "c@x.com") + row("c@x.com", "d@x.com"),
        SELF,
        ["M514 2 3", "M514 3 4"],
    ),
]  # fmt: skip

BLANKS: list[Case] = [
    ("blank before the source", H + row(" ann@contoso.com"), SELF, ["M508 2"]),
    ("blank behind the source", H + row("ann@contoso.com "), SELF, ["M508 2"]),
    ("blank after the comma", H + row("ann@contoso.com", " ann@fabrikam.com"), SELF, ["M508 2"]),
    ("blank at the end", H + row("ann@contoso.com", "ann@fabrikam.com "), SELF, ["M508 2"]),
    ("blanks around both", H + row(" ann@contoso.com ", " ann@fabrikam.com "), SELF, ["M508 2", "M508 2"]),
    ("a tab before", H + row("\tann@contoso.com"), SELF, ["M508 2"]),
    ("a no-break blank", H + row("ann@contoso.com\u00a0"), SELF, ["M508 2"]),
    ("an ideographic blank", H + row("\u3000ann@contoso.com"), SELF, ["M508 2"]),
    ("a byte order mark in the middle", H + row("\ufeffann@contoso.com"), SELF, ["M508 2"]),
    ("after the comma for support", A.replace(b",", b", "), SUPPORT, ["M508! 1"]),
    ("two blanks after the comma for support", A.replace(b",", b",  "), SUPPORT, ["M508 1"]),
    ("after the comma and at the end for support", A.replace(b",", b", ")[:-2] + b" \r\n", SUPPORT, ["M508 1"]),
    ("before the comma for support", A.replace(b",", b" ,"), SUPPORT, ["M508 1"]),
    ("a no-break blank for support", A.replace(b",", ",\u00a0".encode()), SUPPORT, ["M508 1"]),
    ("a blank line", H + A + b"\r\n" + B, SELF, ["M510 3"]),
    ("two blank lines", H + b"\r\n" + A + b"\r\n" + B, SELF, ["M510 2 4"]),
    ("a line of blanks", H + A + b" \t \r\n" + B, SELF, ["M510 3"]),
    ("a line of no-break blanks", H + A + "\u00a0\r\n".encode() + B, SELF, ["M510 3"]),
    ("a blank line at the end", GOOD + b"\r\n", SELF, ["M510! 4"]),
    ("blank lines at the end", GOOD + b"\r\n \r\n\r\n", SELF, ["M510! 4 5 6"]),
    ("blanks at the end", GOOD + b"  ", SELF, ["M510! 4"]),
    ("blank lines inside and at the end", H + b"\r\n" + A + b"\r\n", SELF, ["M510 2", "M510! 4"]),
    ("a blank first line", b"\r\n" + GOOD, SELF, ["M510 1"]),
    ("a blank line for support", A + b"\r\n" + B, SUPPORT, ["M510 2"]),
]

EMPTY: list[Case] = [
    ("nothing at all", b"", SELF, ["M511"]),
    ("nothing for support", b"", SUPPORT, ["M511"]),
    ("a header only", H, SELF, ["M511"]),
    ("a header without line end", H[:-2], SELF, ["M511"]),
    ("a header only, for support", H, SUPPORT, ["M503 1", "M511"]),
    ("a line end only", b"\r\n", SELF, ["M511", "M510! 1"]),
    ("a byte order mark only", b"\xef\xbb\xbf", SELF, ["M509", "M511"]),
    ("a mark and a header", b"\xef\xbb\xbf" + H, SELF, ["M509", "M511"]),
    ("Excel's hint only", b"sep=;\r\n", SELF, ["M503 1", "M503 1", "M511"]),
]

ENCODINGS: list[Case] = [
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD, SELF, ["M509"]),
    ("a mark for support", b"\xef\xbb\xbf" + A, SUPPORT, ["M509"]),
    ("two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, SELF, ["M509"]),
    ("UTF-16 LE", b"\xff\xfe" + TEXT.encode("utf-16-le"), SELF, ["M509"]),
    ("UTF-16 BE", b"\xfe\xff" + TEXT.encode("utf-16-be"), SELF, ["M509"]),
    ("UTF-16 LE without mark", TEXT.encode("utf-16-le"), SELF, ["M509"]),
    ("UTF-16 BE without mark", TEXT.encode("utf-16-be"), SELF, ["M509"]),
    ("UTF-32", TEXT.encode("utf-32"), SELF, ["M509"]),
    ("UTF-16 cut off", b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], SELF, ["M504 4", "M509 3", "M509"]),
    ("UTF-16 and semicolons", b"\xff\xfe" + TEXT.replace(",", ";").encode("utf-16-le"), SELF, ["M502 1 2 3", "M509"]),
    ("Windows-1252", H + A + "jürgen@contoso.com,j@fabrikam.com\r\n".encode("cp1252"), SELF, ["M505 3", "M509 3"]),
    ("two encodings", H + "ü@x.com,a@y.com\r\n".encode() + "é@x.com,b@y.com\r\n".encode("cp1252"), SELF, ["M505 2", "M505 3", "M509 2 3"]),
    ("neither encoding", H + A + b"\x81@x.com,b@y.com\r\n", SELF, ["M509 3", "M512 3"]),
    ("a NUL", H + A + b"b\0b@contoso.com,bob@fabrikam.com\r\n", SELF, ["M509 3"]),
    ("NULs at the end", GOOD + b"\0\0\0\0", SELF, ["M509 4"]),
    ("zero bytes", b"\0" * 64, SELF, ["M509"]),
    ("a workbook", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xff\xfe", SELF, ["M509"]),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 32, SELF, ["M509"]),
    ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", SELF, ["M509"]),
    ("random bytes", bytes(range(256)), SELF, ["M509"]),
    ("lone carriage returns", GOOD.replace(b"\r\n", b"\r"), SELF, ["M509 1 2 3"]),
    ("one lone carriage return", H + A + B[:-2] + b"\r", SELF, ["M509 3"]),
    ("mixed line ends", H + A + B[:-2] + b"\n", SELF, ["M509! 3"]),
    ("mixed line ends, most of them LF", H[:-2] + b"\n" + A[:-2] + b"\n" + B, SELF, ["M509! 3"]),
    ("a line separator is no line end", H + A[:-2] + "\u2028".encode() + B, SELF, ["M504 2"]),
    ("a form feed is no line end", H + A[:-2] + b"\x0c" + B, SELF, ["M504 2"]),
]  # fmt: skip

TOGETHER: list[Case] = [
    (
        "a file as Excel saves it in Germany",
        b"\xef\xbb\xbf" + _semicolons(GOOD) + b";\r\n",
        SELF,
        ["M502 1 2 3 4", "M505 4", "M505 4", "M509"],
    ),
    (
        "a file as PowerShell exports it",
        ('#TYPE Selected\r\n"Source","Destination"\r\n"a@x.com","b@y.com"\r\n').encode("utf-16"),
        SELF,
        ["M503 1", "M503 2", "M505 3", "M509"],
    ),
    (
        "everything at once",
        H
        + b"a@x.com;b@y.com\r\nc@x.com\r\nd@x,e@y.com\r\na@x.com,f@y.com\r\ng@x.com,g@x.com\r\n h@x.com,i@y.com\r\n\r\n"
        b"f@y.com,j@y.com\r\n\r\n",
        SELF,
        ["M502 2", "M504 3", "M505 4", "M506 2 5", "M507 6", "M508 7", "M510 8", "M514 5 9", "M510! 10"],
    ),
    ("JSON", b'{"source": "a@x.com", "destination": "b@y.com"}', SELF, ["M503 1", "M505 1", "M505 1", "M508 1"]),
    ("HTML", b"<html><body>Sign in</body></html>", SELF, ["M503 1", "M511"]),
]

CASES: list[Case] = [
    *FINE,
    *HEADERS,
    *SEPARATORS,
    *COLUMNS,
    *QUOTES,
    *ADDRESSES,
    *LOOKALIKES,
    *DUPLICATES,
    *BLANKS,
    *EMPTY,
    *ENCODINGS,
    *TOGETHER,
]
