"""The chat of the customer-service page: turns, choices when it asks back, and the hand-over to a person."""

import streamlit as st

from components import failures, feedback, results
from components.i18n import _, language
from components.markup import escape, highlight
from components.session import session_id
from core.demos import Demo
from core.scenarios.customer_service.answering import Reply
from core.scenarios.customer_service.handover import handover_packet
from core.scenarios.customer_service.policy import Decision
from core.showcase import showcase
from core.store import Handover, Unanswered

# Older turns are dropped: a session must not grow without end.
MAX_TURNS = 50


def replies(demo: Demo) -> list[Reply]:
    """The replies of this session, oldest first, as they were decided when asked."""
    return st.session_state.setdefault(f"{demo.key}_replies", [])


def add(demo: Demo, reply: Reply, *, knowledge_base_id: str) -> None:
    """Append a reply; a question that goes to a person is noted as unanswered."""
    turns = replies(demo)
    turns.append(reply)
    del turns[:-MAX_TURNS]
    if reply.decision is Decision.HAND_OVER:
        with failures.shown():
            showcase().store.add_unanswered(
                Unanswered(
                    owner=session_id(),
                    knowledge_base=knowledge_base_id,
                    question=reply.question.text,
                    language=reply.language,
                )
            )


def ask_next(demo: Demo, text: str) -> None:
    """Ask this text at the next run, as if the visitor had typed it."""
    st.session_state[f"{demo.key}_pending"] = text


def pending(demo: Demo) -> str | None:
    return st.session_state.pop(f"{demo.key}_pending", None)


def show(demo: Demo, turns: list[Reply]) -> None:
    """All turns; only the last one can still be clicked."""
    if not turns:
        st.info(_("Ask anything about the company, or take an example."), icon=":material/waving_hand:")
    for number, reply in enumerate(turns):
        with st.chat_message("user", avatar=":material/person:"):
            st.markdown(escape(reply.question.text))
        with st.chat_message("assistant", avatar=":material/support_agent:"):
            _show_reply(demo, reply, turns, is_last=number == len(turns) - 1)


def clear(demo: Demo) -> None:
    for key in [key for key in st.session_state if str(key).startswith(f"{demo.key}_feedback")]:
        del st.session_state[key]
    st.session_state[f"{demo.key}_replies"] = []


def show_end(demo: Demo, turns: list[Reply]) -> None:
    """What a visitor does at the end of a conversation: rate it, start anew."""
    if turns:
        feedback.stars(demo, turns=len(turns))
        label = _("Start a new conversation")
        st.button(label, key=f"{demo.key}_clear", icon=":material/restart_alt:", on_click=clear, args=(demo,))


def rows(turns: list[Reply]) -> list[dict]:
    """The conversation as rows for a file."""
    return [
        {
            "question": reply.question.text,
            "decision": reply.decision.value,
            "answer": reply.answer or "",
            "entry_id": reply.best.entry.entry_id if reply.best else "",
            "score": round(reply.best.score, 4) if reply.best else 0.0,
            "threshold": reply.policy.threshold,
            "model": reply.model.model_id,
        }
        for reply in turns
    ]


def _show_reply(demo: Demo, reply: Reply, turns: list[Reply], *, is_last: bool) -> None:
    if reply.decision is Decision.ANSWER:
        st.markdown(highlight(reply.best.entry.answer, reply.best.span))
    elif reply.decision is Decision.ASK_BACK:
        st.markdown(_("I am not sure what you mean. Is it one of these?"))
        _show_choices(demo, reply, is_last=is_last)
    else:
        st.markdown(
            _(
                "My knowledge base does not answer this, so I would rather not guess. A person should take over."
            )
        )
    if not is_last:
        return
    results.badge(reply.model)
    if reply.decision is Decision.HAND_OVER:
        _offer_handover(demo, turns)
    said = reply.answer or reply.decision.value
    feedback.ask(
        demo, question=reply.question.text, answer=said, model_id=reply.model.model_id, turn=len(turns)
    )


def _show_choices(demo: Demo, reply: Reply, *, is_last: bool) -> None:
    for number, match in enumerate(reply.choices):
        text = match.entry.questions[0] if match.entry.questions else match.entry.answer[:80]
        key = f"{demo.key}_choice_{number}"
        if is_last:
            st.button(escape(text), key=key, icon=":material/help:", on_click=ask_next, args=(demo, text))
        else:
            st.markdown(f"- {escape(text)}")


def _offer_handover(demo: Demo, turns: list[Reply]) -> None:
    packet = handover_packet(turns)
    with st.expander(_("What the person receives"), icon=":material/assignment_ind:"):
        st.caption(_("Personal data is removed before anything is stored."))
        st.json(packet.as_json(), expanded=True)
    sent_key = f"{demo.key}_handed_over"
    if st.session_state.get(sent_key) == len(turns):
        st.success(
            _("Handed over. A person will see the conversation and your question."), icon=":material/check:"
        )
    elif st.button(_("Hand over to a person"), key=f"{demo.key}_hand_over", type="primary"):
        with failures.shown():
            packet = Handover(demo=demo.demo_id, packet=packet.as_json(), language=language())
            showcase().store.add_handover(packet)
            st.session_state[sent_key] = len(turns)
            st.rerun()
