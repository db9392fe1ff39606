"""A variant against its brief: all that is checked of a text, and whether the model came to its end."""

from core.errors import N_
from core.scenarios.content.checks import Check, Verdict, check_text
from core.scenarios.content.variants import Variant


def review(variant: Variant, text: str | None = None) -> tuple[Check, ...]:
    """The checks of the variant's text, or of `text`, which somebody made of it."""
    if text is not None and text != variant.text:
        return check_text(text, variant.brief)
    unfinished = _unfinished(variant)
    return check_text(variant.text, variant.brief) + ((unfinished,) if unfinished else ())


def _unfinished(variant: Variant) -> Check | None:
    if variant.finish_reason == "length":
        message = N_("Cut off after {limit} tokens, before its end. Allow more words, or write it again.")
        return Check("finished", Verdict.FAIL, message, {"limit": variant.options.max_new_tokens})
    if variant.finish_reason == "cancelled":
        return Check("finished", Verdict.FAIL, N_("Stopped before its end."))
    return None
