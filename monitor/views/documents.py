"""An alert as it leaves the house in a file, the same from the queue and from a replay."""

import json
from typing import Any

from alerts.contract import as_contract
from alerts.model import Alert
from monitor.views.wording import SENTENCE


def exported(alert: Alert) -> dict[str, Any]:
    """The alert's document, with the sentence that every export carries."""
    return {**as_contract(alert), "notice": SENTENCE}


def exported_line(alert: Alert) -> str:
    """The same as one line of JSON."""
    return json.dumps(exported(alert), ensure_ascii=False, allow_nan=False)
