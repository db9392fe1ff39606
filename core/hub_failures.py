"""What can go wrong with a download: the kinds, how to tell them apart, and a sentence for each."""

import errno
import json
from collections.abc import Iterator

import httpx2
from huggingface_hub import errors

from core.catalog import ModelSpec
from core.errors import N_, DemoError, ModelLoadError

_SENTENCES = {
    "offline": N_(
        "Downloads are switched off because HF_HUB_OFFLINE is set. "
        "Unset it and start again to download {model}."
    ),
    "no_network": N_(
        "There is no connection to the model hub, so {model} cannot be downloaded. "
        "Check the network and try again; models on this machine go on working."
    ),
    "silent": N_(
        "The model hub accepts connections but does not answer, so {model} cannot be downloaded. "
        "Try again later; models on this machine go on working."
    ),
    "busy": N_(
        "The model hub is out of order or overloaded (HTTP {status}), so {model} cannot be downloaded. "
        "Try again in a few minutes."
    ),
    "interrupted": N_(
        "The connection to the model hub broke off again and again while {model} was downloaded. "
        "Try again: finished files are kept."
    ),
    "truncated": N_(
        "The model hub keeps sending a file of {model} that is shorter than announced. "
        "Try again later: finished files are kept."
    ),
    "corrupt": N_(
        "The file {file} of {model} arrived damaged twice: its checksum is not the one of the model hub. "
        "It was removed; try again later."
    ),
    "gated": N_(
        "The authors of {model} must grant access first. Ask for it on the page of {repo} at the model hub, "
        "set HF_TOKEN to your access token and start again."
    ),
    "denied": N_(
        "The model hub refused access to {repo} (HTTP {status}). "
        "Check that HF_TOKEN is valid and may read it."
    ),
    "no_repository": N_(
        "The model hub has no repository {repo}, or it is private. "
        "Check its name in assets/models.toml; if it is private, set HF_TOKEN."
    ),
    "no_revision": N_(
        "The repository {repo} has no revision {revision}. Check the revision in assets/models.toml."
    ),
    "no_files": N_("The repository {repo} lacks the files that we need. Check assets/models.toml."),
    "not_a_hub": N_(
        "What answers at the model hub's address is not a model hub. "
        "Check HF_ENDPOINT and whether the network asks for a sign-in first."
    ),
    "no_space": N_(
        "{model} needs {needed_mb} MB of disk space, but only {free_mb} MB are free. Free some and try again."
    ),
    "disk_full": N_(
        "The disk became full while {model} was downloaded. "
        "Free some space and try again: finished files are kept."
    ),
    "read_only": N_(
        "The folder for downloaded models cannot be written. Set HF_HOME to one that can, and start again."
    ),
    "failed": N_("{model} cannot be downloaded: {detail}."),
}
_BY_ERRNO = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "disk_full") | dict.fromkeys(
    (errno.EROFS, errno.EACCES, errno.EPERM), "read_only"
)
# The first that fits wins, so children stand before their parents.
_BY_TYPE = {
    errors.OfflineModeIsEnabled: "offline",
    errors.GatedRepoError: "gated",
    errors.RevisionNotFoundError: "no_revision",
    errors.RepositoryNotFoundError: "no_repository",
    errors.RemoteEntryNotFoundError: "no_files",
    errors.FileMetadataError: "not_a_hub",
    json.JSONDecodeError: "not_a_hub",
    httpx2.ConnectTimeout: "no_network",
    httpx2.TimeoutException: "silent",
    httpx2.ReadError: "interrupted",
    httpx2.WriteError: "interrupted",
    httpx2.RemoteProtocolError: "interrupted",
    httpx2.TransportError: "no_network",
    httpx2.InvalidURL: "not_a_hub",
}
UNDERSTOOD = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    errors.RevisionResolutionError,
    json.JSONDecodeError,
)


class DownloadCancelled(DemoError):
    """The visitor stopped the download."""

    code = "cancelled"

    def __init__(self, spec: ModelSpec) -> None:
        message = N_("The download of {model} was stopped. Finished files are kept for the next time.")
        super().__init__(message, model=spec.title)


class Unanswered(httpx2.TransportError):
    """A request failed; a type that the hub's library does not retry by itself. The cause says why."""


def failure(reason: str, spec: ModelSpec, **params: object) -> ModelLoadError:
    """The sentence for a kind of failure; `params["reason"]` of the error names the kind."""
    names = {"model": spec.title, "repo": spec.repo_id, "revision": spec.revision or "main"}
    return ModelLoadError(_SENTENCES[reason], reason=reason, **names, **params)


def explain(error: BaseException, spec: ModelSpec) -> ModelLoadError:
    """The sentence for whatever the hub's library raised."""
    detail = getattr(error, "strerror", None) or type(error).__name__
    return failure(reason_of(error), spec, status=_status(error), detail=detail)


def reason_of(error: BaseException) -> str:
    """The kind of failure, from the outermost error of the chain that tells."""
    return next((reason for link in _chain(error) if (reason := _reason(link))), "failed")


def _reason(error: BaseException) -> str | None:
    if isinstance(error, Unanswered):
        return None
    for kind, reason in _BY_TYPE.items():
        if isinstance(error, kind):
            return reason
    if isinstance(error, httpx2.HTTPStatusError | errors.HfHubHTTPError):
        return _reason_of_status(_status(error))
    if isinstance(error, OSError) and "Consistency check failed" in str(error):
        return "truncated"  # the library's own words; it has no type for it
    return _BY_ERRNO.get(getattr(error, "errno", None) or 0)


def _reason_of_status(status: int) -> str:
    if status in (408, 429) or status >= 500:
        return "busy"
    return "denied" if status in (401, 403) else "not_a_hub"


def _status(error: BaseException) -> int:
    responses = (getattr(link, "response", None) for link in _chain(error))
    return next((response.status_code for response in responses if response is not None), 0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
