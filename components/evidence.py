"""Why this reply: the threshold, the scores next to it, and the passages they belong to."""

import streamlit as st

from components.i18n import _, language
from components.markup import escape, highlight
from core.demos import Demo
from core.scenarios.customer_service.answering import Reply
from core.scenarios.customer_service.index import Match
from core.scenarios.customer_service.policy import Decision, Policy
from core.scenarios.customer_service.sample import topic_title


def threshold_slider(demo: Demo, policy: Policy) -> float:
    """The live slider: moving it decides the questions of this conversation again."""
    st.subheader(_("Why this reply"), anchor=False)
    return st.slider(
        _("Answer from this score on"),
        0.0,
        1.0,
        value=policy.threshold,
        step=0.01,
        key=f"{demo.key}_threshold",
        bind="query-params",
        help=_(
            "Higher: fewer, surer answers. Lower: more answers, more of them wrong. It decides the same question anew."
        ),
    )


def show(reply: Reply | None) -> None:
    """The decision in words, then every passage that was considered, best first."""
    if reply is None:
        st.caption(_("Ask a question; the passages and scores behind the reply appear here."))
        return
    st.markdown(_decision_line(reply))
    for number, match in enumerate(reply.matches):
        _show_match(match, reply.policy, is_open=number == 0)


def _decision_line(reply: Reply) -> str:
    policy, best = reply.policy, reply.best
    numbers = {
        "score": f"{best.score:.2f}" if best else "",
        "second": f"{reply.matches[1].score:.2f}" if len(reply.matches) > 1 else "",
        "threshold": f"{policy.threshold:.2f}",
        "floor": f"{policy.floor:.2f}",
    }
    return _decision_text(reply).format(**numbers)


def _decision_text(reply: Reply) -> str:
    if reply.best is None:
        return _(":red-badge[hand over] The knowledge base has no entry that could be compared.")
    if reply.decision is Decision.ANSWER:
        return _(":green-badge[answer] The best score {score} reaches the threshold {threshold}.")
    if reply.decision is Decision.HAND_OVER:
        return _(
            ":red-badge[hand over] The best score {score} is below {floor}, and no passage is close in meaning."
        )
    if reply.best.score >= reply.policy.threshold:
        return _(
            ":orange-badge[ask back] Two entries reach the threshold {threshold} and fit almost equally: "
            "{score} and {second}."
        )
    return _(
        ":orange-badge[ask back] The best score {score} is below the threshold {threshold}, "
        "but a passage is close enough to ask."
    )


def _show_match(match: Match, policy: Policy, *, is_open: bool) -> None:
    entry = match.entry
    color = "green" if match.score >= policy.threshold else "orange"
    color = "gray" if match.score < policy.floor else color
    with st.expander(f":{color}-badge[{match.score:.2f}] {escape(entry.title)}", expanded=is_open):
        st.progress(min(1.0, max(0.0, match.score)))
        st.markdown(highlight(entry.answer, match.span if is_open else None))
        terms = " · ".join(_term(name, value) for name, value in match.terms.items())
        topic = escape(topic_title(entry.topic, language()))
        line = _("Entry {entry} · {topic} · {terms}")
        st.caption(line.format(entry=escape(entry.entry_id), topic=topic, terms=terms), help=_terms_help())


def _term(name: str, value: float) -> str:
    """One part of the score, with its name for people."""
    titles = {
        "semantic": _("meaning of the question"),
        "answer": _("meaning of the answer"),
        "lexical": _("wording"),
        "head": _("learned from examples"),
    }
    return f"{titles.get(name, escape(name))} {value:.2f}"


def _terms_help() -> str:
    return _(
        "What the score is made of. Meaning: how close the nearest question, or the nearest sentence of the "
        "answer, lies to yours; 1 is the same. Wording: the share of letters in common. Learned from examples: "
        "the number of a small classifier trained on the example questions; the larger, the likelier, and it may be "
        "negative. Entries with many examples are scored by it, together with the closest meaning."
    )
