"""What this visitor corrected: a translation memory of their own, asked before the model is."""

import streamlit as st

from components import failures, translation_settings
from components.i18n import _
from components.session import session_hash
from core.demos import Demo
from core.scenarios.translation.memory import TranslationMemory
from core.showcase import showcase


def of_visitor() -> TranslationMemory:
    """The memory of this session."""
    return TranslationMemory(showcase().store, session_hash())


def show(demo: Demo) -> None:
    """What is remembered, and the button that forgets it."""
    st.markdown(
        _(
            "Sentences that you corrected. When one of them comes again, your words are used and the model is "
            "not asked. A sentence with personal data is never stored."
        )
    )
    with failures.shown():
        entries = of_visitor().entries()
        if not entries:
            st.info(_("Nothing here yet: correct a sentence below its translation."))
            return
        rows = [
            {
                "direction": translation_settings.direction_title(entry.source, entry.target),
                "source": entry.text,
                "target": entry.translation,
            }
            for entry in entries
        ]
        columns = {"direction": _("Direction"), "source": _("Your text"), "target": _("Translated text")}
        alt = _("The translation memory")
        st.dataframe(rows, hide_index=True, column_config=columns, key=f"{demo.key}_memory", alt=alt)
        label = _("Forget all of them")
        st.button(label, key=f"{demo.key}_forget", icon=":material/delete:", on_click=_forget)


def _forget() -> None:
    with failures.shown():
        memory = of_visitor()
        for entry in memory.entries():
            memory.forget(entry.id)
