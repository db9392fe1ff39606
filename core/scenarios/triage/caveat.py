"""What every surface of triage says: page, table, document, export and API."""

from core.errors import N_

CAVEAT = N_(
    "Research demonstration, not a medical device. Not for clinical use: a qualified person reads every picture."
)
