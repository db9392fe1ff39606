"""Customer service: ask, see the decision and the evidence behind it, and what to do with it."""

import streamlit as st

from components import (
    about,
    business,
    conversation,
    evidence,
    knowledge_base,
    page,
    phrasing,
    regression,
    results,
    turns,
    unanswered,
    use_it,
)
from components.i18n import _
from core import demos
from core.limits import MAX_QUESTION_CHARS
from core.scenarios.customer_service.answering import Question, answer
from core.showcase import showcase

demo = demos.CUSTOMER_SERVICE
page.header(demo)
example = page.examples(demo)
chat, why = st.columns([3, 2], gap="large")

with why:
    base = knowledge_base.current(demo)
    threshold = evidence.threshold_slider(demo, base.policy)

with chat:
    transcript = st.container(key="customer_service_transcript")
    writing = st.container(key="customer_service_writing")
    hint = _("Ask in English or Chinese, at most {limit} characters").format(limit=MAX_QUESTION_CHARS)
    typed = st.chat_input(
        hint, key="customer_service_question", max_chars=MAX_QUESTION_CHARS, submit_mode="disable"
    )

turns.ask_next(demo, typed or (_(example.text) if example else None))
while asked := turns.next_question(demo):
    with turns.asking(demo), writing, page.running(_("Looking it up…"), action="answer"):
        knowledge_base.wait_until_ready(base)
        history = turns.questions(demo)
        reply = answer(showcase().models, base, Question(asked, history=history, threshold=threshold))
        conversation.add(demo, phrasing.phrased(demo, reply))

said = [turn.at(threshold) for turn in turns.turns(demo)]
with transcript:
    conversation.show(demo, said)
with why:
    evidence.show(said[-1].reply if said else None)
    conversation.show_end(demo, said)

body = use_it.question_body(demo, said, knowledge_base.own_id(demo), threshold=threshold)
page.sections(
    demo,
    {
        "how-it-works": (_("How it works"), lambda: about.show(demo)),
        "how-good": (
            _("How good"),
            lambda: regression.show(demo, base, is_own=knowledge_base.is_own(demo), threshold=threshold),
        ),
        "knowledge-base": (_("Knowledge base"), lambda: knowledge_base.show(demo)),
        "unanswered": (_("Unanswered questions"), lambda: unanswered.show(demo)),
        "use-it": (
            _("Use it in your product"),
            lambda: use_it.show("/api/customer-service/answer", body, key=demo.key),
        ),
        "business": (_("Business view"), lambda: business.show_saving(demo, answered_share=0.6)),
        "export": (
            _("Export"),
            lambda: results.downloads("conversation", conversation.rows(said), key=demo.key),
        ),
    },
)
