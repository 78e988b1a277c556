"""What belongs to a store rather than to a person: calendar, catalogue, addresses of pages."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from tessera.demo.columns import DAY, HOUR, MINUTE, SECOND
from tessera.demo.config import DemoConfig
from tessera.demo.names import product_names

ZONES = ["America/New_York", "Europe/Berlin"]
CURRENCIES = ["USD", "EUR"]
FOREIGN = {"EUR": {"GBP": 1.17, "CHF": 1.04}, "USD": {}}
CITIES = [
    [
        ("New York", "NY", "US", 40.71, -74.01),
        ("Boston", "MA", "US", 42.36, -71.06),
        ("Chicago", "IL", "US", 41.88, -87.63),
        ("Atlanta", "GA", "US", 33.75, -84.39),
        ("Denver", "CO", "US", 39.74, -104.99),
        ("Toronto", "ON", "CA", 43.65, -79.38),
    ],
    [
        ("Berlin", "BE", "DE", 52.52, 13.40),
        ("Hamburg", "HH", "DE", 53.55, 9.99),
        ("Wien", "9", "AT", 48.21, 16.37),
        ("Zürich", "ZH", "CH", 47.38, 8.54),
        ("London", "LND", "GB", 51.51, -0.13),
        ("Paris", "IDF", "FR", 48.86, 2.35),
    ],
]
CATEGORIES = [
    "Shoes",
    "Shirts",
    "Jackets",
    "Bags",
    "Watches",
    "Kitchen",
    "Bedding",
    "Lighting",
    "Running",
    "Cycling",
    "Skincare",
    "Tea & Coffee",
]
VERTICALS = [
    "fashion",
    "fashion",
    "fashion",
    "accessories",
    "accessories",
    "home",
    "home",
    "home",
    "sport",
    "sport",
    "beauty",
    "food",
]
CATEGORY_PRICES = [28, 13, 38, 21, 45, 12, 18, 15, 17, 24, 9.5, 5.5]
PRODUCT_TYPES = ["Basic", "Classic", "Studio"]
PRODUCTS = 360
SEARCHES = [*[name.lower() for name in CATEGORIES], "gift", "new in", "waterproof", "sale", "discount code", "outlet"]
FIRST_BARGAIN_SEARCH = len(SEARCHES) - 3
CAMPAIGNS = [
    ("google", "cpc", "brand"),
    ("google", "cpc", "generic"),
    ("newsletter", "email", "weekly"),
    ("newsletter", "email", "november"),
    ("instagram", "social", "stories"),
    ("facebook", "social", "catalogue"),
    ("partner", "affiliate", "bloggers"),
    ("sms", "sms", "restock"),
]
# Of each campaign: clicks a day and person of the store, what a click costs in cents, and how often it is shown for one.
CAMPAIGN_COSTS = [
    (0.0016, 60, 12),
    (0.0015, 140, 40),
    (0.0009, 6, 8),
    (0.0001, 6, 8),
    (0.0015, 90, 110),
    (0.0016, 80, 90),
    (0.0010, 110, 25),
    (0.0001, 45, 6),
]
NEWSLETTER, NOVEMBER = 3, 4  # numbers of campaigns count from 1, 0 is none
# Where a visit without a campaign comes from; -1 is nowhere.
REFERRERS = [
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://www.instagram.com/",
    "https://www.facebook.com/",
    "https://partner.example.com/",
    "https://blog.example.com/",
    "https://webmail.example.com/",
]
CAMPAIGN_REFERRERS = np.array([-1, 0, 0, 6, 6, 2, 3, 4, -1])
PLAIN_REFERRERS, PLAIN_SHARES = np.array([-1, 0, 1, 2, 5]), [0.44, 0.45, 0.04, 0.04, 0.03]
FIXED_PAGES = [
    ("/", "Home", "home"),
    ("/search", "Search", "search"),
    ("/cart", "Cart", "cart"),
    ("/checkout", "Checkout", "checkout"),
    ("/checkout/thank-you", "Thank you", "confirmation"),
    ("/journal", "Journal", "article"),
    ("/account", "Account", "account"),
    ("/contact", "Contact", "contact"),
]
HOME, SEARCH, CART, CHECKOUT, THANKS, JOURNAL, ACCOUNT, CONTACT = range(8)


class Store:
    """One store of the demo.

    Parameters
    ----------
    config
        The run.
    index
        0 for the first store. Even ones speak the Shopify pixel's event names, give session ids and keep refunds in
        order lines; odd ones speak plain names, give no session ids and keep refunds as rows.
    """

    def __init__(self, config: DemoConfig, index: int) -> None:
        self.config, self.index = config, index
        self.store_id = f"store_{index + 1}"
        self.domain = f"shop{index + 1}.example.com"
        self.is_pixel = index % 2 == 0
        self.timezone = ZONES[index % 2]
        self.currency = CURRENCIES[index % 2]
        self.cities = CITIES[index % 2]
        self.foreign = FOREIGN[self.currency]
        self._make_calendar()
        self._make_catalogue()

    def _make_calendar(self) -> None:
        config = self.config
        days = [config.start_date + dt.timedelta(days=i) for i in range(config.days + 1)]
        zone = ZoneInfo(self.timezone)
        noons = [dt.datetime.combine(day, dt.time(12)) for day in days]
        self.offset = np.array([int((zone.utcoffset(noon) or dt.timedelta()).total_seconds()) * SECOND for noon in noons])
        self.weekday = np.array([day.weekday() for day in days])
        self.month = np.array([day.month for day in days])
        yearday = np.array([day.timetuple().tm_yday for day in days[:-1]])
        season = 1 + 0.15 * np.cos(2 * np.pi * (yearday - 355) / 365) + 1.3 * np.exp(-(((yearday - 331) / 6.0) ** 2))
        season *= np.where(self.weekday[:-1] >= 5, 1.15, 1.0)
        self.busy = np.concatenate([[0.0], np.cumsum(season)]) * config.days / season.sum()

    def season_time(self, day: np.ndarray) -> np.ndarray:
        """Turn calendar days since the start into seasonal days, which pass faster when the shop is busy."""
        return np.interp(day, np.arange(len(self.busy)), self.busy)

    def calendar_time(self, season_day: np.ndarray) -> np.ndarray:
        """Turn seasonal days back into calendar days."""
        return np.interp(season_day, self.busy, np.arange(len(self.busy)))

    def utc(self, day: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return UTC microseconds of local days since the start and seconds of the day, all before the end.

        What would fall at or after the last ten minutes before `as_of` moves back by whole days.
        """
        day = np.clip(np.asarray(day).astype(np.int64), 0, self.config.days)
        at = self.config.start + day * DAY + np.round(second * SECOND).astype(np.int64) - self.offset[day]
        late = np.maximum(0, -((self.config.end - 10 * MINUTE - at) // DAY))
        at = at - late * DAY
        return np.maximum(at, self.config.start - 12 * HOUR)

    def _make_catalogue(self) -> None:
        rng = self.config.rng(self.index, 0, 100)
        counts = np.full(len(CATEGORIES), PRODUCTS // len(CATEGORIES))
        self.category_size = counts
        self.category_start = np.concatenate([[0], np.cumsum(counts)[:-1]])
        category = np.repeat(np.arange(len(CATEGORIES)), counts)
        price = np.array(CATEGORY_PRICES)[category] * np.exp(0.55 * rng.standard_normal(PRODUCTS))
        # Within a category products are ordered by price, so that a rank is a price level.
        order = np.lexsort((price, category))
        self.price = np.maximum(np.round(price[order] * 100).astype(np.int64), 150)
        self.category = category
        self.product_type = rng.integers(0, len(PRODUCT_TYPES), PRODUCTS)
        self.vendor = rng.integers(0, 20, PRODUCTS)
        self.product_id = [f"p{1000 + i}" for i in range(PRODUCTS)]
        self.product_name = [name for of, count in zip(CATEGORIES, counts, strict=True) for name in product_names(of, count)]

    @cached_property
    def paths(self) -> tuple[list[str], list[str], list[str]]:
        """Path, title and kind of every page: fixed ones, searches, collections, products."""
        slugs = [name.lower().replace(" & ", "-") for name in [*CATEGORIES, "sale"]]
        path, title, kind = (list(part) for part in zip(*FIXED_PAGES, strict=True))
        path += ["/search?q=" + query.replace(" ", "+") for query in SEARCHES]
        title += ["Search: " + query for query in SEARCHES]
        kind += ["search"] * len(SEARCHES)
        path += ["/collections/" + slug for slug in slugs]
        title += [*CATEGORIES, "Sale"]
        kind += ["collection"] * len(slugs)
        path += ["/products/" + product for product in self.product_id]
        title += self.product_name
        kind += ["product"] * PRODUCTS
        return path, title, kind

    @cached_property
    def urls(self) -> list[str]:
        """Every page's address, plain and with each campaign's UTM parameters: page * (campaigns + 1) + campaign."""
        made = []
        for path in self.paths[0]:
            base = f"https://{self.domain}{path}"
            made.append(base)
            for source, medium, campaign in CAMPAIGNS:
                mark = "&" if "?" in path else "?"
                made.append(f"{base}{mark}utm_source={source}&utm_medium={medium}&utm_campaign={campaign}")
        return made

    def search_page(self, query: np.ndarray) -> np.ndarray:
        """Return the page number of a search."""
        return len(FIXED_PAGES) + query

    def collection_page(self, collection: np.ndarray) -> np.ndarray:
        """Return the page number of a collection."""
        return len(FIXED_PAGES) + len(SEARCHES) + collection

    def product_page(self, product: np.ndarray) -> np.ndarray:
        """Return the page number of a product."""
        return len(FIXED_PAGES) + len(SEARCHES) + len(CATEGORIES) + 1 + product


def newsletter_of(store: Store, day: np.ndarray) -> np.ndarray:
    """Return the campaign of the newsletter that goes out on days since the start."""
    return np.where(store.month[day] == 11, NOVEMBER, NEWSLETTER)
