"""The CDNOW log of Fader and Hardie as histories: 2,357 customers, 39 weeks to fit in and 39 to check."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np

END, LAST = dt.date(1997, 9, 30), dt.date(1998, 6, 30)


def histories(folder: Path) -> dict[str, np.ndarray]:
    """Repeat orders, recency and age in weeks, mean repeat spend and later orders, one a customer; a day is an order."""
    days: dict[str, dict[dt.date, float]] = defaultdict(lambda: defaultdict(float))
    for line in (folder / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        days[customer][dt.datetime.strptime(day, "%Y%m%d").date()] += float(dollars)
    rows = []
    for of_day in days.values():
        seen = sorted(day for day in of_day if day <= END)
        repeat = [of_day[day] for day in seen[1:]]
        rows.append(
            (
                len(repeat),
                (seen[-1] - seen[0]).days / 7,
                (END - seen[0]).days / 7,
                float(np.mean(repeat)) if repeat else 0.0,
                sum(END < day <= LAST for day in of_day),
            )
        )
    return dict(zip(("frequency", "recency", "age", "spend", "later"), np.array(rows).T, strict=True))
