"""Models in Python that begin at the same time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
AT_ONCE = """
import importlib, sys, threading
failed, all_are_there = [], threading.Barrier(len(sys.argv) - 1)

def load(name):
    all_are_there.wait()
    try:
        importlib.import_module(name)
    except Exception as error:
        failed.append(f"{name}: {error}")

threads = [threading.Thread(target=load, args=(name,)) for name in sys.argv[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit("; ".join(failed) or 0)
"""


def test_what_models_ask_for_can_be_imported_side_by_side():
    # scipy's modules import each other: a thread that comes second finds half of one
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "python_models").rglob("*.py"))
    names = sorted(set(re.findall(r"^from (tessera[.]\w+)", code, re.MULTILINE)))
    assert len(names) > 5
    done = subprocess.run([sys.executable, "-c", AT_ONCE, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
