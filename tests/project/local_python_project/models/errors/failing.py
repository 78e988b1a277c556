# The blank lines above are part of the file, and of the number of the line that fails.
from dataclasses import dataclass

import pandas as pd


@dataclass
class Row:
    id: "int"


def fail(row):
    raise ValueError(f"no {row}")


def model(dbt, session):
    if dbt.config.get("fail"):
        fail(Row(1))
    return pd.DataFrame({"id": [1]})
