"""What is said of files that are too large, whatever they hold."""

from core.errors import N_, InputTooLargeError


def picture_too_large(size_bytes: int, limit_bytes: int) -> InputTooLargeError:
    """The error for a picture of this size; the size is rounded up, so that it is never the limit itself."""
    return InputTooLargeError(
        N_("The picture has {size} MB; the limit is {limit} MB. Make it smaller and upload that."),
        size=-(-size_bytes // 2**20),
        limit=limit_bytes // 2**20,
    )
