"""Writes the pictures of the README, from the fixtures: `python docs/make_pictures.py [FOLDER]`.

With a folder it also takes every page of every command there, light, dark, narrow and printed, for a look at all of them.
It needs Chromium, and for the workbook LibreOffice and `pip install pypdfium2 pillow openpyxl`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import t2t_mapping as t2t

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
MERGER = FIXTURES / "merger"


def shot(page: Path, picture: Path, *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
    """A picture of the top of a page."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    mode = ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []
    chromium([*mode, f"--window-size={width},{height}", f"--screenshot={picture}"], page)


def printed(page: Path, picture: Path) -> None:
    """The first printed page."""
    with tempfile.TemporaryDirectory() as folder:
        chromium(["--no-pdf-header-footer", f"--print-to-pdf={folder}/page.pdf"], page)
        first_page(Path(folder) / "page.pdf", picture)


def chromium(arguments: Iterable[str], page: Path) -> None:
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    subprocess.run(["chromium", *flags, *arguments, page.as_uri()], check=True, capture_output=True)


def first_page(pdf: Path, picture: Path) -> None:
    import pypdfium2

    pypdfium2.PdfDocument(pdf)[0].render(scale=1.25).to_pil().save(picture)


def trimmed(picture: Path, margin: int = 12) -> None:
    """Without the white of the paper around the sheet."""
    from PIL import Image, ImageOps

    with Image.open(picture) as image:
        left, top, right, bottom = ImageOps.invert(image.convert("L")).getbbox() or (0, 0, *image.size)
        image.crop((left - margin, top - margin, right + margin, bottom + margin)).save(picture)


def workbook(book: Path, picture: Path) -> None:
    """The first sheet as a screen shows it: its left part, on one wide page."""
    import openpyxl

    with tempfile.TemporaryDirectory() as folder:
        loaded = openpyxl.load_workbook(book)
        for sheet in loaded.worksheets[1:]:
            del loaded[sheet.title]
        first = loaded.worksheets[0]
        first.print_area = f"A1:H{min(first.max_row, 12)}"
        first.page_setup.orientation = "landscape"
        first.page_setup.paperSize = 8  # A3
        first.page_setup.fitToWidth, first.page_setup.fitToHeight = 1, 0
        first.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
        loaded.save(Path(folder) / "review.xlsx")
        subprocess.run(
            ["soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, f"{folder}/review.xlsx"],
            check=True,
            capture_output=True,
        )
        first_page(Path(folder) / "review.pdf", picture)
        trimmed(picture)


def merger() -> t2t.Exports:
    """The exports of the fixtures' merger."""
    return t2t.Exports(
        source_full=MERGER / "source/Full Access Users*.xlsx",
        source_admin=MERGER / "source/Administrative*.xlsx",
        destination_full=MERGER / "destination/Full*.xlsx",
        destination_directory=MERGER / "destination/users.csv",
    )


def every_page(folder: Path) -> list[Path]:
    """One folder per command, with its page."""
    exports = merger()
    options = t2t.Options(destination_domain=("fabrikam.com",))
    run = folder / "generate"
    t2t.generate(exports, rules=MERGER / "rules.csv", options=options).write(run)
    earlier = t2t.generate(exports, options=options)
    earlier.write(folder / "earlier", outputs="core")
    t2t.validate(run / "usermapping.csv", exports, options=options).write(folder / "validate")
    t2t.diff(folder / "earlier", run).write(folder / "diff")
    t2t.verify(run, MERGER / "destination/Full*.xlsx").write(folder / "verify")
    fresh = t2t.Exports(source=MERGER / "source", destination_full=MERGER / "destination/Full*.xlsx")
    t2t.drift(run, fresh).write(folder / "drift")
    lines = (run / "usermapping.csv").read_text(encoding="utf-8").splitlines()
    codes = ["Result", "TargetUPNDoesNotExistInAAD", "RetryableError", "SkippedMapping"]
    answer = "\n".join(f"{line},{code}" for line, code in zip(lines, codes, strict=False))
    t2t.explain(answer.encode(), run / "usermapping.csv").write(folder / "explain")
    t2t.plan(FIXTURES / "plan/plan.toml", out=folder / "plan")
    return sorted(folder.glob("*/report.html"))


def main() -> None:
    """The two pictures of the README, or everything."""
    with tempfile.TemporaryDirectory() as temporary:
        pages = every_page(Path(temporary))
        run = Path(temporary) / "generate"
        shot(run / "report.html", HERE / "pictures/report.png", height=1330)
        workbook(run / "review.xlsx", HERE / "pictures/review.png")
        if len(sys.argv) > 1:
            target = Path(sys.argv[1])
            for page in pages:
                name = page.parent.name
                shot(page, target / f"{name}.png", height=2400)
                shot(page, target / f"{name}-dark.png", dark=True, height=1600)
                shot(page, target / f"{name}-500.png", width=500, height=2400)
                printed(page, target / f"{name}-printed.png")


if __name__ == "__main__":
    main()
