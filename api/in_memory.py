"""Uploads that never touch a disk: X-rays carry names in their tags, and sometimes in their pixels."""

from starlette.formparsers import MultiPartParser


def keep_uploads_in_memory() -> None:
    """For every form of this process, those of the pages too: Starlette writes files over 1 MB to a disk while they
    arrive, and has no setting for that but this attribute. All of them are read into memory afterwards anyway; how
    large one may be is the guard's to bound.
    """
    # A spooled file with so high a bound stays in memory.
    MultiPartParser.spool_max_size = 2**40
