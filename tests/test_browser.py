"""Every page in headless Chromium: both languages, phone and projector, light and dark, with the network cut.

Screenshots are left in tests/screenshots/ for people to look at.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from core.demos import DEMOS

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "tests" / "screenshots"
PAGES = ("", *(demo.demo_id for demo in DEMOS if not demo.is_coming), "operations")
WIDTHS = {"phone": 390, "projector": 1440}
START_S = 120
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("browser")
    environment = os.environ | {
        "VITRINE_DATABASE_URL": f"sqlite:///{folder / 'vitrine.db'}",
        "VITRINE_RATE_LIMIT": "off",
        "VITRINE_MODELS": "starter",
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "streamlit_app:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(url, process, log):
    give_up_s = time.monotonic() + START_S
    while time.monotonic() < give_up_s and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/api/health/ready", timeout=5)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not become ready:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        reason = "no chromium on this machine: install it (Debian: apt-get install chromium) to run the browser tests"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(server, chromium):
    """Open a page; afterwards nothing may have been fetched from elsewhere, and the console must be clean."""
    contexts, outside, complaints = [], [], []

    def route(route):
        if route.request.url.startswith((server, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def open_page(path="", *, width=1440, scheme="light", language="en"):
        locale = {"en": "en-US", "zh": "zh-CN"}[language]
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale
        )
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", route)
        page.on("console", lambda message: note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{server}/{path}")
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert complaints == []


def note(message, complaints):
    """Keep what the browser complains of; Streamlit looks for its server below a deep link's path first."""
    if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
        complaints.append(f"{message.text} {message.location.get('url')}")


def settle(page):
    """Wait until the script has run and nothing is being drawn any more."""
    page.wait_for_selector("h1", timeout=60_000)
    busy = '[data-testid="stStatusWidget"], [data-testid="stSpinner"], [data-stale="true"]'
    page.wait_for_function(f"() => !document.querySelector('{busy}')", timeout=60_000)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_the_screen(open_page, path, size, scheme, language):
    page = open_page(path, width=WIDTHS[size], scheme=scheme, language=language)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{path or 'home'}-{size}-{scheme}-{language}.png")

    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert page.get_by_test_id("stException").count() == 0


def ask(page, text):
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    page.get_by_test_id("stChatMessage").nth(1).wait_for(timeout=60_000)
    settle(page)


@pytest.mark.parametrize(("language", "question"), [("en", "how do I return a lamp?"), ("zh", "怎么退货？")])
@pytest.mark.parametrize("size", WIDTHS)
def test_a_question_is_answered_with_its_evidence(open_page, size, language, question):
    page = open_page("customer-service", width=WIDTHS[size], language=language)
    ask(page, question)
    page.screenshot(path=SCREENSHOTS / f"answer-{size}-{language}.png", full_page=True)

    assert page.get_by_test_id("stChatMessage").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


TYPED = (
    "<img src=x onerror=alert(1)> **bold** ![x](http://example.com/x.png) :red[red] $x^2$ "
    ":smile: :material/home: :streamlit: a -> b -- c >= d http://example.com www.example.com me@example.com"
)


def test_markup_that_a_visitor_types_stays_text(open_page):
    page = open_page("customer-service")
    ask(page, TYPED)

    shown = page.get_by_test_id("stChatMessage").first
    assert TYPED in shown.inner_text().replace("\u2060", "")
    assert shown.locator("p").locator("img, strong, .katex, a, [role=img]").count() == 0


def test_the_language_switch_keeps_the_conversation(open_page):
    page = open_page("customer-service")
    ask(page, "how do I return a lamp?")
    page.get_by_role("radio", name="中文").or_(page.get_by_text("中文", exact=True)).first.click()
    page.get_by_role("heading", name="智能客服").wait_for(timeout=30_000)
    settle(page)

    assert page.get_by_test_id("stChatMessage").count() == 2
    assert "lang=zh" in page.url


def test_a_deep_link_opens_the_page_with_its_settings(open_page):
    page = open_page("customer-service?customer_service_threshold=0.9&lang=zh")

    assert page.get_by_role("heading", name="智能客服").count() == 1
    assert page.get_by_role("slider").first.input_value() == "0.9"


def test_choices_that_do_not_help_lead_to_a_person(open_page):
    page = open_page("customer-service?customer_service_threshold=0.99")
    ask(page, "I need to change my address")
    page.get_by_role("button", name="None of these: hand over to a person").click()
    page.get_by_role("button", name="Hand over to a person", exact=True).click()
    page.get_by_text("It is on the operator's list now").wait_for(timeout=30_000)
    settle(page)
    page.screenshot(path=SCREENSHOTS / "handed-over.png", full_page=True)


def test_a_question_survives_a_click_while_it_is_looked_up(open_page):
    page = open_page("customer-service")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("how do I return a lamp?")
    box.press("Enter")
    page.get_by_text("Business view", exact=True).first.click()
    page.get_by_test_id("stChatMessage").nth(1).wait_for(timeout=60_000)
    settle(page)

    assert page.get_by_test_id("stChatMessage").count() == 2


def test_a_rating_is_shown_and_fixed_once_it_is_stored(open_page):
    page = open_page("customer-service")
    ask(page, "how do I return a lamp?")
    page.get_by_role("radio", name="Thumbs up").click()

    page.locator('[data-testid="stFeedback"] [aria-checked="true"][disabled]').wait_for(timeout=30_000)
    settle(page)


TRANSLATOR = ROOT / "assets" / "models" / "starter-translator"
needs_translator = pytest.mark.skipif(
    not (TRANSLATOR / "model.safetensors").exists(), reason="the starter translator is not in this checkout"
)


@needs_translator
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", WIDTHS)
def test_a_text_is_translated_with_its_tokens_kept(open_page, size, language):
    page = open_page("translation", width=WIDTHS[size], language=language)
    page.locator(".st-key-translation_example_placeholders button").click()
    result = page.locator(".st-key-translation_result")
    result.wait_for(timeout=60_000)
    settle(page)
    page.screenshot(path=SCREENSHOTS / f"translation-result-{size}-{language}.png", full_page=True)

    assert "{name}" in result.inner_text().replace("\u2060", "")
    assert "https://example.com/books?id=42" in result.inner_text().replace("\u2060", "")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@needs_translator
def test_a_file_is_translated_and_can_be_downloaded(open_page):
    page = open_page("translation?translation_mode=file")
    file = {"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Good morning\n\n`code` stays.\n"}
    page.locator("input[type=file]").first.set_input_files(file)
    page.locator(".st-key-translation_file_submit button").click()
    with page.expect_download(timeout=60_000) as download:
        page.locator(".st-key-translation_file_download button").click()

    assert download.value.suggested_filename == "notes.zh.md"
    assert "`code`" in Path(download.value.path()).read_text(encoding="utf-8")
