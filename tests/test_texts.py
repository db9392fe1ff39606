"""Every text of the interface exists in both languages, and every widget has a key with its page's prefix."""

import ast
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
FOLDERS = ("core", "components", "pages", "api")
PO = ROOT / "assets" / "locales" / "zh" / "LC_MESSAGES" / "vitrine.po"
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
WIDGETS = {
    "button", "chat_input", "checkbox", "date_input", "download_button", "feedback", "file_uploader",
    "form_submit_button", "menu_button", "multiselect", "number_input", "pills", "radio", "segmented_control",
    "select_slider", "selectbox", "slider", "text_area", "text_input", "toggle", "data_editor",
}  # fmt: skip


def texts_in_code():
    keywords = {"_": None, "N_": None}
    for folder in FOLDERS:
        yield from (found[2] for found in extract_from_dir(ROOT / folder, keywords=keywords))


def test_every_text_has_a_chinese_translation():
    with PO.open("rb") as file:
        catalog = read_po(file, locale="zh")
    texts = set(texts_in_code())

    missing = {
        text for text in texts if not (message := catalog.get(text)) or not message.string or message.fuzzy
    }
    assert missing == set()
    assert len(texts) > 100


def test_translations_keep_the_placeholders():
    from string import Formatter

    def fields(text):
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name)

    with PO.open("rb") as file:
        catalog = read_po(file, locale="zh")
    assert [m.id for m in catalog if m.id and fields(m.id) != fields(m.string)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_literals_that_can_be_extracted(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
            assert not isinstance(node.args[0], ast.JoinedStr), (
                f"{path}:{node.lineno} has an f-string in {node.func.id}()"
            )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_hides_inside_an_f_string(path):
    """Babel does not look into f-strings before Python 3.12, so such a text would never be extracted."""
    for string in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for node in ast.walk(string) if isinstance(string, ast.JoinedStr) else ():
            is_call = isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "N_")
            is_text = is_call and isinstance(node.args[0], ast.Constant)
            assert not is_text, f"{path}:{node.lineno} has a text inside an f-string"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_widget_has_a_key(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WIDGETS:
            keywords = {keyword.arg for keyword in node.keywords}
            owner = ast.unparse(node.func.value)
            if owner == "st" or keywords & {"key", "on_click", "label_visibility"}:
                assert "key" in keywords, f"{path}:{node.lineno} {node.func.attr} has no key"
