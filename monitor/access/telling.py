"""The chain as one reader may read it: without what is closed to them, and without identities."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Final

from alerts.chain import Entry
from alerts.model import Alert
from monitor.access.masking import Masker
from monitor.access.roles import Person

_WORD: Final = re.compile(r"[\w.@/-]+")
_STAFF_FACTS: Final = frozenset({"user_id", "user_ids"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who reads the chain: which alerts are closed to them, and which ids are masked."""

    closed: frozenset[str]  # alert ids
    tokens: Mapping[str, str] = field(repr=False)  # folded id -> token
    masker: Masker

    def entries(self, found: Iterable[Entry]) -> Iterator[Entry]:
        """The entries this reader may read, each as they may read it."""
        for entry in found:
            if entry.about not in self.closed:
                yield self._told(entry)

    def _told(self, entry: Entry) -> Entry:
        facts = entry.facts
        if any(alert_id in facts for alert_id in self.closed):
            facts = json.dumps(without(entry.told, self.closed))
        if any(name in facts for name in _STAFF_FACTS):
            facts = json.dumps(self._masked(json.loads(facts)))
        return replace(entry, facts=facts, purpose=self._clean(entry.purpose))

    def _masked(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._tokens_for(value) if name in _STAFF_FACTS else value
            for name, value in told.items()
        }

    def _tokens_for(self, value: object) -> object:
        if isinstance(value, list):
            return [self.masker.staff(str(one)) for one in value]
        return self.masker.staff(str(value))

    def _clean(self, text: str) -> str:
        """What somebody typed, with a token for every word that is an id of an alert."""
        return _WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0].rstrip("./-")
        token = self.tokens.get(word.casefold())
        return found[0] if token is None else token + found[0][len(word) :]


def reader_of(person: Person, alerts: Iterable[Alert], *, masker: Masker) -> Reader:
    """How somebody may read the chain of a home that holds these alerts."""
    closed: set[str] = set()
    tokens: dict[str, str] = {}
    for alert in alerts:
        if person.in_conflict(alert):
            closed.add(alert.alert_id)
        for subject_id in (*alert.subject_ids, alert.focus_subject_id):
            tokens[subject_id.casefold()] = masker.record(subject_id)
        for user_id in alert.user_ids:
            tokens[user_id.casefold()] = masker.staff(user_id)
    return Reader(closed=frozenset(closed), tokens=tokens, masker=masker)


def without(told: object, closed: AbstractSet[str]) -> object:
    """Facts without the ids of closed alerts, and with the count that fits what is left."""
    if isinstance(told, list):
        return [without(value, closed) for value in told if not _names(value, closed)]
    if not isinstance(told, dict):
        return told
    left = {name: without(value, closed) for name, value in told.items()}
    listed = left.get("alert_ids")
    if isinstance(listed, list) and "alerts" in left:
        left["alerts"] = len(listed)
    return left


def _names(value: object, closed: AbstractSet[str]) -> bool:
    return isinstance(value, str) and value in closed
