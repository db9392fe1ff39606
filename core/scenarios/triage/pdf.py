"""A worklist as a PDF: pages of a table with the banner above and below each. Knows no models and no language."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import SimpleDocTemplate

# One of Adobe's Asian fonts, which every reader of PDF brings or replaces: Chinese needs no font file here.
CHINESE, LATIN = "STSong-Light", "Helvetica"
MARGIN, SIZE = 40, 9


@dataclass(frozen=True)
class Report:
    """What stands on the pages, in the reader's language already."""

    banner: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    widths: tuple[float, ...]
    """Of the columns, as shares that sum to 1."""
    rows: Sequence[tuple[str, ...]]
    page: str
    """ "Page {number}" """


def as_pdf(report: Report) -> bytes:
    """The report on A4 pages on their side, in memory; the banner is on every page."""
    # Here and not above: it takes some 0.1 s to import, which every start of the application would pay.
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    out = io.BytesIO()
    edges = {
        "leftMargin": MARGIN,
        "rightMargin": MARGIN,
        "topMargin": MARGIN + 30,
        "bottomMargin": MARGIN + 16,
    }
    document = SimpleDocTemplate(
        out, pagesize=landscape(A4), title=report.title, subject=report.banner, author="Vitrine", **edges
    )

    def frame(canvas: "Canvas", document: "SimpleDocTemplate") -> None:
        _draw_frame(canvas, document, report)

    document.build(_story(report, document.width), onFirstPage=frame, onLaterPages=frame)
    return out.getvalue()


def _story(report: Report, width: float) -> list:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import LongTable, Paragraph, Spacer

    def paragraph(text: str, size: float = SIZE, colour: str = "#0f172a") -> Paragraph:
        font, wrap = _font(text), "CJK" if _font(text) == CHINESE else None
        style = ParagraphStyle(
            "", fontName=font, fontSize=size, leading=size + 4, wordWrap=wrap, textColor=colour
        )
        # What people called their files must not become markup.
        return Paragraph(escape(text), style)

    table = [[paragraph(cell, colour="#ffffff") for cell in report.columns]]
    table += [[paragraph(cell) for cell in row] for row in report.rows]
    lines = [
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#0f766e")),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#cbd5e1")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    body = LongTable(table, [share * width for share in report.widths], repeatRows=1, style=lines)
    notes = [paragraph(note) for note in report.notes]
    return [paragraph(report.title, 15), Spacer(1, 6), *notes, Spacer(1, 8), body]


def _font(text: str) -> str:
    """Readers of PDF draw Latin letters of the Chinese font poorly; it is for the texts that need it."""
    return LATIN if all(ord(char) < 0x100 for char in text) else CHINESE


def _draw_frame(canvas: "Canvas", document: "SimpleDocTemplate", report: Report) -> None:
    from reportlab.lib.colors import HexColor

    width, height = document.pagesize
    canvas.saveState()
    canvas.setFillColor(HexColor("#fef3c7"))
    canvas.rect(MARGIN, height - MARGIN - 14, width - 2 * MARGIN, 22, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#92400e"))
    canvas.setFont(_font(report.banner), SIZE + 1)
    canvas.drawCentredString(width / 2, height - MARGIN - 7, report.banner)
    canvas.setFont(_font(report.banner), SIZE - 1)
    canvas.drawString(MARGIN, MARGIN - 6, report.banner)
    number = report.page.format(number=document.page)
    canvas.setFont(_font(number), SIZE - 1)
    canvas.drawRightString(width - MARGIN, MARGIN - 6, number)
    canvas.restoreState()
