"""Every command and its options, for `main`, the documentation and its test."""

from __future__ import annotations

import argparse
from typing import Any

from t2t_mapping._version import __version__

__all__ = ["long_options", "parser"]

EPILOG = """exit status: 0 no findings at or above --fail-on; 1 findings at or above it (outputs are written all the same);
2 could not run, nothing was written; 70 internal error (a bug in this tool, please report it)."""


class _Once(argparse.Action):
    """An option that may be given once: a second one must not silently replace the first."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Takes the value, or refuses."""
        given = self.__dict__.setdefault("given", set())
        if id(namespace) in given:
            parser.error(f"{option_string} was given twice; one {self.metavar} is possible")
        if not str(values).strip():
            parser.error(f"{option_string} is empty")
        given.add(id(namespace))
        setattr(namespace, self.dest, values)


def parser() -> argparse.ArgumentParser:
    """The whole command line, for `main`, the documentation and its test."""
    top = argparse.ArgumentParser(
        prog="t2t-mapping", description="User mapping for Power Platform tenant-to-tenant migrations.", epilog=EPILOG
    )
    top.add_argument("--version", action="version", version=f"t2t-mapping {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    generate = commands.add_parser(
        "generate", help="make usermapping.csv from exports, and account for every source user", epilog=EPILOG
    )
    _exports(generate)
    _decisions(generate)
    generate.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="CODE",
        help="leave out users whose only problem is this code; repeat for more",
    )
    generate.add_argument(
        "--outputs", choices=("all", "core"), default="all", help="core: no workbook and no report (default: all)"
    )
    generate.add_argument(
        "--out", action=_Once, default="out", metavar="DIR", help="folder for the outputs (default: out)"
    )
    generate.add_argument(
        "--upload-script", action="store_true", help="also write upload.ps1: the PowerShell lines of the upload"
    )
    generate.add_argument("--overwrite", action="store_true", help="replace earlier outputs in that folder")
    _output_format(generate)

    validate = commands.add_parser(
        "validate",
        help="list every error that the service would report about a mapping file, before the upload",
        epilog=EPILOG,
    )
    validate.add_argument(
        "mapping", metavar="MAPPING", help="the mapping file, whoever made it, or the folder of a run"
    )
    _exports(validate)
    _decisions(validate)
    validate.add_argument(
        "--exclude", action="append", default=[], metavar="CODE", help="as for generate; changes nothing here"
    )
    validate.add_argument(
        "--fix",
        action=_Once,
        metavar="PATH",
        help="write a copy in which everything is repaired that needs no guessing",
    )
    _handout(validate)
    _output_format(validate)

    explain = commands.add_parser(
        "explain",
        help="read the error report that the service returned",
        epilog="exit status: 0 nothing to repair; 1 the service reports an error or a failure, or says what is not understood; "
        "2 could not run: the file is empty or something else, nothing written.",
    )
    explain.add_argument("errors", metavar="ERRORS", help="the error report, or a copy of what a console showed")
    explain.add_argument(
        "--mapping",
        metavar="PATH",
        help="the mapping that was uploaded (or its run folder), to name the lines and users",
    )
    explain.add_argument(
        "--retry",
        action=_Once,
        metavar="PATH",
        help="write the lines of the users with RetryableError, to upload again",
    )
    _exports(explain)
    explain.add_argument(
        "--profile",
        choices=("self-service", "support-request"),
        default="self-service",
        help="format of the mapping (default: self-service)",
    )
    _handout(explain)
    _output_format(explain)

    inspect = commands.add_parser(
        "inspect", help="show what each file is, which column was used for what, and what is known", epilog=EPILOG
    )
    inspect.add_argument("files", nargs="+", metavar="FILE", help="files, folders or globs")
    inspect.add_argument("--sheet", metavar="NAME", help="the sheet to look at where a workbook has several with users")
    _output_format(inspect)

    _plan_parser(commands)
    _comparison_parsers(commands)

    codes = commands.add_parser("codes", help="explain the finding codes")
    codes.add_argument("codes", nargs="*", metavar="CODE", help="codes or first letters, e.g. U201 or P (default: all)")
    codes.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: one object, for programs (default: text)"
    )
    return top


def long_options() -> set[str]:
    """Every option of every command."""
    (commands,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return {
        name for command in commands.choices.values() for action in command._actions for name in action.option_strings
    }


def _plan_parser(commands: Any) -> None:
    plan = commands.add_parser(
        "plan",
        help="run several environments, and check them together",
        epilog="exit status: as for generate; 2 also when an environment could not be done, while the others are written.",
    )
    plan.add_argument("plan", nargs="?", metavar="PLAN.toml", help="the plan; its paths are relative to its own folder")
    plan.add_argument("--example", action="store_true", help="print a commented plan to start from")
    plan.add_argument("--outputs", choices=("all", "core"), help="core: no workbooks and no reports (default: all)")
    plan.add_argument("--out", action=_Once, default="out", metavar="DIR", help="folder for the outputs (default: out)")
    plan.add_argument("--overwrite", action="store_true", help="replace earlier outputs in that folder")
    _output_format(plan)
    plan.set_defaults(fail_on=None)  # the plan may say


def _comparison_parsers(commands: Any) -> None:
    diff = commands.add_parser(
        "diff",
        help="compare two mappings or run folders",
        epilog="A redirected user is an error, a removed or added one a warning (see --fail-on).",
    )
    diff.add_argument("old", metavar="OLD", help="mapping or run folder")
    diff.add_argument("new", metavar="NEW", help="mapping or run folder")
    _handout(diff)
    _output_format(diff)

    drift = commands.add_parser("drift", help="compare an approved run with fresh exports", epilog=EPILOG)
    drift.add_argument("run", metavar="RUN", help="folder of the approved run")
    _exports(drift)
    drift.add_argument(
        "--rules", action="append", metavar="PATH", help="rules, repeat for several (default: those that the run read)"
    )
    _handout(drift)
    _output_format(drift)

    verify = commands.add_parser(
        "verify", help="after the move: check that every mapped user has arrived", epilog=EPILOG
    )
    verify.add_argument("mapping", metavar="MAPPING", help="the mapping that was uploaded, or its run folder")
    verify.add_argument(
        "--after",
        nargs="+",
        action="extend",
        default=[],
        required=True,
        metavar="PATH",
        help="exports of the moved environment's users",
    )
    verify.add_argument("--sheet", metavar="NAME", help="the sheet to read where a workbook has several with users")
    _handout(verify)
    _output_format(verify)


def _exports(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("exports (files, folders or globs, any number)")
    for side in ("source", "destination"):
        for view, words in (
            ("full", "view Full Access Users"),
            ("admin", "view Administrative Access Users"),
            ("directory", "accounts of the tenant (Microsoft 365, Entra, Graph)"),
        ):
            group.add_argument(
                f"--{side}-{view}", nargs="+", action="extend", default=[], metavar="PATH", help=f"{side}: {words}"
            )
    group.add_argument(
        "--sheet", action=_Once, metavar="NAME", help="the sheet to read where a workbook has several with users"
    )


def _decisions(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("decisions")
    group.add_argument(
        "--rules",
        action="append",
        default=[],
        metavar="PATH",
        help="rule table, earlier usermapping.csv, or filled-in review.xlsx (or its run folder); repeat for several",
    )
    group.add_argument("--include-admins", action="store_true", help="include all administrative users")
    group.add_argument(
        "--destination-domain",
        action="append",
        default=[],
        metavar="NAME",
        help="preferred destination domain, best first; repeat for more",
    )
    group.add_argument(
        "--match-on",
        action="append",
        default=[],
        choices=("mail", "employee-id"),
        help="also match users by mail or employee id",
    )
    group.add_argument(
        "--profile",
        choices=("self-service", "support-request"),
        default="self-service",
        help="format of the mapping file (default: self-service)",
    )
    group.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CODE",
        help="turn errors of this code into warnings for this run; repeat for more",
    )


def _handout(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", action=_Once, metavar="DIR", help="also write a report and the tables as CSV into this folder"
    )
    command.add_argument("--overwrite", action="store_true", help="replace earlier outputs in that folder")


def _output_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: one object, for programs (default: text)"
    )
    command.add_argument(
        "--fail-on", choices=("error", "warning", "never"), default="error", help="when to exit with 1 (default: error)"
    )
