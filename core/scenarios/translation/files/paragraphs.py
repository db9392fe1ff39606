"""One paragraph of a Word document, taken apart into words and marks, and put together again."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby

from lxml import etree

from core.scenarios.translation.files.inline import TAG, Mark, Piece, joined, split, trimmed
from core.scenarios.translation.files.spans import has_letters, one_line

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
PARAGRAPH = f"{_W}p"
_RUN, _TEXT, _FORMAT, _FIELD = f"{_W}r", f"{_W}t", f"{_W}rPr", f"{_W}fldChar"
# What holds runs of a paragraph as the paragraph itself does.
_CONTAINERS = {f"{_W}{name}" for name in ("hyperlink", "ins", "smartTag")}
# What has no place among the words: it stays in the paragraph, before or after them.
_FLOATING = {
    f"{_W}{name}"
    for name in ("pPr", "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "proofErr")
}
# Word tells languages and spelling by these: no difference that anyone sees.
_UNSEEN = {f"{_W}{name}" for name in ("lang", "noProof")}
_FONT_HINT = f"{_W}hint"
_PAGE_BREAK_NOTE = f"{_W}lastRenderedPageBreak"


@dataclass
class Atom:
    """Words in one format, or (where `text` is None) elements without words of their own."""

    text: str | None
    elements: list[etree._Element]
    """A run to copy with other words in it; or what is put back as it is."""
    container: etree._Element | None = None
    """The link (or the like) that this is in."""
    format: bytes = b""

    @property
    def look(self) -> tuple[bool, int, bytes]:
        """Neighbours that look the same are one."""
        return self.text is None, id(self.container), self.format


@dataclass
class Paragraph:
    """A paragraph as pieces; `before` and `after` are marks outside of the words."""

    element: etree._Element
    before: list[Piece]
    pieces: list[Piece]
    after: list[Piece]
    plain: Atom
    atoms: dict[Mark, Atom] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return joined(self.pieces)


def taken_apart(element: etree._Element) -> Paragraph | None:
    """The paragraph as pieces; None where it has no words to translate."""
    atoms = [_merged(list(same)) for _, same in groupby(_atoms(element), key=lambda atom: atom.look)]
    words = [atom for atom in atoms if atom.text]
    everything = "".join(atom.text for atom in words)
    if not has_letters(everything) or TAG.search(everything):
        return None
    chars = {
        look: sum(len(atom.text) for atom in words if atom.look == look) for look in {a.look for a in words}
    }
    plain = max(words, key=lambda atom: chars[atom.look])
    pieces, marked = _pieces(atoms, plain)
    before, inside, after = trimmed(pieces)
    return Paragraph(element, before, inside, after, plain, marked)


def replace(paragraph: Paragraph, translation: str) -> None:
    """Write the translation into the document, all words in the format of their marks."""
    wanted = [piece for piece in paragraph.pieces if isinstance(piece, Mark)]
    words = split(one_line(translation), wanted)
    placed = list(_placed(paragraph, [*paragraph.before, *words, *paragraph.after]))
    element = paragraph.element
    old = [child for child in element if child.tag not in _FLOATING]
    at = element.index(old[0])
    for child in old:
        element.remove(child)
    for container, group in groupby(placed, key=lambda pair: pair[0]):
        runs = [run for _, run in group]
        new = runs if container is None else [_holding(container, runs)]
        element[at:at] = new
        at += len(new)


def _atoms(element: etree._Element) -> Iterator[Atom]:
    """The parts of the paragraph in order; a field (a page number, a date) is a thing without words."""
    depth = 0
    for container, child in _runs(element):
        marks = [mark.get(f"{_W}fldCharType") for mark in child.iter(_FIELD)]
        if child.tag != _RUN or depth or marks:
            yield Atom(None, [child], container)
        else:
            yield from _of_run(child, container)
        depth = max(0, depth + marks.count("begin") - marks.count("end"))


def _runs(element: etree._Element) -> Iterator[tuple[etree._Element | None, etree._Element]]:
    """(container or None, run or anything else) in the order of the text."""
    for child in element:
        if child.tag in _CONTAINERS:
            yield from ((child, run) for run in child)
        elif child.tag not in _FLOATING:
            yield None, child


def _of_run(run: etree._Element, container: etree._Element | None) -> Iterator[Atom]:
    look = _look(run.find(_FORMAT))
    for part in run:
        if part.tag == _TEXT:
            yield Atom(part.text or "", [run], container, look)
        elif part.tag not in (_FORMAT, _PAGE_BREAK_NOTE):
            yield Atom(None, [part], container)


def _look(format_: etree._Element | None) -> bytes:
    """What is seen of a format, as a key."""
    if format_ is None:
        return b""
    seen = deepcopy(format_)
    for part in list(seen):
        part.attrib.pop(_FONT_HINT, None)
        if part.tag in _UNSEEN or (part.tag == f"{_W}rFonts" and not part.attrib):
            seen.remove(part)
    return etree.tostring(seen, method="c14n") if len(seen) else b""


def _merged(atoms: list[Atom]) -> Atom:
    first = atoms[0]
    if first.text is None:
        elements = [element for atom in atoms for element in atom.elements]
        return Atom(None, elements, first.container)
    return Atom("".join(atom.text for atom in atoms), first.elements, first.container, first.format)


def _pieces(atoms: list[Atom], plain: Atom) -> tuple[list[Piece], dict[Mark, Atom]]:
    pieces, marked = list[Piece](), dict[Mark, Atom]()
    for number, atom in enumerate(atoms, start=1):
        if atom.text is None:
            mark = Mark("single", number)
            marked[mark] = atom
            pieces.append(mark)
        elif atom.look == plain.look or not atom.text.strip():
            pieces.append(atom.text)
        else:
            opening = Mark("open", number)
            marked[opening] = atom
            pieces += (opening, atom.text, Mark("close", number))
    return pieces, marked


def _placed(
    paragraph: Paragraph, pieces: list[Piece]
) -> Iterator[tuple[etree._Element | None, etree._Element]]:
    """(container or None, element) for each piece, in order."""
    formats = [paragraph.plain]
    for piece in pieces:
        if isinstance(piece, str):
            if piece:
                yield formats[-1].container, _run(formats[-1].elements[0], piece)
        elif piece.kind == "single":
            atom = paragraph.atoms[piece]
            yield from ((atom.container, _standing(element)) for element in atom.elements)
        elif piece.kind == "open":
            formats.append(paragraph.atoms[piece])
        else:
            formats.pop()


def _run(template: etree._Element, words: str) -> etree._Element:
    """A run of these words in the format of the template."""
    run = etree.Element(_RUN)
    if (format_ := template.find(_FORMAT)) is not None:
        run.append(deepcopy(format_))
    text = etree.SubElement(run, _TEXT)
    text.text = words
    text.set(_SPACE, "preserve")
    return run


def _standing(element: etree._Element) -> etree._Element:
    """What may stand in a paragraph: the element itself, or a run around a part of one."""
    parent = element.getparent()
    if parent is None or parent.tag != _RUN:
        return element
    run = etree.Element(_RUN)
    if (format_ := parent.find(_FORMAT)) is not None:
        run.append(deepcopy(format_))
    run.append(element)
    return run


def _holding(container: etree._Element, runs: list[etree._Element]) -> etree._Element:
    """Another container of this kind (a link to the same place) around these runs."""
    copy = etree.Element(container.tag, container.attrib)
    copy.extend(runs)
    return copy
