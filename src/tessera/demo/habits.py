"""What people come to a shop for, apart from buying: who looks, reads, and takes the newsletter.

A habit moves what people see and open, never what they order: orders come of the purchase process alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tessera.demo.columns import unit


@dataclass(frozen=True)
class Habit:
    """How people of one habit spend their time with the shop.

    Parameters
    ----------
    buyers, others
        Shares of those who order, and of those who never do, that have the habit.
    since
        Days before the end within which it began, the fewest and the most; it goes on to the end.
    visits, reads
        Visits, and articles, videos and the like, in 30 days.
    views
        Chance of each of five further product views in a visit.
    reach
        Shares of visits that end on the landing page, on other pages, in a cart, in a checkout.
    subscribes, opens, clicks
        Share that takes the newsletter; shares of it that they open and click.
    """

    buyers: float
    others: float
    since: tuple[float, float]
    visits: float
    reads: float
    views: float
    reach: tuple[float, float, float, float]
    subscribes: float
    opens: float
    clicks: float


CASUAL, REGULAR, ADMIRER, WINDOW_SHOPPER, READER = range(5)
HABITS = [
    # Whoever comes by: what they open is their own, see `draw_habits`.
    Habit(0.0, 0.0, (0, 0), 0.0, 0.0, 0.09, (0.42, 0.442, 0.076, 0.062), 0.62, 0.24, 0.001),
    # Comes all the time, buys or does not.
    Habit(0.06, 0.03, (75, 160), 8.0, 1.5, 0.20, (0.20, 0.57, 0.13, 0.10), 1.0, 0.55, 0.05),
    # Loves the dearest things, knows every newsletter, and never buys.
    Habit(0.0, 0.045, (75, 130), 11.0, 2.5, 0.20, (0.15, 0.81, 0.03, 0.01), 1.0, 0.82, 0.38),
    # Looks at much and buys nothing.
    Habit(0.02, 0.10, (80, 220), 3.5, 0.1, 0.45, (0.20, 0.68, 0.08, 0.04), 0.5, 0.3, 0.01),
    # Comes for the journal.
    Habit(0.025, 0.06, (75, 240), 1.5, 5.5, 0.09, (0.40, 0.55, 0.03, 0.02), 0.85, 0.45, 0.02),
]
# Shares of visits by anonymous visitors, like `Habit.reach`.
VISITOR_REACH, VISITOR_VIEWS = (0.64, 0.289, 0.044, 0.027), 0.09


@dataclass
class Habits:
    """The habits of a chunk of people, one array element a person; days count from the start of the history."""

    code: np.ndarray
    begin: np.ndarray
    is_subscribed: np.ndarray
    takes_sms: np.ndarray
    opens: np.ndarray
    clicks: np.ndarray

    def of(self, field: str) -> np.ndarray:
        """Return a field of every person's habit, shape (n, ...)."""
        return np.array([getattr(habit, field) for habit in HABITS])[self.code]


def draw_habits(
    rng: np.random.Generator,
    number: np.ndarray,
    is_buyer: np.ndarray,
    is_able: np.ndarray,
    acquired_day: np.ndarray,
    days: int,
) -> Habits:
    """Draw what people come for.

    Parameters
    ----------
    number
        Numbers of people, shape (n,).
    is_buyer
        Who orders.
    is_able
        Who may have a habit beyond coming by: somebody with an account, in a shop whose types do not show plainly.
    acquired_day
        The day on which they came; a habit takes time to be seen, so that it needs the last third of the history.
    days
        Length of the history.
    """
    n = len(number)
    code = np.zeros(n, dtype=np.int64)
    for buys, shares in ((True, [habit.buyers for habit in HABITS]), (False, [habit.others for habit in HABITS])):
        group = np.flatnonzero(is_buyer == buys)
        # Those who came lately are last in line; the others are in no order.
        line = group[np.argsort(unit(number[group] + 70_001) + (~is_able | (acquired_day > 0.67 * days))[group])]
        ranks = (np.arange(len(line)) + 0.5) / max(len(line), 1)
        cumulative = np.cumsum(shares[1:])
        habit_code = np.where(ranks < cumulative[-1], 1 + np.searchsorted(cumulative, ranks, side="right"), CASUAL)
        code[line] = habit_code * is_able[line]
    of = {
        field: np.array([getattr(habit, field) for habit in HABITS])[code] for field in ("since", "subscribes", "opens", "clicks")
    }
    began = of["since"][:, 0] + (of["since"][:, 1] - of["since"][:, 0]) * rng.random(n)
    takes_sms, is_subscribed = rng.random(n) < 0.3, rng.random(n) < of["subscribes"]
    # Those who come by differ most in whether they open at all.
    weight = np.where(code == CASUAL, 5.0, 20.0)
    opens = rng.beta(of["opens"] * weight, (1 - of["opens"]) * weight)
    return Habits(code, np.maximum(days - began, acquired_day), is_subscribed, takes_sms, opens, np.minimum(of["clicks"], opens))
