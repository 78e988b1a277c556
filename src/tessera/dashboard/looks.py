"""How pages look: one theme, light and dark, with colours that people who see few of them tell apart (Okabe and Ito's)."""

from __future__ import annotations

# Blue, vermilion, green, orange, pink, sky: each can be seen on its ground at a contrast of 3 or more.
LIGHT = ["#0b5394", "#b84a00", "#00745a", "#9a6a00", "#a3487c", "#2a7ab0"]
DARK = ["#5aa9e6", "#f28e4b", "#35c29a", "#e6b422", "#e59ac4", "#9fd0f5"]
INK, PAPER, QUIET = "#1f1f1f", "#ffffff", "#5f5f5f"
_THEME = {
    "light": {
        "primaryColor": LIGHT[0],
        "backgroundColor": PAPER,
        "secondaryBackgroundColor": "#f4f5f7",
        "textColor": INK,
        "borderColor": "#d9dce1",
        "chartCategoricalColors": LIGHT,
    },
    "dark": {
        "primaryColor": DARK[0],
        "backgroundColor": "#14171c",
        "secondaryBackgroundColor": "#1e232b",
        "textColor": "#e8eaed",
        "borderColor": "#363d48",
        "chartCategoricalColors": DARK,
    },
}
# The picture of the tab: three bars. Streamlit would fetch one of its own from the network.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">'
    + "".join(
        f'<rect x="3" y="{top}" width="{width}" height="7" fill="{colour}"/>'
        for top, width, colour in ((3, 26, LIGHT[0]), (13, 18, LIGHT[1]), (23, 10, LIGHT[2]))
    )
    + "</svg>"
)
STYLE = """<style>
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; max-width: 78rem; }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
</style>"""


def theme_options() -> dict[str, object]:
    """The theme as options of Streamlit."""
    options: dict[str, object] = {
        f"theme_{side}_{name}": value for side, values in _THEME.items() for name, value in values.items()
    }
    return {**options, "theme_baseRadius": "small", "theme_showWidgetBorder": True}
