"""The result that callers hold: what came of a run, and how to look at it and store it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from t2t_mapping import findings as fnd
from t2t_mapping.outputs.run_folder import run_files, write_run
from t2t_mapping.results.reconciliation import Reconciliation

__all__ = ["Result"]


@dataclass(frozen=True, repr=False)
class Result(Reconciliation):
    """What came of one run. Every frame is a polars frame; see `Reconciliation` for the attributes."""

    def __repr__(self) -> str:
        from t2t_mapping.outputs.notebook import result_text  # only who looks at it pays for it

        return result_text(self)

    def _repr_html_(self) -> str:
        from t2t_mapping.outputs.notebook import result_html

        return result_html(self)

    def exit_status(self, fail_on: str = "error") -> int:
        """0 if nothing is at or above `fail_on` (`error`, `warning`, `never`), else 1."""
        if fail_on == "never":
            return 0
        return int(fnd.at_least(self.findings, fail_on).height > 0 or self.mapping.is_empty())

    def files(self, outputs: str = "all") -> dict[str, bytes]:
        """The content of every output, by name, the mapping last. The same inputs and options give the same bytes."""
        return run_files(self, outputs)

    def write(self, folder: str | Path, *, overwrite: bool = False, outputs: str = "all") -> dict[str, Path]:
        """Write every output into a folder, atomically, the mapping last.

        Args:
            overwrite: Replace earlier outputs. An earlier mapping is removed when nobody is mapped now.
            outputs: `all`, or `core` without the workbook and the report.

        Returns:
            Name -> path of what was written.

        Raises:
            OutputError: Something stands in the way, or the disk is full; nothing has changed.
        """
        return write_run(self, folder, overwrite=overwrite, outputs=outputs)
