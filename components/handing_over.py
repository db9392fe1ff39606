"""The hand-over to a person: what that person receives, and the button that sends it."""

import streamlit as st

from components import failures
from components.i18n import _, language
from components.session import admitted
from components.turns import Turn
from core.demos import Demo
from core.scenarios.customer_service.handover import HandoverPacket, handover_packet
from core.showcase import showcase
from core.store import Handover


def offer(demo: Demo, said: list[Turn]) -> None:
    """Show the packet for this conversation and, unless its last turn was handed over already, the button."""
    packet = handover_packet([turn.reply for turn in said])
    with st.expander(_("What the person receives"), icon=":material/assignment_ind:"):
        st.caption(_("E-mail addresses, phone, card and ID numbers are removed before anything is stored."))
        st.json(packet.as_json(), expanded=True)
    sent_key, turn_id = f"{demo.key}_handed_over", said[-1].turn_id
    if st.session_state.get(sent_key) != turn_id:
        is_sent = st.button(_("Hand over to a person"), key=f"{demo.key}_hand_over", type="primary")
        if is_sent and _store(demo, packet):
            st.session_state[sent_key] = turn_id
            st.rerun()
    else:
        text = _("Handed over. It is on the operator's list now, with the conversation and your question.")
        st.success(text, icon=":material/check:")


def _store(demo: Demo, packet: HandoverPacket) -> bool:
    """Store it for the operator; False, with the sentence shown, when that is not possible."""
    with failures.shown(), admitted():
        handover = Handover(demo=demo.demo_id, packet=packet.as_json(), language=language())
        showcase().store.add_handover(handover)
        return True
    return False
