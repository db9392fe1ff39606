"""The terms of a score as bars and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import recommendation_words as words
from components.i18n import _
from components.recommendation_shop import Shop
from core.scenarios.recommendation.recommending import Reason

# More would be too thin to read; the table has them all.
SHOWN_BARS = 12
BAR_PX, LABEL_PX = 34, 150
# Of what no recommender adds.
NEUTRAL = "#64748b"


@dataclass(frozen=True)
class Term:
    """What one thing adds to a score, through one recommender."""

    what: str
    through: str
    adds: float
    colour: str


def rows(shop: Shop, reasons: Sequence[Reason]) -> list[Term]:
    """The terms with words for people, in the order of the reasons."""
    return [
        Term(_what(shop, reason), _through(reason), reason.value, words.COLOURS.get(reason.part, NEUTRAL))
        for reason in reasons
    ]


def show(terms: Sequence[Term], *, key: str) -> None:
    """Bars of the largest, and every number with the sum below."""
    _show_bars(terms, key=key)
    table = [{"what": each.what, "through": each.through, "adds": f"{each.adds:+z.5f}"} for each in terms]
    total = sum(each.adds for each in terms)
    table.append({"what": _("Sum"), "through": "", "adds": f"{total:+z.5f}"})
    with st.expander(_("The numbers"), icon=":material/table:", key=f"{key}_numbers"):
        st.dataframe(
            table,
            hide_index=True,
            key=f"{key}_table",
            alt=_("Terms of the score, and their sum"),
            column_config={"what": _("What"), "through": _("Through"), "adds": _("Adds")},
        )


def _show_bars(terms: Sequence[Term], *, key: str) -> None:
    # Here and not above: it takes some 0.4 s to import, which the first page would pay.
    import altair as alt

    sizes: dict[str, float] = {}
    for each in terms:
        sizes[each.what] = sizes.get(each.what, 0.0) + abs(each.adds)
    order = sorted(sizes, key=sizes.__getitem__, reverse=True)[:SHOWN_BARS]
    # Rounded as the tooltip shows them, so that nothing is no -0.0000 there.
    values = [vars(each) | {"adds": round(each.adds, 4) + 0} for each in terms if each.what in order]
    colours = {each.through: each.colour for each in terms if each.what in order}
    shades = alt.Scale(domain=list(colours), range=list(colours.values()))
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_bar(cornerRadius=3)
        .encode(
            x=alt.X("adds:Q", title=_("Adds to the score"), axis=alt.Axis(tickCount=8)),
            y=alt.Y("what:N", sort=order, title=None, axis=alt.Axis(labelLimit=LABEL_PX, labelOverlap=False)),
            color=alt.Color(
                "through:N", title=None, scale=shades, legend=alt.Legend(orient="bottom", columns=1)
            ),
            tooltip=[
                alt.Tooltip("what:N", title=_("What")),
                alt.Tooltip("through:N", title=_("Through")),
                alt.Tooltip("adds:Q", title=_("Adds"), format="+.4f"),
            ],
        )
        .properties(height=alt.Step(BAR_PX))
    )
    st.altair_chart(chart, width="stretch", key=f"{key}_bars", alt=_alt(terms))
    if len(sizes) > len(order):
        text = _("The {shown} largest of {count} terms; the numbers have them all.")
        st.caption(text.format(shown=len(order), count=len(sizes)))


def _what(shop: Shop, reason: Reason) -> str:
    if reason.item is not None:
        return shop.title(reason.item)
    names = {
        "popularity": _("How many take it"),
        "scale": _("Scores brought to 0 to 1"),
        "novelty": _("Less known than others"),
        "diversity": _("Like items above it"),
    }
    return names.get(reason.kind, reason.kind)


def _through(reason: Reason) -> str:
    return words.recommender_title(reason.part) if reason.part else _("The list as a whole")


def _alt(terms: Sequence[Term]) -> str:
    largest = max(terms, key=lambda term: term.adds, default=None)
    if largest is None:
        return _("No terms")
    text = _("Bars of {count} terms; the largest is {what} with {adds}.")
    return text.format(count=len(terms), what=largest.what, adds=f"{largest.adds:+z.3f}")
