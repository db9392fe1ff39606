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
    lines = {
        Decision.ANSWER: _(":green-badge[answer] The best score {score} reaches the threshold {threshold}."),
        Decision.ASK_BACK: _(
            ":orange-badge[ask back] The best score {score} is too close to call at {threshold}."
        ),
        Decision.HAND_OVER: _(
            ":red-badge[hand over] The best score {score} is far below the threshold {threshold}."
        ),
    }
    score = f"{reply.best.score:.2f}" if reply.best else "0.00"
    return lines[reply.decision].format(score=score, threshold=f"{reply.policy.threshold:.2f}")


def _show_match(match: Match, policy: Policy, *, is_open: bool) -> None:
    entry = match.entry
    color = "green" if match.score >= policy.threshold else "orange"
    color = "gray" if match.score < policy.threshold - policy.ask_back_band else color
    title = entry.questions[0] if entry.questions else entry.answer[:60]
    with st.expander(f":{color}-badge[{match.score:.2f}] {escape(title)}", expanded=is_open):
        st.progress(min(1.0, max(0.0, match.score)))
        st.markdown(highlight(entry.answer, match.span if is_open else None))
        terms = " · ".join(f"{title} {match.terms[name]:.2f}" for name, title in _terms(match).items())
        topic = escape(topic_title(entry.topic, language()))
        st.caption(
            _("Entry {entry} · {topic} · {terms}").format(
                entry=escape(entry.entry_id), topic=topic, terms=terms
            )
        )


def _terms(match: Match) -> dict[str, str]:
    """The parts of the score that say something about this entry, with their names for people."""
    titles = {"semantic": _("meaning"), "lexical": _("wording"), "head": _("learned from examples")}
    return {name: title for name, title in titles.items() if match.terms.get(name, -1.0) > -1.0}
