"""Which language a text is in, and how sure that is."""

from dataclasses import dataclass
from functools import cache

from py3langid.langid import LanguageIdentifier

from core.errors import N_, InvalidInputError
from core.language import language_of

LANGUAGES = {"en": N_("English"), "zh": N_("Chinese")}
# What a visitor may paste by mistake. Of all 140 languages the library knows, rare neighbours of English and
# Chinese (Nigerian Pidgin, Wu, Cantonese) would take short sentences away from them.
OTHERS = {
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "fr": N_("French"),
    "de": N_("German"),
    "es": N_("Spanish"),
    "it": N_("Italian"),
    "pt": N_("Portuguese"),
    "nl": N_("Dutch"),
    "sv": N_("Swedish"),
    "pl": N_("Polish"),
    "cs": N_("Czech"),
    "tr": N_("Turkish"),
    "id": N_("Indonesian"),
    "vi": N_("Vietnamese"),
    "ru": N_("Russian"),
    "uk": N_("Ukrainian"),
    "el": N_("Greek"),
    "ar": N_("Arabic"),
    "he": N_("Hebrew"),
    "hi": N_("Hindi"),
    "th": N_("Thai"),
}
# The first characters say enough, and a long text costs no more.
SAMPLE_CHARS = 2000
# From here on we believe that a text is in none of our languages; short English sentences reach 0.7.
SURE = 0.9


@dataclass(frozen=True)
class Detected:
    """A language code with the probability that it is right."""

    language: str
    confidence: float


def detect(text: str) -> Detected:
    """The language of the text: one of LANGUAGES, or of OTHERS where that is sure."""
    sample = text[:SAMPLE_CHARS]
    ranked = {language: float(score) for language, score in _identifier().rank(sample)}
    best = max(ranked, key=ranked.__getitem__)
    if best in OTHERS and ranked[best] >= SURE:
        return Detected(best, ranked[best])
    # Hardly an English text is half Han, though single words weigh more with the model than with us.
    likelier = max(LANGUAGES, key=lambda language: ranked[language])
    language = "zh" if language_of(sample) == "zh" else likelier if _has_han(sample) else "en"
    share = ranked[language] / max(1e-12, sum(ranked[each] for each in LANGUAGES))
    return Detected(language, share if ranked[best] > 0.1 else 0.5)


def source_language(text: str, source: str | None) -> tuple[str, Detected]:
    """The language to translate from: as asked for, else as detected. Raises InvalidInputError for other ones."""
    detected = detect(text)
    if source is not None:
        return require_language(source), detected
    if detected.language in LANGUAGES:
        return detected.language, detected
    message = N_(
        "This looks like {language} ({percent} % sure). Only English and Chinese are translated here. "
        "If it is one of them, choose the language yourself."
    )
    name, percent = OTHERS[detected.language], round(100 * detected.confidence)
    raise InvalidInputError(message, language=name, percent=percent)


def require_language(language: str) -> str:
    """The same language. Raises InvalidInputError when it is none of ours."""
    if language not in LANGUAGES:
        message = N_("There is no translation from or to {language} here; there is en and zh.")
        raise InvalidInputError(message, language=language[:20])
    return language


def _has_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


@cache
def _identifier() -> LanguageIdentifier:
    """Read at the first use, in about half a second, and only read from afterwards."""
    identifier = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    identifier.set_languages([*LANGUAGES, *OTHERS])
    return identifier
