"""The planted types: who behaves how on each of the 14 axes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

# Type, share of the typed people, centre. Axes whose centres are None have no order (a weekend shopper is not more
# than an evening shopper): there a type is a preferred corner.
AXES: dict[str, list[tuple[str, float, float | None]]] = {
    "purchase_frequency": [("rare", 0.45, -1.1), ("steady", 0.35, 0.3), ("frequent", 0.20, 1.6)],
    "purchase_value": [("small_baskets", 0.50, -0.9), ("middle_baskets", 0.30, 0.4), ("large_baskets", 0.20, 1.7)],
    "category_exploration": [("focused", 0.60, -0.8), ("explorer", 0.40, 1.2)],
    "price_sensitivity": [("full_price", 0.45, -1.1), ("opportunist", 0.30, 0.2), ("discount_hunter", 0.25, 1.6)],
    "purchase_cadence": [("office_hours", 0.40, None), ("evening", 0.35, None), ("weekend", 0.25, None)],
    "customer_maturity": [("newcomer", 0.35, -1.2), ("settled", 0.40, 0.2), ("veteran", 0.25, 1.4)],
    "repurchase_behavior": [("seeker", 0.65, -0.8), ("repeater", 0.35, 1.4)],
    "return_behavior": [("keeper", 0.75, -0.6), ("returner", 0.25, 1.8)],
    "communication_preference": [("email", 0.50, None), ("social", 0.30, None), ("sms", 0.20, None)],
    "problem_complexity_profile": [("trouble_free", 0.70, -0.6), ("switcher", 0.30, 1.5)],
    "loyalty_trajectory": [("declining", 0.30, -1.3), ("stable", 0.45, 0.0), ("rising", 0.25, 1.3)],
    "product_knowledge": [("generalist", 0.60, -0.8), ("specialist", 0.40, 1.2)],
    "value_sophistication": [("bargain", 0.40, -1.1), ("mainstream", 0.40, 0.2), ("premium", 0.20, 1.6)],
    "support_history": [("independent", 0.60, -0.8), ("occasional", 0.28, 0.6), ("heavy", 0.12, 2.0)],
}
NO_TYPE = "none"
NOISE_REACH = 2.5  # people without a type are uniform over this many centre units either side
CORNER = 2.4  # how much a preferred corner weighs before the softmax
PLAIN_CORNER = 3.6  # the same where types are planted to show plainly


@dataclass
class Latent:
    """What one axis makes of n people.

    Attributes
    ----------
    code
        Index of the type, -1 for people without one; shape (n,).
    level
        Position on an ordered axis, shape (n,); empty on an axis without order.
    uniform
        The level's rank in the population the axis is drawn from, exactly uniform on (0, 1), shape (n,); it carries a
        type into any distribution without bending that distribution.
    weights
        Preferences on an axis without order, shape (n, types), rows add up to 1; empty on any other.
    """

    code: np.ndarray
    level: np.ndarray = field(default_factory=lambda: np.empty(0))
    uniform: np.ndarray = field(default_factory=lambda: np.empty(0))
    weights: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))


def draw(
    rng: np.random.Generator,
    is_noise: np.ndarray,
    separation: float,
    overlap: float,
    noise: float,
    planted: frozenset[str] = frozenset(),
) -> dict[str, Latent]:
    """Draw types and positions of people on all axes, independently.

    Parameters
    ----------
    rng
        Source of randomness.
    is_noise
        Who fits no type, shape (n,).
    separation, overlap, noise
        As in `DemoConfig`.
    planted
        Axes whose types show plainly, while on the others people are spread round one middle; none for types on all axes.

    Returns
    -------
    dict of str to Latent
    """
    n = len(is_noise)
    drawn = {}
    for axis, types in AXES.items():
        is_mixed = not planted or axis in planted
        shares = np.array([share for _, share, _ in types])
        code = np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(types) - 1)
        if types[0][2] is None:
            pull = overlap * rng.standard_normal((n, len(types)))
            pull[np.arange(n), code] += np.where(is_noise, 0.0, separation) * is_mixed
            pull *= np.where(is_noise, 1.5, 1.0)[:, None] * (PLAIN_CORNER if planted else CORNER)
            weights = np.exp(pull - pull.max(axis=1, keepdims=True))
            latent = Latent(code, weights=weights / weights.sum(axis=1, keepdims=True))
        else:
            centres = separation * np.array([centre for _, _, centre in types])
            spread, reach = max(overlap, 1e-6), max(NOISE_REACH * separation, 1e-6)
            level = np.where(is_noise, rng.uniform(-reach, reach, n), centres[code] + spread * rng.standard_normal(n))
            typed = sum(share * ndtr((level - at) / spread) for share, at in zip(shares, centres, strict=True))
            broad = np.clip((level + reach) / (2 * reach), 0, 1)
            uniform = np.clip((1 - noise) * typed + noise * broad, 1e-9, 1 - 1e-9)
            if not is_mixed:
                level = overlap * rng.standard_normal(n)
            latent = Latent(code, level=np.clip(level, -4, 4), uniform=uniform)
        latent.code = np.where(is_noise, -1, code) if is_mixed else np.full(n, -1)
        drawn[axis] = latent
    return drawn
