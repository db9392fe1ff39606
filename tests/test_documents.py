"""A visitor's own knowledge base: what is understood, and one sentence for everything else."""

import contextlib
import csv
import io
import random
from pathlib import Path

import pytest
from pypdf import PdfWriter

from core.errors import DemoError, InputTooLargeError, InvalidInputError
from core.scenarios.customer_service import documents, pdfs
from core.scenarios.customer_service.documents import export_csv, read_entries
from core.scenarios.customer_service.entries import Entry

SAMPLE = Path(__file__).parent.parent / "assets" / "knowledge_bases" / "sample.csv"


def make_pdf(*pages: str, operators: str = "") -> bytes:
    """A small PDF with a page per text; lines of a text stand below each other."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        shown = "".join(f"({line}) Tj 0 -20 Td " for line in text.split("\n"))
        stream = f"BT /F1 12 Tf 72 700 Td {shown}ET {operators}"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>",
            f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        ]
    return _assembled(objects)


def _assembled(objects):
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail += f"trailer<</Root 1 0 R/Size {len(objects) + 1}>>\nstartxref\n{len(body)}\n%%EOF"
    return body + tail.encode()


def refusal(name, content):
    """The sentence that the visitor reads."""
    with pytest.raises(InvalidInputError) as caught:
        read_entries(name, content)
    return str(caught.value)


# Tables


def test_a_table_gives_an_entry_per_answer_with_all_its_questions():
    content = b"Question,ANSWER\nHow long?,30 days\nCan I pay by card?,Yes\nTill when?,30 days\n"

    entries = read_entries("faq.csv", content)

    assert entries == (
        Entry("e1", "30 days", "en", ("How long?", "Till when?")),
        Entry("e2", "Yes", "en", ("Can I pay by card?",)),
    )


def test_the_same_answer_in_two_languages_is_two_entries():
    content = b"question,answer,language\nHow long?,30 days,en\nHow many?,30 days,zh-CN\n"

    assert [entry.language for entry in read_entries("faq.csv", content)] == ["en", "zh"]


def test_chinese_headers_and_any_usual_delimiter_are_understood():
    for delimiter in ",;\t":
        content = f"问题{delimiter}答案\n怎么退货？{delimiter}三十天内可以退货\n".encode()

        assert read_entries("faq.tsv", content) == (Entry("e1", "三十天内可以退货", "zh", ("怎么退货？",)),)


def test_the_sample_layout_keeps_its_ids_topics_and_questions():
    content = b"entry_id,topic,language,questions,answer\nship,delivery,en,How long? | When?,Two days.\n"

    assert read_entries("kb.csv", content) == (
        Entry("ship", "Two days.", "en", ("How long?", "When?"), "delivery"),
    )


def test_the_bundled_sample_is_read_and_survives_export_and_import():
    entries = read_entries(SAMPLE.name, SAMPLE.read_bytes())

    assert len(entries) >= 160
    assert read_entries("again.csv", export_csv(entries)) == entries


def test_cells_may_hold_delimiters_quotes_and_line_breaks():
    content = b'question,answer\n"a, ""b""\nc?","d\r\ne"\n'

    assert read_entries("faq.csv", content)[0].questions == ('a, "b"\nc?',)


def test_markup_stays_plain_text():
    content = b"question,answer\n<b>How?</b>,<script>alert(1)</script>\n"

    entry = read_entries("faq.csv", content)[0]

    assert (entry.questions[0], entry.answer) == ("<b>How?</b>", "<script>alert(1)</script>")


def test_formulas_are_kept_as_text_and_neutralised_on_export_only():
    formulas = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1")
    content = "question,answer\n" + "".join(f"{formula},{formula} x\n" for formula in formulas)

    entries = read_entries("faq.csv", content.encode())
    exported = list(csv.reader(io.StringIO(export_csv(entries).decode("utf-8-sig"))))

    assert [entry.answer for entry in entries] == [f"{formula} x" for formula in formulas]
    assert all(cell.startswith("'") for row in exported[1:] for cell in row[3:])
    assert read_entries("again.csv", export_csv(entries)) == entries


@pytest.mark.parametrize("cell", ["\t=1", "\r=1", "\n=1", "  =1"])
def test_export_neutralises_formulas_behind_white_space(cell):
    exported = export_csv([Entry("e1", cell, "en")])

    assert "'" + cell in exported.decode("utf-8-sig")


def test_a_hundred_thousand_rows_are_accepted():
    content = "question,answer\n" + "".join(f"Question {i}?,Answer {i % 70_000}.\n" for i in range(100_000))

    entries = read_entries("big.csv", content.encode())

    assert len(entries) == 70_000
    assert sum(len(entry.questions) for entry in entries) == 100_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty"]),
        (b" \r\n\n", ["empty"]),
        (b"question,answer\n", ["header", "no rows"]),
        (b"name;price\nLamp;20\n", ["name, price", "question and answer"]),
        (b"question,answer\na,b\nc,d,e\n", ["Line 3 has 3 cells", "header has 2"]),
        (b"question,answer\na,b\nc\n", ["Line 3 has no answer"]),
        (b'question,answer\na,b\n"c,d\n', ["line 3", "quotation mark"]),
        (b'question,answer\n"a" b,c\n', ["line 2", "quotation mark"]),
        (b"question,answer,language\na,b,fr\n", ["Line 2", "fr", "en or zh"]),
        (b"question,answer,Answer\na,b,c\n", ["Two columns hold the answer"]),
        (b"entry_id,question,answer\nx,a,b\nx,c,d\n", ["Line 3", "entry x"]),
        (b"question,answer\na," + b"b" * 8_001, ["Line 2", "8001", "8000"]),
        (b"question,answer\n" + b"a" * 1_001 + b",b", ["Line 2", "1001", "1000"]),
        (b"question,answer\n" + b"a,b\n" * 200_001, ["more than 200000 rows"]),
        (b"question,answer\n" + b"a,b\n" * 1_000_001, ["more than 1000000 lines"]),
        (b"x" * (30 * 2**20 + 1), ["31 MB", "30 MB"]),
        (bytes(100 * 2**20), ["100 MB", "30 MB"]),
        (b"PK\x03\x04" + bytes(range(256)) * 20, ["binary"]),
        (bytes(range(1, 256)) * 20, ["binary"]),
    ],
)
def test_a_bad_table_is_refused_with_one_sentence(content, words):
    sentence = refusal("faq.csv", content)

    assert all(word in sentence for word in words), sentence


def test_too_much_is_told_apart_from_wrong():
    with pytest.raises(InputTooLargeError):
        read_entries("faq.csv", b"question,answer\n" + b"a,b\n" * 200_001)


@pytest.mark.parametrize("name", ["faq.xlsx", "faq", ".csv", "faq.exe", ""])
def test_other_kinds_of_files_are_refused_with_what_to_use(name):
    assert "CSV" in refusal(name, b"question,answer\na,b\n")


# Encodings

CHINESE = "问题,答案\n怎么退货？,请在三十天内把商品寄回来，运费由我们承担。\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk", "gb2312"],
)
def test_chinese_is_read_in_every_usual_encoding(encoding):
    entry = read_entries("faq.csv", CHINESE.encode(encoding))[0]

    assert (entry.questions, entry.language) == (("怎么退货？",), "zh")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
def test_western_accents_are_not_taken_for_chinese(encoding):
    content = "question,answer\nWo ist das Café – “été”?,Für Sie geöffnet: 5 €.\n".encode(encoding)

    assert read_entries("faq.csv", content)[0].questions == ("Wo ist das Café – “été”?",)


def test_a_damaged_utf8_file_is_refused_rather_than_misread():
    content = (CHINESE * 20).encode().replace("货".encode(), b"\xe8\xb4", 1)

    assert "first unreadable byte" in refusal("faq.csv", content)


def test_an_encoding_that_is_not_known_is_refused():
    content = ("問題,答案\n" + "請問什麼時候可以寄送貨物？,三個工作天內寄出，週末除外。\n" * 5).encode("big5")

    assert "UTF-8" in refusal("faq.csv", content)


def test_a_stray_control_character_is_removed():
    content = b"question,answer\nHow\x0blong?," + b"30 days " * 200 + b"\n"

    assert read_entries("faq.csv", content)[0].questions == ("Howlong?",)


# Markdown and plain text


def test_a_markdown_heading_is_the_question_and_headings_above_are_its_context():
    content = b"About us.\n\n# Returns #\n\n## **How long?**\n30 days.\n\nReally.\n\n# Pay\nBy card.\n"

    assert read_entries("faq.md", content) == (
        Entry("e1", "About us.", "en"),
        Entry("e2", "30 days.\n\nReally.", "en", ("How long?", "Returns: How long?"), "Returns"),
        Entry("e3", "By card.", "en", ("Pay",)),
    )


def test_underlined_headings_count_and_code_and_front_matter_do_not():
    content = b"---\ntitle: x\n---\nOpening hours\n---\n```\n# no heading\n```\nNine to five.\n"

    entries = read_entries("faq.md", content)

    assert entries == (Entry("e1", "```\n# no heading\n```\nNine to five.", "en", ("Opening hours",)),)


def test_a_long_markdown_section_becomes_several_entries_of_one_question():
    content = "# 怎么退货？\n" + "".join(f"第{number}步，请按照说明填写表格。\n" for number in range(1_500))

    entries = read_entries("faq.md", content.encode())

    assert len(entries) > 1
    assert {entry.questions for entry in entries} == {("怎么退货？",)}
    assert "".join(entry.answer for entry in entries).count("步") == 1_500


def test_question_and_answer_pairs_in_text_are_entries():
    content = "Welcome.\n\nQ: How long?\nQ: Till when?\nA: 30 days\nfrom delivery.\n\n问：怎么退货？\n答：寄回来。\n"

    assert read_entries("faq.txt", content.encode()) == (
        Entry("e1", "Welcome.", "en"),
        Entry("e2", "30 days\nfrom delivery.", "en", ("How long?", "Till when?")),
        Entry("e3", "寄回来。", "zh", ("怎么退货？",)),
    )


def test_a_question_without_an_answer_is_named_by_its_line():
    assert "Line 3 has no answer" in refusal("faq.txt", b"Q: a?\nA: b\nQ: c?\n")


def test_paragraphs_are_passages_and_a_title_goes_with_its_text():
    content = "Returns\r\n\r\nYou may return\r\nit.\r\n\r\n可以\r\n退货。\r\n"

    entries = read_entries("faq.txt", content.encode())

    assert [entry.answer for entry in entries] == ["Returns\nYou may return it.", "可以退货。"]
    assert [entry.questions for entry in entries] == [(), ()]


def test_a_long_paragraph_is_cut_between_sentences_and_nothing_is_lost():
    sentences = [f"Sentence number {number} says something." for number in range(200)]

    entries = read_entries("faq.txt", " ".join(sentences).encode())

    assert all(len(entry.answer) <= 800 and entry.answer.endswith(".") for entry in entries)
    assert " ".join(entry.answer for entry in entries) == " ".join(sentences)


@pytest.mark.parametrize("text", ["x" * 100_000, " x" * 50_000, "。" * 100_000, "# \n" * 50_000 + "x"])
@pytest.mark.parametrize("name", ["faq.txt", "faq.md"])
def test_shapeless_text_gives_bounded_passages(name, text):
    assert all(len(entry.answer) <= 8_000 for entry in read_entries(name, text.encode()))


def test_headings_without_text_are_refused():
    assert "No answers were found" in refusal("faq.md", b"# One\n## Two\n")


# PDF


def test_a_pdf_gives_passages_with_their_page():
    content = make_pdf("Returns\nYou may return any item within thirty days of delivery.", "Second page.")

    assert read_entries("faq.pdf", content) == (
        Entry("e1", "Returns\nYou may return any item within thirty days of delivery.", "en", topic="p. 1"),
        Entry("e2", "Second page.", "en", topic="p. 2"),
    )


def test_look_alike_radicals_and_ligatures_of_printed_pdfs_become_plain_letters():
    assert "⼯作⽇，⻓达ﬁve".translate(pdfs.PLAIN_FORMS) == "工作日，长达five"


def test_a_scan_an_encrypted_and_a_long_pdf_are_refused():
    writer = PdfWriter()
    for _ in range(301):
        writer.add_blank_page(width=72, height=72)

    def written():
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert "301 pages; the limit is 300" in refusal("faq.pdf", written())
    writer.encrypt("secret", algorithm="RC4-128")
    assert "password" in refusal("faq.pdf", written())
    assert "scan" in refusal("faq.pdf", make_pdf("", ""))


def test_a_pdf_that_is_protected_against_changes_only_is_read():
    writer = PdfWriter(clone_from=io.BytesIO(make_pdf("Nine to five.")))
    writer.encrypt("", owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)

    assert read_entries("faq.pdf", out.getvalue())[0].answer == "Nine to five."


def test_a_page_that_keeps_the_machine_busy_is_refused(monkeypatch):
    assert "Page 1" in refusal("faq.pdf", make_pdf("Hello", operators="0 0 m " * 120_000))

    monkeypatch.setattr(pdfs, "MAX_PDF_S", -1.0)
    assert "Page 1" in refusal("faq.pdf", make_pdf("Hello"))


@pytest.mark.parametrize("content", [b"%PDF-1.4\n", b"not a pdf", make_pdf("Hello")[:200]])
def test_a_broken_pdf_is_refused(content):
    assert "damaged" in refusal("faq.pdf", content)


# Anything at all


def damaged(rng, content):
    """The bytes with a few places changed, removed, repeated or replaced."""
    out = bytearray(content)
    for _ in range(rng.choice((1, 2, 5, 30))):
        out = out or bytearray(content)
        at, source = rng.randrange(len(out)), rng.randrange(len(out))
        match rng.randrange(4):
            case 0:
                out[at] = rng.randrange(256)
            case 1:
                del out[at : at + rng.randrange(1, 9)]
            case 2:
                out[at:at] = out[source : source + rng.randrange(1, 60)]
            case 3:
                out[at : at + 1] = rng.choice((b"-1", b"9" * 12, b"null", b"[", b"<<", b"(", b"0 R", b'"'))
    return bytes(out)


@pytest.mark.parametrize("suffix", documents.SUFFIXES)
def test_nothing_but_sentences_comes_out_of_damaged_files(suffix):
    rng = random.Random(suffix)
    texts = [CHINESE, "# A\nb\n\nA\n---\nc", 'Q: a\nA: b\n\nquestion;answer\n"a";"b\nc"\n']
    bases = [text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16", "gb18030")]
    bases += [make_pdf("One two three.", "Four")] if suffix == ".pdf" else []
    for case in range(300):
        base = rng.choice(bases[-1:] if suffix == ".pdf" and case % 4 else bases)
        content = rng.randbytes(rng.randrange(200)) if case % 10 == 0 else damaged(rng, base)
        with contextlib.suppress(DemoError):
            entries = read_entries(f"x{suffix}", content)
            assert all(entry.answer.strip() and entry.answer.encode() for entry in entries)
