"""Several dbt commands on one parsed project, in one process: parsing costs more than most of the nights of a test.

    python many_runs.py '[[["build", "--select", "stores"], {"as_of": "2025-06-30"}], ...]'
"""

from __future__ import annotations

import json
import sys

from dbt.cli.main import dbtRunner


def main() -> int:
    """Run the commands one after the other, up to the first that fails."""
    manifest = None
    for args, variables in json.loads(sys.argv[1]):
        command = ["--no-use-colors", *args, "--vars", json.dumps(variables)]
        if manifest is None:
            parsed = dbtRunner().invoke(["--quiet", "parse", "--vars", json.dumps(variables)])
            if not parsed.success:
                print(parsed.exception)
                return 1
            manifest = parsed.result
        done = dbtRunner(manifest=manifest).invoke(command)
        if not done.success:
            print(done.exception or "")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
