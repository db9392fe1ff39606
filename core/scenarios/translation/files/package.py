"""The zip archive that a docx file is: bounded, checked, and written again with some parts changed."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from lxml import etree

from core.errors import N_, InputTooLargeError, InvalidInputError

# Some 2,000 pages; lxml needs about ten times that in memory.
MAX_XML_BYTES = 10 * 2**20
# Pictures hardly shrink in an archive, so an honest file is far below.
MAX_UNPACKED_BYTES = 60 * 2**20
MAX_ENTRIES = 3000
_TEXT_PART = re.compile(r"word/(?:document|header|footer|footnotes|endnotes)\d*\.xml")
# What Word makes of a document with a password, and what it wrote before 2007.
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def read_parts(content: bytes) -> dict[str, etree._Element]:
    """The parts of a docx file that hold text, by name, in the order of the archive.

    Raises InvalidInputError, or InputTooLargeError where unpacking takes more than the bounds.
    """
    if content.startswith(_OLD_OR_LOCKED):
        message = N_(
            "The document has a password or is from before Word 2007. "
            "Save it as .docx without a password and upload that."
        )
        raise InvalidInputError(message)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = _checked_names(archive)
            # All of it: what cannot be read now could not be written with the translation.
            if archive.testzip() is not None:
                raise _broken()
            return {name: _parsed(archive.read(name)) for name in names if _TEXT_PART.fullmatch(name)}
    except _BROKEN as error:
        raise _broken() from error


def write_parts(content: bytes, changed: Mapping[str, etree._Element]) -> bytes:
    """The same archive with these parts in the place of the old ones."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in archive.infolist():
            root = changed.get(entry.filename)
            part = archive.read(entry) if root is None else _serialised(root)
            copy.writestr(entry, part)
    return out.getvalue()


def _checked_names(archive: zipfile.ZipFile) -> list[str]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    # zipfile never reads more of an entry than its declared size.
    unpacked = sum(entry.file_size for entry in entries)
    xml = sum(entry.file_size for entry in entries if _TEXT_PART.fullmatch(entry.filename))
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES or xml > MAX_XML_BYTES:
        raise InputTooLargeError(
            N_("The document unpacks to {size} MB; the limit is {limit} MB, of them {xml_limit} MB of text."),
            size=-(-unpacked // 2**20),
            limit=MAX_UNPACKED_BYTES // 2**20,
            xml_limit=MAX_XML_BYTES // 2**20,
        )
    if "word/document.xml" not in names and not any(map(_TEXT_PART.fullmatch, names)):
        raise _broken()
    if len(set(names)) < len(names):
        raise _broken()
    return names


def _parsed(part: bytes) -> etree._Element:
    # A document type can define entities that unfold without end; Word never writes one.
    if b"<!DOCTYPE" in part.replace(b"\x00", b"") or b"<!ENTITY" in part.replace(b"\x00", b""):
        raise _broken()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise _broken() from error


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _broken() -> InvalidInputError:
    return InvalidInputError(
        N_("The file is no Word document or is damaged. Open it in Word, save it as .docx and upload that.")
    )
