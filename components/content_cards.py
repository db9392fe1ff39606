"""A draft on its card: its text with what the checks found, the settings that made it, and what to do with it."""

from urllib.parse import urlencode

import streamlit as st

from components import content_board, content_marks, feedback, results
from components.content_board import Card
from components.content_writing import COLUMN_PX
from components.i18n import _, link_params
from components.use_it import origin
from core.demos import Demo
from core.scenarios.content.brief import messages
from core.scenarios.content.checks import Verdict
from core.scenarios.content.reviewing import review
from core.scenarios.content.variants import Variant, item_of
from core.showcase import showcase
from core.types import ChatMessage, Tier

# More of them are no comparison any more.
MAX_CARDS = 8


def show(demo: Demo) -> None:
    """The cards side by side, as many in a row as there is room for."""
    cards = content_board.cards(demo)
    if not cards:
        st.info(_("Fill in the brief, or take an example."), icon=":material/waving_hand:")
        return
    grid = st.grid(len(cards), min_column_width=COLUMN_PX, key=f"{demo.key}_board")
    for number, card in enumerate(cards, start=1):
        with grid.container(border=True, key=f"{demo.key}_card_{card.card_id}"):
            _show_card(demo, card, number)
            _show_twin(card, cards[: number - 1])


def _show_card(demo: Demo, card: Card, number: int) -> None:
    text, variant = content_board.text_of(demo, card), card.variant
    checks = review(variant, text)
    failed = sum(check.verdict is Verdict.FAIL for check in checks)
    title = _("Draft {number}").format(number=number)
    passed = _("all checks passed") if not failed else _("to check: {count}").format(count=failed)
    st.markdown(f"**{title}** :{'orange' if failed else 'green'}-badge[{passed}]")
    content_marks.show(text, checks)
    results.badge(variant.model)
    _show_buttons(demo, card)
    _show_editor(demo, card)
    _show_settings(demo, card)
    question = messages(variant.brief)[0].content
    feedback.ask(demo, turn_id=card.card_id, question=question, answer=text, model_id=variant.model.model_id)


def _show_twin(card: Card, before: list[Card]) -> None:
    """Whether the same settings gave the same text again, where they were tried twice."""
    twin = content_board.twin_of(card, before)
    if twin and card.variant.finish_reason != "cancelled":
        is_same = twin.variant.text == card.variant.text
        same = _("Written again with the same seed: word for word draft {number}.")
        other = _("Written again with the same seed, and not the same as draft {number}.")
        icon = ":green[:material/verified:]" if is_same else ":orange[:material/warning:]"
        text = same if is_same else other
        st.markdown(f"{icon} {text.format(number=before.index(twin) + 1)}")


def _show_buttons(demo: Demo, card: Card) -> None:
    is_starter = showcase().models.catalog.spec(card.variant.model.model_id).tier is Tier.STARTER
    if is_starter:
        how = _("New drafts of the same brief, drawn more calmly. The starter cannot read an example.")
    else:
        how = _("New drafts of the same brief; the model reads this text as the example.")
    with st.container(horizontal=True):
        st.button(
            _("Regenerate"),
            key=f"{demo.key}_again_{card.card_id}",
            icon=":material/refresh:",
            help=_("The same brief with a new seed, in the place of this draft."),
            on_click=content_board.again,
            args=(demo, card),
        )
        st.button(
            _("More like this"),
            key=f"{demo.key}_like_{card.card_id}",
            icon=":material/content_copy:",
            help=how,
            on_click=content_board.more_like,
            args=(demo, card),
        )


def _show_editor(demo: Demo, card: Card) -> None:
    with st.expander(_("Edit"), icon=":material/edit:"):
        key = content_board.text_key(demo, card)
        st.session_state.setdefault(key, card.variant.text)
        st.text_area(
            _("Text"),
            key=key,
            height=180,
            max_chars=content_board.MAX_TEXT_CHARS,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.caption(_("Checked again as soon as you leave the box."))


def _show_settings(demo: Demo, card: Card) -> None:
    variant = card.variant
    with st.expander(_("Seed {seed}").format(seed=variant.options.seed), icon=":material/tune:"):
        line = _("Temperature {temperature} · top-p {top_p} · at most {tokens} tokens · {written} written")
        options = variant.options
        st.caption(
            line.format(
                temperature=options.temperature,
                top_p=options.top_p,
                tokens=options.max_new_tokens,
                written=variant.tokens,
            )
        )
        if variant.revision:
            st.caption(_("Commit of the model: {revision}").format(revision=variant.revision))
        if len(content_board.cards(demo)) < MAX_CARDS:
            st.button(
                _("Write it again with this seed"),
                key=f"{demo.key}_repeat_{card.card_id}",
                icon=":material/replay:",
                on_click=content_board.repeat,
                args=(demo, card),
            )
        st.caption(_("What the model was asked, word for word:"))
        st.code(
            "\n\n".join(_asked(message) for message in item_of(variant).messages),
            language=None,
            wrap_lines=True,
        )
        st.caption(_("This link has the settings, and never your text:"))
        st.code(_link(demo, variant), language=None, wrap_lines=True)


def _asked(message: ChatMessage) -> str:
    return message.content if message.role == "user" else f"[{message.role}] {message.content}"


def _link(demo: Demo, variant: Variant) -> str:
    brief, options = variant.brief, variant.options
    settings = {
        "seed": options.seed,
        "temperature": options.temperature,
        "variants": 1,
        "channel": brief.channel,
        "tone": brief.tone,
        "language": brief.language,
        "max_words": brief.max_words,
    }
    query = link_params() | {f"{demo.key}_{name}": value for name, value in settings.items()}
    return f"{origin()}/{demo.demo_id}?{urlencode(query)}"
