"""What must come out of a translation exactly as it went in: placeholders, tags, addresses, numbers, emoji, code."""

import re
from collections import Counter
from dataclasses import dataclass

_EMOJI = (
    r"(?:[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\uFE0F?\u20E3"
    r"|(?:[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\u231A-\u23FF\u2190-\u21FF\u203C\u2049]"
    r"[\uFE0F\U0001F3FB-\U0001F3FF]?"
    r"(?:\u200D[\U0001F000-\U0001FAFF\u2600-\u27BF][\uFE0F\U0001F3FB-\U0001F3FF]?){0,6}))"
)
_PLACEHOLDER = (
    r"(?:\{\{[^{}\n]{0,100}\}\}|[$#]\{[^{}\n]{1,100}\}|\{[^{}\n]{0,60}\}"
    r"|%\([A-Za-z_]\w{0,40}\)[#0+-]?\d{0,3}(?:\.\d{1,3})?[A-Za-z]"
    r"|%(?:\d{1,2}\$)?[#0+-]?\d{0,3}(?:\.\d{1,3})?[sdifgeExXocru@](?![A-Za-z])|%%"
    r"|\$[A-Za-z_][A-Za-z0-9_]{0,60})"
)
_URL_CHAR = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_URL = rf"(?:(?:https?|ftp|wss?)://|www\.){_URL_CHAR}{{0,2000}}[A-Za-z0-9/_~=&#%$+-]"
_EMAIL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}"
_TAG = (
    r"(?:</?[A-Za-z][^<>\n]{0,300}>|<!--.{0,300}?-->|&(?:[A-Za-z]{2,31}|\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6});)"
)
# Product names, versions, identifiers: letters with a digit or an underscore among them; not "10kg", not "2nd".
_CODE = (
    r"(?:`[^`\n]{1,200}`|(?<![A-Za-z0-9_])(?:[A-Za-z][A-Za-z_]{0,40}[-.]?\d[A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*"
    r"|[A-Za-z]{1,40}(?:_[A-Za-z0-9]{1,40})+|\d+[A-Z][A-Za-z0-9]*))"
)
_NUMBER = (
    r"(?<![A-Za-z0-9_])[-+\u2212]?[$€£¥￥]?(?:\d++|\.\d++)(?:[.,:/\u2013-]\d++)*+(?!(?:st|nd|rd|th)\b)"
    r"(?:[%％‰]|°[CF]?)?"
)
# In this order where several begin at the same place.
_PATTERN = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            ("url", _URL),
            ("email", _EMAIL),
            ("tag", _TAG),
            ("placeholder", _PLACEHOLDER),
            ("emoji", _EMOJI),
            ("code", _CODE),
            ("number", _NUMBER),
        )
    ),
    re.DOTALL,
)
# Every token has one of these; to look for them takes a tenth of the time, and most sentences have none.
_HINT = re.compile(
    r"[\d_@<&{%$`\u20E3\u203C\u2049\u2190-\u21FF\u231A-\u23FF\u2600-\u27BF\u2B00-\u2BFF\U0001F000-\U0001FAFF]"
    r"|://|www\."
)


@dataclass(frozen=True)
class Token:
    """A protected token and where it stands; `kind` is url, email, tag, placeholder, emoji, code or number."""

    text: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class TokenCheck:
    """Whether a token of the source stands in the translation, exactly as often and unchanged."""

    token: str
    kind: str
    is_whole: bool


def find_tokens(text: str) -> list[Token]:
    """The protected tokens of a text, in order, without overlaps."""
    if not _HINT.search(text):
        return []
    return [Token(each.group(), each.lastgroup, *each.span()) for each in _PATTERN.finditer(text)]


def check_tokens(source: str, target: str) -> tuple[TokenCheck, ...]:
    """One check per different token of the source."""
    tokens = find_tokens(source)
    wanted, found = _counted(tokens), _counted(find_tokens(target))
    kinds = {token.text: token.kind for token in tokens}
    return tuple(TokenCheck(text, kinds[text], found[text] == count) for text, count in wanted.items())


def are_whole(source: str, target: str) -> bool:
    """Whether every token of the source is whole; a number that the translator wrote out in digits may join them."""
    wanted, found = _counted(find_tokens(source)), find_tokens(target)
    counts = _counted(found)
    added = (token for token in found if token.text not in wanted)
    return all(counts[text] == count for text, count in wanted.items()) and all(
        token.kind in ("number", "code") for token in added
    )


def has_words(text: str) -> bool:
    """Whether anything is left to translate beside the tokens."""
    rest = _PATTERN.sub(" ", text) if _HINT.search(text) else text
    return any(char.isalpha() for char in rest)


def _counted(tokens: list[Token]) -> Counter[str]:
    return Counter(token.text for token in tokens)
