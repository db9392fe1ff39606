"""The small parts of the core: settings, limits, belongings, metrics, languages, logs, markup."""

import json
import logging

import pytest

from components import i18n, markup
from core import logs
from core.belongings import LIFETIME_S, MAX_PER_OWNER, Belongings
from core.catalog import Catalog, ModelSpec, read_catalog
from core.errors import InvalidInputError, NotFoundError, OverloadedError, RateLimitedError
from core.language import language_of
from core.limits import MAX_CONCURRENT, Limits
from core.locales import best_language, translate_error
from core.metrics import Metrics
from core.settings import Settings
from core.types import Tier


def test_settings_come_from_the_environment():
    settings = Settings.read(
        {"VITRINE_RATE_LIMIT": "off", "VITRINE_WARM_UP": "0", "VITRINE_ALLOWED_HOSTS": "a.com, b.com"}
    )

    assert settings.rate_limit_per_min is None
    assert settings.warm_up is False
    assert settings.allowed_hosts == ("a.com", "b.com")
    assert settings.models == "auto"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("VITRINE_MODELS", "best"),
        ("VITRINE_WARM_UP", "yes"),
        ("VITRINE_RATE_LIMIT", "-3"),
        ("VITRINE_DEADLINE_S", "soon"),
    ],
)
def test_a_wrong_setting_names_itself_and_its_value(key, value):
    with pytest.raises(ValueError, match=f"{key} is '{value}'; expected"):
        Settings.read({key: value})


def test_the_catalog_is_sound_and_every_starter_embedder_shares_one_space():
    catalog = read_catalog()
    embedders = [spec for spec in catalog.specs if spec.task == "text-embedding"]

    assert {spec.space for spec in embedders if spec.tier is Tier.STARTER} == {"minilm"}
    # A model for one language is only comparable with the other language's model of the same space.
    assert all(len(spec.roles) == 2 or spec.space == "minilm" for spec in embedders)
    assert all(spec.sha256 for spec in catalog.specs if spec.tier is Tier.STARTER)


def test_a_catalog_refuses_repeated_ids_and_unclear_sources():
    with pytest.raises(ValueError, match="must be unique"):
        Catalog(read_catalog().specs[:1] * 2)
    with pytest.raises(ValueError, match="exactly one of|one of folder"):
        ModelSpec("x", ("role",), "task", Tier.HUB, "MIT", 1, ("en",), "X")


def test_a_caller_who_asks_too_often_is_told_when_to_go_on():
    limits = Limits(Settings(rate_limit_per_min=3))
    for _ in range(3):
        with limits.admitted("one"):
            pass

    with pytest.raises(RateLimitedError, match="3 times a minute. Try again in"), limits.admitted("one"):
        pass
    with limits.admitted("another"):
        pass


def test_the_process_refuses_more_than_it_can_do_at_once():
    limits = Limits(Settings(rate_limit_per_min=None))
    under_way = [limits.admitted(f"caller {number}") for number in range(MAX_CONCURRENT)]
    for request in under_way:
        request.__enter__()

    with pytest.raises(OverloadedError, match=str(MAX_CONCURRENT)), limits.admitted("one"):
        pass
    under_way[0].__exit__(None, None, None)
    with limits.admitted("one"):
        pass


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def test_what_a_visitor_brings_expires_a_day_after_it_was_last_used():
    clock = Clock()
    belongings = Belongings(clock)
    item_id = belongings.keep("thing", owner="me", rows=1)
    clock.now_s = LIFETIME_S - 1
    assert belongings.get(item_id, str) == "thing"
    clock.now_s = 2 * LIFETIME_S - 2
    assert belongings.get(item_id, str) == "thing"
    clock.now_s = 4 * LIFETIME_S

    with pytest.raises(NotFoundError, match="24 hours"):
        belongings.get(item_id, str)


def test_belongings_are_bounded_unguessable_and_typed():
    belongings = Belongings()
    ids = {belongings.keep(number, owner="me", rows=1) for number in range(MAX_PER_OWNER)}

    assert all(len(item_id) >= 22 for item_id in ids)  # 128 bits in base 64
    with pytest.raises(OverloadedError):
        belongings.keep(0, owner="me", rows=1)
    with pytest.raises(OverloadedError):
        belongings.keep(0, owner="another", rows=10**9)
    with pytest.raises(NotFoundError):
        belongings.get(next(iter(ids)), str)


def test_metrics_count_refusals_apart_from_errors():
    metrics = Metrics()
    with metrics.timed("api", "answer"):
        pass
    with pytest.raises(InvalidInputError), metrics.timed("api", "answer"):
        raise InvalidInputError("No.")
    with pytest.raises(KeyError), metrics.timed("api", "answer"):
        raise KeyError
    metrics.observe_batch("minilm", 3, 0.001, 0.002)

    (action,) = metrics.actions()
    assert (action.requests, action.errors) == (3, 1)
    assert b'outcome="invalid_input"' in metrics.exposition()
    assert b'vitrine_batch_items_total{model_id="minilm"} 3.0' in metrics.exposition()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is it?", "en"),
        ("我的包裹呢", "zh"),
        ("我的 iPhone 连不上 wifi", "zh"),
        ("What does 你好 mean in English?", "en"),
        ("123", "en"),
    ],
)
def test_the_language_of_a_text_is_that_of_most_of_it(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE,en;q=0.5", "en"),
        ("zh_TW", "zh"),
        (None, "en"),
        ("", "en"),
        ("fr", "en"),
    ],
)
def test_the_best_language_follows_the_header(wanted, language):
    assert best_language(wanted) == language


def test_a_failure_is_told_in_chinese_with_its_numbers():
    error = InvalidInputError(
        "Keep the question under {limit} characters (this has {count}).", limit=10, count=11
    )

    assert str(error) == "Keep the question under 10 characters (this has 11)."
    told = translate_error(error, "zh")
    assert "10" in told
    assert "11" in told
    assert told != str(error)


def test_log_lines_are_json_with_the_id_of_their_request(capsys):
    logging.getLogger("vitrine").handlers.clear()
    logs.configure("INFO")
    with logs.request("abc"):
        logging.getLogger("vitrine.test").info("something_happened", extra={"count": 3})

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["request_id"], line["count"]) == ("something_happened", "abc", 3)
    logging.getLogger("vitrine").handlers.clear()


@pytest.mark.parametrize(
    "text", ["**bold**", "<b>x</b>", "[a](http://b)", ":red[x]", "$x$", ":smile:", "# x", "`x`", "~~x~~"]
)
def test_markup_is_escaped_mark_by_mark(text):
    escaped = markup.escape(text)

    assert escaped.replace("\\", "").replace("\u2060", "") == text
    assert all(escaped[place - 1] == "\\" for place, mark in enumerate(escaped) if mark in "*<>[]()`$#~:_")


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        (":smile:", ":|smile:"),
        (":material/home: :streamlit:", ":|material/home: :|streamlit:"),
        ("at 10:30: go", "at 10:|30: go"),
        ("note: this", "note: this"),
        ("http://a.b", "http:|//a.b"),
        ("www.a.b", "www|.a.b"),
        ("me@a.b", "me@|a.b"),
        ("a -> b <- c <-> d", "a -|> b <|- c <|-> d"),
        ("-- >= <= ~=", "-|- >|= <|= ~|="),
        ("x->y", "x->y"),
    ],
)
def test_nothing_turns_into_icons_arrows_or_links_once_the_escapes_are_gone(text, apart):
    assert markup.escape(text).replace("\\", "") == apart.replace("|", "\u2060")


def test_indents_and_line_ends_are_kept():
    assert markup.escape("a\n    b\n\tc") == "a  \n\u00a0\u00a0\u00a0\u00a0b  \n\u00a0c"
    assert markup.escape("a\r\nb\rc") == "a   \nb  \nc"
    assert markup.highlight("  ab cd", (2, 4)) == "\u00a0\u00a0:green-background[ab] cd"


def test_what_an_error_quotes_is_no_markup():
    error = InvalidInputError(
        "The columns found are: {found} ({count:,}).", found="![x](http://e.vil)", count=1
    )

    assert i18n.sentence(error) == ("The columns found are: \\!\\[x\\]\\(http\\:\u2060\\/\\/e\\.vil\\) (1).")


def test_a_caller_who_left_is_no_error():
    metrics = Metrics()

    with pytest.raises(KeyboardInterrupt), metrics.timed("pages", "answer"):
        raise KeyboardInterrupt

    assert metrics.actions()[0].errors == 0
    assert b'outcome="left"' in metrics.exposition()


def test_a_blank_variable_sets_nothing():
    settings = Settings.read({"VITRINE_OPERATOR_TOKEN": "  ", "VITRINE_RATE_LIMIT": ""})

    assert settings.operator_token is None
    assert settings.rate_limit_per_min == Settings().rate_limit_per_min


def test_a_span_is_marked_line_by_line():
    assert markup.highlight("ab\ncd", (0, 5)) == ":green-background[ab]  \n:green-background[cd]"
    assert markup.highlight("abcd", (1, 3)) == "a:green-background[bc]d"
    assert markup.highlight("a*b", None) == "a\\*b"
