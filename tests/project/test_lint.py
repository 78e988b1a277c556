"""What lint says: the commands of `make lint`, among the tests so that no core waits for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.shops import PROJECT


@pytest.mark.parametrize("target", ["lint-sql", "lint-python", "conventions"])
def test_lint_finds_nothing(target):
    # flags of a make that runs the tests are not for this one
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(
        ["make", target, f"BIN={Path(sys.executable).parent}", "PROCESSES=1"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"make {target}\n{done.stdout}\n{done.stderr}"
