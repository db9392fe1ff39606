"""What must survive a restart: feedback, hand-overs, open questions, translations, verdicts, what operators did.

Cheap to import: the database and its library come with the first Store.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from core.errors import DemoError

Kind = Literal["thumb", "csat", "correction"]
Status = Literal["open", "answered"]


class StoreError(DemoError):
    """The database cannot be read or written; nothing was stored."""

    code = "store_unavailable"


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """What a visitor thinks of one result: a thumb (0, 1), a satisfaction (1 to 5) or a better answer."""

    demo: str
    kind: Kind
    rating: int | None = None
    reason: str = ""
    correction: str = ""
    question: str = ""
    answer: str = ""
    model_id: str = ""
    language: str = ""
    session_hash: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is {self.kind!r}; expected one of {get_args(Kind)}")


@dataclass(frozen=True, kw_only=True)
class FeedbackRow(Feedback):
    id: int
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A conversation handed to a person; `packet` is what that person receives, as JSON."""

    demo: str
    packet: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class HandoverRow(Handover):
    id: int
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """A question nobody could answer; `owner` is the session or the knowledge base that it belongs to."""

    owner: str
    knowledge_base: str
    question: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class UnansweredRow(Unanswered):
    id: int
    created: datetime
    times_asked: int
    status: Status


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """How a person translated a sentence; `owner` is the session that it belongs to."""

    owner: str
    source: str
    target: str
    text: str
    translation: str


@dataclass(frozen=True, kw_only=True)
class RememberedRow(Remembered):
    id: int
    created: datetime


@dataclass(frozen=True, kw_only=True)
class TriageVerdict:
    """How one picture was placed on a worklist: for the audit trail, without anything of the picture or its name.

    `score`, `threshold` and `band` are empty where the model was not asked; `refusal` then says why, in a word.
    """

    request_id: str
    study_id: str
    front: str
    operating_point: str
    priority: str
    model_id: str = ""
    revision: str = ""
    threshold: float | None = None
    score: float | None = None
    band: str = ""
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class TriageRow(TriageVerdict):
    id: int
    created: datetime


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """Something an operator did."""

    id: int
    created: datetime
    event: str
    detail: str


class Store:
    """The database behind a URL: SQLite (its folder is made) or PostgreSQL. Any thread may use it.

    A method returns once its row is safely on disk. Free text loses its personal data on the way in, and equal
    text in a search likewise. Lists are newest first. Every method raises StoreError, and nothing else, when the
    database is locked, full, read-only or away.
    """

    def __init__(self, url: str) -> None:
        # Here and not above: SQLAlchemy takes 200 ms to import, and the first page needs no database.
        from core.database import Database

        self._database = Database(url)

    def close(self) -> None:
        self._database.close()

    def add_feedback(self, feedback: Feedback) -> int:
        """Store it and return its id."""
        return self._database.insert("feedback", asdict(feedback))

    def feedback(self, demo: str | None = None, *, limit: int = 100, offset: int = 0) -> list[FeedbackRow]:
        rows = self._database.rows("feedback", {"demo": demo}, limit=limit, offset=offset)
        return [FeedbackRow(**row) for row in rows]

    def count_feedback(self, demo: str | None = None) -> int:
        return self._database.count("feedback", {"demo": demo})

    def add_handover(self, handover: Handover) -> int:
        return self._database.insert("handovers", asdict(handover))

    def handovers(self, demo: str | None = None, *, limit: int = 100, offset: int = 0) -> list[HandoverRow]:
        rows = self._database.rows("handovers", {"demo": demo}, limit=limit, offset=offset)
        return [HandoverRow(**row) for row in rows]

    def add_unanswered(self, unanswered: Unanswered) -> int:
        """Store the question, or count it once more if its owner had it already, which opens it again."""
        return self._database.add_unanswered(asdict(unanswered))

    def unanswered(
        self, owner: str | None = None, *, status: Status | None = None, limit: int = 100, offset: int = 0
    ) -> list[UnansweredRow]:
        where = {"owner": owner, "status": status}
        rows = self._database.rows("unanswered", where, limit=limit, offset=offset)
        return [UnansweredRow(**row) for row in rows]

    def mark_answered(self, unanswered_id: int) -> None:
        """Close the question; one that has gone in the meantime stays gone."""
        self._database.update("unanswered", unanswered_id, {"status": "answered"})

    def remember(self, remembered: Remembered) -> int:
        """Keep a translation; a later one of the same sentence takes its place. Personal data would be redacted."""
        return self._database.remember(asdict(remembered))

    def recall(self, texts: Sequence[str], *, owner: str, source: str, target: str) -> dict[str, str]:
        """The owner's translations of these sentences, by sentence."""
        from core.database import sentence_key

        keys = {text: sentence_key(text) for text in texts}
        where = {"owner": owner, "source": source, "target": target}
        found = self._database.recall(sorted(set(keys.values())), where)
        return {text: found[key] for text, key in keys.items() if key in found}

    def remembered(self, owner: str, *, limit: int = 100, offset: int = 0) -> list[RememberedRow]:
        rows = self._database.rows("memory", {"owner": owner}, limit=limit, offset=offset)
        return [RememberedRow(**row) for row in rows]

    def count_remembered(self, owner: str) -> int:
        return self._database.count("memory", {"owner": owner})

    def forget(self, remembered_id: int, *, owner: str) -> bool:
        """Delete a translation; False when the owner has none of this id."""
        return bool(self._database.delete("memory", {"id": remembered_id, "owner": owner}))

    def add_triage(self, verdicts: Sequence[TriageVerdict]) -> None:
        """Store them all, or none."""
        self._database.insert_all("triage", [asdict(verdict) for verdict in verdicts])

    def triage_rows(self, *, limit: int = 100, offset: int = 0) -> list[TriageRow]:
        return [TriageRow(**row) for row in self._database.rows("triage", {}, limit=limit, offset=offset)]

    def audit(self, event: str, detail: str = "") -> int:
        """Note what an operator did."""
        return self._database.insert("audit", {"event": event, "detail": detail})

    def audit_rows(self, *, limit: int = 100, offset: int = 0) -> list[AuditRow]:
        return [AuditRow(**row) for row in self._database.rows("audit", {}, limit=limit, offset=offset)]

    def delete_older_than(self, days: float) -> int:
        """Remove for good what is older, in every table; returns how many rows that were."""
        return self._database.delete_before(datetime.now(UTC) - timedelta(days=days))
