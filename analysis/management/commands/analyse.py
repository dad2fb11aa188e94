"""Analyse a data file from the command line and print the result as JSON."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Score DATA.csv, describe and analyse it as SPEC.json says, and print JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("data", metavar="DATA.csv", type=Path)
        parser.add_argument("spec", metavar="SPEC.json", type=Path)

    def handle(self, *_args: Any, data: Path, spec: Path, **_options: Any) -> None:
        """When a file cannot be read: a reason on stderr, exit status 2, nothing on stdout."""
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the same sums in the same order on every machine
        from analysis.stats.case import analyse
        from analysis.stats.spec import SpecError, read_spec
        from analysis.stats.table import TableError, read_table

        try:
            what = read_spec(spec.read_bytes())
            answer = analyse(read_table(data.read_bytes()), what)
        except (OSError, SpecError, TableError) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(json.dumps(answer, indent=1, ensure_ascii=False, allow_nan=False))
