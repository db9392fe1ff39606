"""The chat of the customer-service page: turns, choices when it asks back, and the end of a conversation."""

import streamlit as st

from components import failures, feedback, handing_over, knowledge_base, phrasing, results, turns
from components.i18n import _
from components.markup import escape, highlight
from components.session import session_hash
from components.turns import Turn
from core.demos import Demo
from core.scenarios.customer_service.answering import Reply
from core.scenarios.customer_service.policy import Decision
from core.showcase import showcase
from core.store import Unanswered


def add(demo: Demo, reply: Reply) -> None:
    """Append a reply; a question that goes to a person is noted as unanswered."""
    note = _unanswered(demo, reply)
    turns.add(demo, reply)
    if reply.decision is Decision.HAND_OVER:
        with failures.shown():
            showcase().store.add_unanswered(note)


def show(demo: Demo, said: list[Turn]) -> None:
    """All turns; only the last one can still be clicked."""
    if not said:
        st.info(_("Ask anything about the company, or take an example."), icon=":material/waving_hand:")
    for turn in said:
        with st.chat_message("user", avatar=":material/person:"):
            st.markdown(escape(turn.reply.question.text))
        with st.chat_message("assistant", avatar=":material/support_agent:"):
            _show_reply(turn.reply)
            if turn is said[-1]:
                _show_last(demo, said)
            else:
                _list_choices(turn.reply)


def clear(demo: Demo) -> None:
    for key in [key for key in st.session_state if str(key).startswith(f"{demo.key}_feedback")]:
        del st.session_state[key]
    turns.clear(demo)


def show_end(demo: Demo, said: list[Turn]) -> None:
    """What a visitor does at the end of a conversation: rate it, start anew."""
    if said:
        feedback.stars(demo, conversation=turns.conversation(demo), turns=len(said))
        label = _("Start a new conversation")
        st.button(label, key=f"{demo.key}_clear", icon=":material/restart_alt:", on_click=clear, args=(demo,))


def rows(said: list[Turn]) -> list[dict]:
    """The conversation as rows for a file."""
    return [_row(turn.reply) for turn in said]


def _row(reply: Reply) -> dict:
    return {
        "question": reply.question.text,
        "decision": reply.decision.value,
        "answer": reply.answer or "",
        "phrased_by": reply.phrasing.model.model_id if reply.is_phrased else "",
        "entry_id": reply.best.entry.entry_id if reply.best else "",
        "score": round(reply.best.score, 4) if reply.best else 0.0,
        "threshold": reply.policy.threshold,
        "model": reply.model.model_id,
    }


def _show_reply(reply: Reply) -> None:
    if reply.decision is Decision.ANSWER:
        passage = highlight(reply.best.entry.answer, reply.best.span)
        st.markdown(escape(reply.answer) if reply.is_phrased else passage)
        phrasing.show_caption(reply)
    elif reply.decision is Decision.ASK_BACK:
        st.markdown(_("I am not sure what you mean. Is it one of these?"))
    else:
        text = _(
            "My knowledge base does not answer this, so I would rather not guess. A person should take over."
        )
        st.markdown(text)


def _show_last(demo: Demo, said: list[Turn]) -> None:
    turn, reply = said[-1], said[-1].reply
    if reply.decision is Decision.ASK_BACK:
        _offer_choices(demo, turn)
    results.badge(reply.model)
    if turn.needs_person:
        handing_over.offer(demo, said)
    words = reply.answer or reply.decision.value
    about = {"question": reply.question.text, "answer": words, "model_id": reply.model.model_id}
    feedback.ask(demo, turn_id=turn.turn_id, **about)


def _list_choices(reply: Reply) -> None:
    for match in reply.choices:
        st.markdown(f"- {escape(match.entry.title)}")


def _offer_choices(demo: Demo, turn: Turn) -> None:
    """The choices to click and, should none be meant, the way to a person."""
    for number, match in enumerate(turn.reply.choices):
        ask = {"on_click": turns.ask_next, "args": (demo, match.entry.title)}
        key = f"{demo.key}_choice_{number}"
        st.button(escape(match.entry.title), key=key, icon=":material/help:", **ask)
    if not turn.is_escalated:
        none = {"on_click": _escalate, "args": (demo, turn)}
        label = _("None of these: hand over to a person")
        st.button(label, key=f"{demo.key}_none_of_these", icon=":material/assignment_ind:", **none)


def _escalate(demo: Demo, turn: Turn) -> None:
    """The choices did not help: the question is unanswered, and may go to a person."""
    turns.escalate(demo, turn.turn_id)
    with failures.shown():
        showcase().store.add_unanswered(_unanswered(demo, turn.reply))


def _unanswered(demo: Demo, reply: Reply) -> Unanswered:
    return Unanswered(
        owner=session_hash(),
        knowledge_base=knowledge_base.stored_id(knowledge_base.current_id(demo)),
        question=reply.question.text,
        language=reply.language,
    )
