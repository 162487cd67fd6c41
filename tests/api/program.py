"""What a program of somebody else looks like: every public verb and result, used as the types say.

It is run, and checked by mypy and by pyright in their strict modes, as code outside the package.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import assert_type

import polars as pl

import t2t_mapping as t2t


def main(exports: Path, out: Path) -> None:
    """From exports to a mapping and back, in a folder of its own."""
    steps: list[str] = []
    both = t2t.Exports(source_full=exports / "source", destination_full=[exports / "destination"])
    options = t2t.Options(destination_domain=("fabrikam.com",), match_on=("mail",), profile="self-service")
    result = t2t.generate(both, options=options, accept="P305", progress=steps.append)
    assert_type(result, t2t.Result)
    assert_type(result.ready, bool)
    for frame in (result.mapping, result.accounting, result.findings, result.mapped, result.held, result.suggestions):
        assert_type(frame, pl.DataFrame)
    assert_type(result.excluded, pl.DataFrame)
    assert_type(result.skipped, dict[str, str])
    status: int = result.exit_status("warning")
    again = result.with_rules({"nobody@contoso.com": None}).with_rules([("x@contoso.com", "y@fabrikam.com", "asked")])
    assert_type(again, t2t.Result)
    written: dict[str, Path] = again.write(out / "run", overwrite=True, outputs="core")

    source = t2t.read_users(exports / "source", view="full", side="source")
    destination = t2t.read_users([exports / "destination"], view="full", side="destination")
    rules: t2t.RuleTable = t2t.read_rules(written["usermapping.csv"])
    same = t2t.generate(source, destination, rules=[rules, written["usermapping.csv"]], include_admins=True)

    judged: t2t.Validation = t2t.validate(written["usermapping.csv"], both, options=same.options)
    explained: t2t.Explanation = t2t.explain(b"Line '2' is not a valid pair", written["usermapping.csv"])
    looked: t2t.Inspection = t2t.inspect(exports / "source")
    compared: t2t.Diff = t2t.diff(out / "run", written["usermapping.csv"])
    drifted: t2t.Drift = t2t.drift(out / "run", both)
    verified: t2t.Verification = t2t.verify(out / "run", exports / "destination")
    assert_type(verified.users, pl.DataFrame)
    pairs: pl.DataFrame = t2t.read_mapping(out / "run")
    statuses = [each.exit_status("never") for each in (judged, explained, looked, compared, drifted, verified)]
    try:
        t2t.generate(out / "there is no such file.csv")
    except t2t.InputError as error:
        print([(problem.code, problem.file is not None, problem.advice) for problem in error.problems])
    print(status, statuses, pairs.height, len(steps) > 0, sorted(t2t.CATALOGUE)[:1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
