"""The command line: parse → one call of the library → print → exit status. Nothing is decided here."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from t2t_mapping._version import __version__
from t2t_mapping.catalogue import CATALOGUE
from t2t_mapping.cli.options import long_options, parser
from t2t_mapping.errors import InputError, OutputError, T2TError, UsageError

__all__ = ["main", "program"]


def program() -> int:
    """The command itself, in a process of its own, which it may prepare as it likes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that lacks a letter must not stop a run
    # One arena for two reading threads: as fast, and a tenth less memory. Read by polars' allocator when it is loaded.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1")
    return main()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status. No traceback reaches a user, and the host's process stays as it is."""
    arguments = parser().parse_args(argv)
    try:
        return int(_COMMANDS[arguments.command](arguments))
    except T2TError as error:
        return _refused(error, getattr(arguments, "format", "text"))
    except KeyboardInterrupt:
        print("Stopped. Earlier outputs are unchanged.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        print("Not enough memory for these files. Nothing was written.", file=sys.stderr)
        return 2
    except BaseException as error:  # polars' PanicException is no Exception
        if isinstance(error, SystemExit):
            raise
        return _our_fault(error)


def _refused(error: T2TError, form: str) -> int:
    if form == "json":
        from t2t_mapping import findings
        from t2t_mapping.outputs import files as outputs

        problems = error.problems if isinstance(error, InputError) else ()
        data = outputs.findings_json({}, findings.from_problems(problems), {}, {})
        if not problems:
            data = outputs.json_bytes({"counts": {}, "findings": [], "skipped": [], "outputs": {}, "error": str(error)})
        _bytes(data)
    kind = "The outputs could not be written" if isinstance(error, OutputError) else "Stopped"
    print(f"{kind}. Nothing was written.\n{_as_options(str(error))}", file=sys.stderr)
    return 2


def _as_options(text: str) -> str:
    """The library's words for this reader: `source_full` is `--source-full` here."""
    return re.sub(r"`([a-z_]+)`", lambda name: _option(name[1]) or name[0], text)


def _option(name: str) -> str | None:
    option = f"--{name.replace('_', '-')}"
    return option if option in long_options() else None


def _our_fault(error: BaseException) -> int:
    """An internal error: where it happened, never what the data was."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        trace = trace.tb_next
    print(
        f"Internal error (not caused by your files): {type(error).__name__} at {place} (t2t-mapping {__version__}). "
        "Nothing was written. Please report this line and the command; no personal data is in it.",
        file=sys.stderr,
    )
    return 70


def _bytes(data: bytes) -> None:
    """JSON is UTF-8 on every console; a host may have put a text stream without bytes in its place."""
    sys.stdout.flush()
    if not hasattr(sys.stdout, "buffer"):
        sys.stdout.write(data.decode())
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _generate(arguments: argparse.Namespace) -> int:
    from t2t_mapping.cli import terminal
    from t2t_mapping.run.generation import generate

    with terminal.Progress(arguments.format) as progress:
        result = generate(
            **_export_arguments(arguments),
            **_decision_arguments(arguments),
            exclude=arguments.exclude,
            progress=progress,
        )
        written = result.write(
            arguments.out,
            overwrite=arguments.overwrite,
            outputs=arguments.outputs,
            upload_script=arguments.upload_script,
        )
    return _answer(arguments, result, lambda: terminal.generated(result, written), written=written)


def _plan(arguments: argparse.Namespace) -> int:
    if arguments.example:
        from t2t_mapping.plans.file import example

        print(example(), end="")
        return 0
    from t2t_mapping.cli import terminal, terminal_plan
    from t2t_mapping.plans.planning import plan

    if arguments.plan is None:
        raise UsageError("Which plan? Give PLAN.toml, or --example for a plan to start from.")
    with terminal.Progress(arguments.format) as progress:
        result = plan(
            arguments.plan,
            out=arguments.out,
            overwrite=arguments.overwrite,
            outputs=arguments.outputs,
            progress=progress,
        )
    return _answer(arguments, result, lambda: terminal_plan.planned(result, result.written), written=result.written)


def _diff(arguments: argparse.Namespace) -> int:
    from t2t_mapping.after.mappings import diff
    from t2t_mapping.cli import terminal_plan

    result = diff(arguments.old, arguments.new)
    written = _handed_on(arguments, result)
    return _answer(arguments, result, lambda: terminal_plan.diffed(result), written=written)


def _drift(arguments: argparse.Namespace) -> int:
    from t2t_mapping.after.changes import drift
    from t2t_mapping.cli import terminal, terminal_plan

    with terminal.Progress(arguments.format) as progress:
        result = drift(arguments.run, **_export_arguments(arguments), rules=arguments.rules, progress=progress)
    return _answer(arguments, result, lambda: terminal_plan.drifted(result), written=_handed_on(arguments, result))


def _verify(arguments: argparse.Namespace) -> int:
    from t2t_mapping.after.arrival import verify
    from t2t_mapping.cli import terminal, terminal_plan

    with terminal.Progress(arguments.format) as progress:
        result = verify(arguments.mapping, arguments.after, sheet=arguments.sheet, progress=progress)
    return _answer(arguments, result, lambda: terminal_plan.verified(result), written=_handed_on(arguments, result))


def _answer(
    arguments: argparse.Namespace,
    result: Any,
    text: Callable[[], str],
    json: Callable[[], bytes] | None = None,
    written: Mapping[str, Any] | None = None,
) -> int:
    """What every command ends with: the result as text or as one JSON object, and the exit status."""
    if arguments.format == "text":
        print(text())
        if written and arguments.command not in ("generate", "plan"):  # those say so themselves
            print(f"\nWritten to {arguments.out}: {', '.join(written)}.")
    elif json is not None:
        _bytes(json())
    else:
        from t2t_mapping.outputs.files import findings_json

        paths = {name: path.as_posix() for name, path in (written or {}).items()}
        _bytes(findings_json(result.summary, result.findings, result.skipped, paths))
    return int(result.exit_status(arguments.fail_on))


def _handed_on(arguments: argparse.Namespace, result: Any) -> dict[str, Any] | None:
    """The answer as files, where `--out` asks for them."""
    return None if arguments.out is None else dict(result.write(arguments.out, overwrite=arguments.overwrite))


def _export_arguments(arguments: argparse.Namespace) -> dict[str, Any]:
    names = [f"{side}_{view}" for side in ("source", "destination") for view in ("full", "admin", "directory")]
    return {name: getattr(arguments, name) for name in names} | {"sheet": arguments.sheet}


def _decision_arguments(arguments: argparse.Namespace) -> dict[str, Any]:
    names = ("rules", "include_admins", "destination_domain", "match_on", "profile", "accept")
    return {name: getattr(arguments, name) for name in names}


def _validate(arguments: argparse.Namespace) -> int:
    from t2t_mapping.cli import terminal, terminal_validate
    from t2t_mapping.run.validation import validate

    with terminal.Progress(arguments.format) as progress:
        decisions = _decision_arguments(arguments)
        del decisions["match_on"]  # a mapping is judged as it is; nothing is matched
        result = validate(
            arguments.mapping, **_export_arguments(arguments), **decisions, fix=arguments.fix, progress=progress
        )
    return _answer(
        arguments, result, lambda: terminal_validate.validated(result), result.json, _handed_on(arguments, result)
    )


def _explain(arguments: argparse.Namespace) -> int:
    from t2t_mapping.cli import terminal, terminal_validate
    from t2t_mapping.run.explanation import explain

    with terminal.Progress(arguments.format) as progress:
        result = explain(
            arguments.errors,
            arguments.mapping,
            **_export_arguments(arguments),
            profile=arguments.profile,
            retry=arguments.retry,
            progress=progress,
        )
    return _answer(
        arguments,
        result,
        lambda: terminal_validate.explained(result, asked=arguments.retry is not None),
        result.json,
        _handed_on(arguments, result),
    )


def _inspect(arguments: argparse.Namespace) -> int:
    from t2t_mapping.cli import terminal_inspect
    from t2t_mapping.run.inspection import inspect

    result = inspect(arguments.files, sheet=arguments.sheet)
    return _answer(
        arguments, result, lambda: terminal_inspect.inspected(result), lambda: terminal_inspect.as_json(result)
    )


def _codes(arguments: argparse.Namespace) -> int:
    from t2t_mapping.cli import reference

    wanted = [code.upper() for code in arguments.codes]
    unknown = [code for code in wanted if not any(known.startswith(code) for known in CATALOGUE)]
    if unknown:
        print(f"There is no code {', '.join(unknown)}. `codes` without arguments lists all of them.", file=sys.stderr)
        return 2
    chosen = [
        entry for entry in CATALOGUE.values() if not wanted or any(entry.code.startswith(code) for code in wanted)
    ]
    print(
        reference.codes_json(chosen) if arguments.format == "json" else reference.codes_text(chosen, full=bool(wanted))
    )
    return 0


_COMMANDS = {
    "generate": _generate,
    "validate": _validate,
    "explain": _explain,
    "inspect": _inspect,
    "plan": _plan,
    "diff": _diff,
    "drift": _drift,
    "verify": _verify,
    "codes": _codes,
}
