"""Files to translate: what stays, what is translated, and what is refused with one sentence."""

import io
import zipfile

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputTooLargeError, InvalidInputError
from core.scenarios.translation import files

quickly = settings(deadline=None, max_examples=60, database=None)


def translated(name, content, change=str.upper):
    """The file with every text changed, tags aside."""
    document = files.read(name, content if isinstance(content, bytes) else content.encode())
    return document.write([change(text) for text in document.texts])


def texts(name, content):
    return files.read(name, content if isinstance(content, bytes) else content.encode()).texts


def shout(text):
    """Upper case, with the tags of markup left whole, as a translator leaves them."""
    return "".join(part if part.startswith("<") else part.upper() for part in _parts(text))


def _parts(text):
    while "<" in text:
        before, _, rest = text.partition("<")
        tag, _, text = rest.partition(">")
        yield before
        yield f"<{tag}>"
    yield text


# --- plain text ---


def test_lines_of_a_text_are_translated_one_by_one_and_the_space_around_them_stays():
    assert (
        translated("a.txt", "Title\r\n\r\n  Hello there.  \r\n42\r\n")
        == b"TITLE\r\n\r\n  HELLO THERE.  \r\n42\r\n"
    )


WRAPPED = (
    "This paragraph was broken to a width by a mail program, so\n"
    "that none of its lines is a sentence, and all of them but\n"
    "the last are about as long.\n\n- a list\n- of two\n"
)


def test_a_paragraph_broken_to_a_width_is_one_text_and_broken_again():
    document = files.read("a.txt", WRAPPED.encode())

    assert len(document.texts) == 3
    assert document.texts[0].startswith("This paragraph was broken to a width by a mail program, so that")
    assert translated("a.txt", WRAPPED).decode() == WRAPPED.upper()


@pytest.mark.parametrize(
    ("codec", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("gb18030", b"")]
)
def test_a_text_comes_back_in_its_own_encoding(codec, mark):
    content = mark + "你好，世界。\n这是第二行文字。\n".encode(codec)

    assert translated("a.txt", content, lambda text: f"译{text}") == mark + (
        "译你好，世界。\n译这是第二行文字。\n".encode(codec)
    )


def test_an_encoding_without_chinese_gives_way_to_utf8():
    content = "Le café est fermé aujourd’hui à midi.\n".encode("cp1252")

    assert translated("a.txt", content, lambda text: "咖啡馆").decode("utf-8-sig") == "咖啡馆\n"


def test_control_characters_of_a_translation_do_not_get_into_a_file():
    assert translated("a.txt", "Hello\n", lambda text: "你\x00好\ud800") == "你好\n".encode()


# --- Markdown ---

MARKDOWN = """---
title: Stays
---
# Getting *started*

A paragraph with `code_here`, a
[link](https://example.org/a_b?c=1 "title") and **bold words** in it.

> a quotation\x20\x20
> of two lines

1. first item
   - nested ![picture](a.png)

| Name | Meaning \\| sense |
|------|:------:|
| `key` | a value |

```python
print("stays")
```

    stays as well

<div>stays</div>
"""


def test_markdown_keeps_code_links_and_front_matter():
    out = translated("a.md", MARKDOWN, shout).decode()

    assert "title: Stays" in out
    assert "# GETTING *STARTED*\n" in out
    assert (
        'A PARAGRAPH WITH `code_here`, A [LINK](https://example.org/a_b?c=1 "title") AND **BOLD WORDS** IN IT.'
        in out
    )
    assert "> A QUOTATION  \n> OF TWO LINES" in out
    assert "1. FIRST ITEM\n   - NESTED ![picture](a.png)" in out
    assert "| NAME | MEANING \\| SENSE |\n|------|:------:|\n| `key` | A VALUE |" in out
    assert 'print("stays")' in out
    assert "    stays as well" in out
    assert "<div>stays</div>" in out


def test_marks_around_a_whole_text_are_no_matter_for_the_translator():
    assert texts("a.md", "**Note**\n\n[Home](/) [Shop](/shop)\n") == ("Note", "<g2>Home</g2> <g3>Shop</g3>")[
        :1
    ] + ("<g1>Home</g1> <g2>Shop</g2>",)


def test_markup_that_a_translator_lost_costs_no_words():
    out = translated(
        "a.md", "Press `Enter` or [go back](/back) now.\n", lambda text: "Enter or back"
    ).decode()

    assert out == "Enter or back `Enter`\n"


def test_a_translation_does_not_become_a_heading_or_a_list():
    assert translated("a.md", "Number one\n", lambda text: "# one").decode() == "\\# one\n"
    assert translated("a.md", "Number one\n", lambda text: "1. one\n\n- two").decode() == "1\\. one - two\n"


# --- CSV ---


def test_cells_with_words_are_translated_and_keys_numbers_and_addresses_stay():
    table = (
        "\ufeffid;title;price;contact;site\r\n"
        'r-1;"Red; ""big"" lamp";12,50;a@b.org;https://x.org/a\r\n'
        "r-2;Green lamp ;9;c@d.org;x.org\r\n"
    )

    assert translated("a.csv", table).decode() == (
        "\ufeffid;title;price;contact;site\r\n"
        'r-1;"RED; ""BIG"" LAMP";12,50;a@b.org;https://x.org/a\r\n'
        "r-2;GREEN LAMP ;9;c@d.org;x.org\r\n"
    )


def test_a_cell_that_a_spreadsheet_would_run_is_shown_instead():
    assert translated("a.csv", "name,text\na1,Sum\n", lambda text: "=1+1").decode() == "name,text\na1,'=1+1\n"


def test_a_table_without_column_names_is_translated_whole():
    assert translated("a.csv", "This is a sentence.,And another.\nA third.,A fourth.\n").decode() == (
        "THIS IS A SENTENCE.,AND ANOTHER.\nA THIRD.,A FOURTH.\n"
    )


def test_a_new_delimiter_or_quotation_mark_is_quoted():
    out = translated("a.tsv", "k\ttext\n1\tHello you\n", lambda text: 'say\t"hi"').decode()

    assert out == 'k\ttext\n1\t"say\t""hi"""\n'


# --- subtitles ---

SUBTITLES = (
    "1\r\n00:00:01,000 --> 00:00:03,500\r\n{\\an8}<i>Where have you been</i>\r\nall this time?\r\n\r\n"
    "2\r\n00:00:04,000 --> 00:00:05,000 X1:10\r\n- Out.\r\n- With whom?\r\n\r\n"
    "3\r\n00:00:06,000 --> 00:00:07,000\r\n♪\r\n"
)


def test_subtitles_keep_times_positions_and_lines():
    assert texts("a.srt", SUBTITLES) == (
        "<i>Where have you been</i> all this time?",
        "Out.",
        "With whom?",
    )
    out = translated("a.srt", SUBTITLES, shout).decode()

    assert out.startswith(
        "1\r\n00:00:01,000 --> 00:00:03,500\r\n{\\an8}<i>WHERE HAVE YOU\r\nBEEN</i> ALL THIS TIME?\r\n\r\n"
    )
    assert out.endswith(
        SUBTITLES.partition("2\r\n")[2].replace("Out", "OUT").replace("With whom", "WITH WHOM")
    )


def test_a_long_translation_has_as_many_lines_as_the_subtitle():
    out = translated("a.srt", SUBTITLES, lambda text: "你这么长时间到底都去哪儿了呢").decode()

    assert "{\\an8}你这么长时间到\r\n底都去哪儿了呢\r\n\r\n2" in out


# --- Word ---


def word(fill):
    document = docx.Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def letter(document):
    document.add_heading("Dear customer", level=1)
    paragraph = document.add_paragraph("Your order is ", style="Intense Quote")
    paragraph.add_run("very").bold = True
    paragraph.add_run(" late.")
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph.add_run("Sorry.")
    document.add_table(1, 2, style="Table Grid").cell(0, 1).text = "In a cell"
    document.sections[0].header.paragraphs[0].text = "A header"
    document.add_paragraph("42")


LETTER = word(letter)


def look(content):
    """Texts with their styles and formats, as another program reads them."""
    document = docx.Document(io.BytesIO(content))
    paragraphs = (
        [*document.paragraphs, *document.tables[0].cell(0, 1).paragraphs]
        if document.tables
        else (document.paragraphs)
    )
    return [
        (paragraph.style.name, [(run.text, run.bold, run.italic) for run in paragraph.runs if run.text])
        for paragraph in paragraphs
    ]


def test_a_word_document_keeps_its_styles_and_formats():
    assert texts("a.docx", LETTER) == (
        "Dear customer",
        "Your order is <g2>very</g2> late.<x4/>Sorry.",
        "In a cell",
        "A header",
    )
    out = translated("a.docx", LETTER, shout)

    assert look(out) == [
        ("Heading 1", [("DEAR CUSTOMER", None, None)]),
        (
            "Intense Quote",
            [("YOUR ORDER IS ", None, None), ("VERY", True, None), (" LATE.", None, None)]
            + [("\n", None, None), ("SORRY.", None, None)],
        ),
        ("Normal", [("42", None, None)]),
        ("Normal", [("IN A CELL", None, None)]),
    ]
    assert docx.Document(io.BytesIO(out)).sections[0].header.paragraphs[0].text == "A HEADER"


def test_words_in_another_order_keep_their_formats():
    out = translated("a.docx", LETTER, lambda text: "<g2>很</g2>晚<x4/>了" if "<g2>" in text else text)

    assert look(out)[1][1] == [("很", True, None), ("晚", None, None), ("\n", None, None), ("了", None, None)]


def test_links_stay_links_and_pictures_and_fields_stay():
    def fill(document):
        paragraph = document.add_paragraph("Read ")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), "there")
        run = paragraph.add_run("the manual")
        link.append(run._r)
        paragraph._p.append(link)
        paragraph.add_run(" on page ")
        for kind in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            paragraph.add_run("7" if kind == "end" else "")._r.append(mark)

    content = word(fill)
    assert texts("a.docx", content) == ("Read <g2>the manual</g2> on page",)
    document = docx.Document(io.BytesIO(translated("a.docx", content, shout)))

    assert document.paragraphs[0].text == "READ THE MANUAL ON PAGE 7"
    assert [link.fragment for link in document.paragraphs[0].hyperlinks] == ["there"]
    assert [link.text for link in document.paragraphs[0].hyperlinks] == ["THE MANUAL"]
    assert len(document.paragraphs[0]._p.findall(f".//{qn('w:fldChar')}")) == 2


def test_a_word_document_can_be_written_twice():
    document = files.read("a.docx", LETTER)

    first = document.write([shout(text) for text in document.texts])
    assert look(document.write([shout(text) for text in document.texts])) == look(first)
    assert document.write(document.texts) == LETTER


# --- what is refused ---


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
REFUSED = {
    "empty.txt": (b" \n\x00", "The file is empty."),
    "numbers.txt": (b"1\n2 + 3\n", "No text to translate was found in the file."),
    "emoji.md": ("🙂 🙂\n".encode(), "No text to translate was found in the file."),
    "binary.txt": (bytes(range(1, 256)) * 20, "The file is binary, not text."),
    "kind.exe": (b"MZ", "The file kind.exe is of a kind that cannot be translated."),
    "noname": (b"Hello", "The file noname is of a kind that cannot be translated."),
    "large.txt": (b"a" * (5 * 2**20 + 1), "The file has 6 MB; the limit is 5 MB."),
    "many.txt": (b"word\n" * 5001, "The file has more than 5000 texts to translate."),
    "long.txt": (b"word " * 5000, "A paragraph of the file has 24999 characters; the limit is 20000."),
    "sum.txt": ((b"word " * 3000 + b"\n") * 30, "The file has more than 300000 characters to translate"),
    "lines.md": (b"word\n" + b"\n" * 50_000, "The file has more than 50000 lines."),
    "quote.csv": (b'a,b\n1,"never closed\n2,x\n', "The row that begins in line 2 cannot be read"),
    "bomb.csv": (b"1,2,3,4,5\n" * 50_000, "The file has more than 200000 cells."),
    "rows.csv": (b"text\n" + b"some words\n" * 6000, "The file has more than 5000 texts"),
    "field.csv": (
        b'a,b\n1,"' + b"some words " * 9000 + b'"\n',
        "A paragraph of the file has 98999 characters",
    ),
    "times.srt": (b"1\nHello there\n\n2\nGoodbye\n", "The file has no subtitles with their times."),
    "truncated.docx": (LETTER[:-400], "The file is no Word document or is damaged."),
    "half.docx": (LETTER[: len(LETTER) // 2], "The file is no Word document or is damaged."),
    "text.docx": (b"Hello there", "The file is no Word document or is damaged."),
    "old.docx": (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "The document has a password"),
    "other.docx": (zipped({"a.txt": b"Hello"}), "The file is no Word document or is damaged."),
    "entities.docx": (zipped({"word/document.xml": ENTITIES}), "The file is no Word document or is damaged."),
    "broken.docx": (
        zipped({"word/document.xml": b"<a><b></a>"}),
        "The file is no Word document or is damaged.",
    ),
    "bomb.docx": (
        zipped({"word/document.xml": b"<a/>", "word/media/a.png": b"\x00" * (61 * 2**20)}),
        "The document unpacks to 62 MB; the limit is 60 MB",
    ),
    "xml.docx": (zipped({"word/document.xml": b" " * (11 * 2**20)}), "The document unpacks to 11 MB"),
    "entries.docx": (zipped({f"{number}": b"" for number in range(3001)}), "The document unpacks to 0 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_translated_is_refused_with_one_sentence(name):
    content, beginning = REFUSED[name]

    with pytest.raises(InvalidInputError) as refused:
        files.read(name, content)
    assert str(refused.value).startswith(beginning)


def test_an_encrypted_archive_is_refused():
    content = bytearray(zipped({"word/document.xml": b"<a/>"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(InvalidInputError, match="damaged"):
        files.read("a.docx", bytes(content))


@pytest.mark.parametrize("place", range(30, len(LETTER), len(LETTER) // 60))
def test_a_damaged_word_document_is_a_sentence_or_a_document(place):
    content = bytearray(LETTER)
    content[place] ^= 0xFF

    try:
        document = files.read("a.docx", bytes(content))
        document.write([text.upper() for text in document.texts])
    except InvalidInputError:
        pass


@pytest.mark.parametrize(
    "content",
    [
        "`" * 20_000,
        "*a" * 10_000,
        "[" * 20_000,
        "> " * 10_000 + "a",
        "![" * 9_000,
        "<a " * 6_000,
        "a](" * 6_000,
    ],
    ids=["ticks", "stars", "brackets", "quotes", "images", "tags", "link-ends"],
)
def test_odd_markdown_is_read_or_refused_soon(content):
    try:
        document = files.read("a.md", content.encode())
        document.write([shout(text) for text in document.texts])
    except InvalidInputError:
        pass


def test_a_front_matter_that_never_ends_is_text():
    assert texts("a.md", "---\n" + "key: value\n" * 1000)


def test_as_many_translations_as_texts_are_needed():
    with pytest.raises(ValueError, match="1 translations for 2 texts"):
        files.read("a.txt", b"One\nTwo\n").write(["Eins"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes.txt", "notes.zh.txt"),
        ("../../etc/passwd.txt", "passwd.zh.txt"),
        ('a\r\nb".csv', "a__b_.zh.csv"),
        ("C:\\x\\y.SRT", "y.zh.SRT"),
        ("x" * 300 + ".md", "x" * 80 + ".zh.md"),
    ],
)
def test_the_translated_file_has_a_safe_name_with_the_language(name, expected):
    content = SUBTITLES.encode() if name.endswith("SRT") else b"Hello there\nHello again\n"

    assert files.read(name, content).file_name("zh") == expected


# --- the identity gives the same file, whatever is in it ---

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=40)
LINES = st.lists(
    st.one_of(
        WORDS, st.sampled_from(["# Title", "- item *a*", "| a | b |", "`x` [y](z)", "```", "> q", "|-|-|"])
    )
)
NEWLINES = st.sampled_from(["\n", "\r\n"])


def same(name, content):
    try:
        document = files.read(name, content)
    except InvalidInputError:
        return
    assert document.write(document.texts) == content


@quickly
@given(lines=LINES, newline=NEWLINES, name=st.sampled_from(["a.txt", "a.md", "a.csv", "a.tsv"]))
def test_a_text_file_that_nobody_changed_is_the_same(lines, newline, name):
    same(name, newline.join(lines).encode())


@quickly
@given(rows=st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=6), newline=NEWLINES)
def test_a_table_that_nobody_changed_is_the_same(rows, newline):
    cells = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    same("a.csv", newline.join(cells).encode())


@quickly
@given(cues=st.lists(WORDS, min_size=1, max_size=5), newline=NEWLINES)
def test_subtitles_that_nobody_changed_are_the_same(cues, newline):
    blocks = (f"{n}{newline}00:00:0{n},000 --> 00:00:0{n},900{newline}{cue}" for n, cue in enumerate(cues))
    same("a.srt", (newline * 2).join(blocks).encode())


@quickly
@given(st.lists(st.lists(st.tuples(WORDS, st.booleans()), max_size=4), max_size=4))
def test_a_word_document_keeps_texts_and_styles_when_every_text_is_written_back(paragraphs):
    def fill(document):
        for runs in paragraphs:
            paragraph = document.add_paragraph(style="List Bullet")
            for text, is_bold in runs:
                paragraph.add_run(text).bold = is_bold

    content = word(fill)
    try:
        document = files.read("a.docx", content)
    except InvalidInputError:
        return
    # Space at the end is a change that nobody sees and makes every paragraph be written anew.
    out = document.write([f"{text} " for text in document.texts])

    before, after = (docx.Document(io.BytesIO(each)).paragraphs for each in (content, out))
    assert [paragraph.style.name for paragraph in after] == ["List Bullet"] * len(paragraphs)
    assert ["".join(p.text.split()) for p in after] == ["".join(p.text.split()) for p in before]


@quickly
@given(st.text(max_size=200), st.sampled_from(["a.txt", "a.md", "a.csv", "a.srt"]))
def test_anything_is_a_sentence_or_a_document(text, name):
    content = text.encode("utf-8", "surrogatepass")
    try:
        document = files.read(name, content)
    except InvalidInputError:
        return
    assert document.write([each.upper() for each in document.texts])


def test_limits_are_refused_as_too_large():
    with pytest.raises(InputTooLargeError):
        files.read("many.txt", b"word\n" * 5001)
