"""Files in and out: txt, Markdown, CSV and TSV, srt and docx, translated with their structure kept."""

from core.scenarios.translation.files.document import Document
from core.scenarios.translation.files.reading import SUFFIXES, read

__all__ = ["SUFFIXES", "Document", "read"]
