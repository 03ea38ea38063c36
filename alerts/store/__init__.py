"""The store: alerts, casework, run ledger, roles and the chain; the only code that meets SQL.

Each method of a `Store`, and of its days, lease, outbox and erasure, is one transaction. What it
writes and the entries that tell of it are kept together or not at all; writers come one after
another, and readers never wait.
"""

from alerts.chain import Discrepancy, Entry, Head, Verification
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition
from alerts.records import (
    FollowUp,
    JudgedDay,
    LedgerDay,
    Note,
    PromptAnswer,
    Request,
    Stored,
    Suppression,
    Version,
)
from alerts.store.whole import Store

__all__ = [
    "Action",
    "Deed",
    "Discrepancy",
    "Disposition",
    "Entry",
    "FollowUp",
    "Head",
    "JudgedDay",
    "LedgerDay",
    "Note",
    "PromptAnswer",
    "Request",
    "Store",
    "Stored",
    "Suppression",
    "Verification",
    "Version",
]
