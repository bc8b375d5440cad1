"""What is known about one message or one number, as methods of ``Database``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlr_analytics.analysis.dimensions import must_be_text
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.webhook.privacy import Privacy, protect_number

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.result import Result


def message(self: Database, message_id: str) -> Result:
    """List all that is known about one message, in order of time.

    Parameters
    ----------
    message_id : str
        Case and surrounding space are ignored.

    Returns
    -------
    Result
        A row for each send record and each receipt, then the row of ``messages``. ``moment``
        and ``what`` come first, then the columns of all three. Empty if nothing is known.
    """
    values = {"message_id": must_be_text("message_id", message_id)}
    with self._presenter.waiting("message"):
        return self._run("history", statement("pipeline/message_history"), values)


def number(self: Database, msisdn: str) -> Result:
    """List all that is known about one number, as :meth:`message` does.

    Parameters
    ----------
    msisdn : str
        In any spelling. Where numbers are stored hashed or masked, it is converted first.
    """
    written = re.sub(r"[\s().+/-]", "", must_be_text("msisdn", msisdn)).removeprefix("00")
    stored = protect_number(written, Privacy.from_settings(self._settings))
    values = {"msisdn": [written, stored]}
    with self._presenter.waiting("number"):
        return self._run("history", statement("pipeline/number_history"), values)
