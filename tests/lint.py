"""sqlfluff without the search for cycles among its many small objects, which takes a quarter of its time.

python tests/lint.py lint models tests analyses
"""

import gc

gc.disable()

# the processes that it starts import this file too
if __name__ == "__main__":
    from sqlfluff.cli.commands import cli

    cli()
