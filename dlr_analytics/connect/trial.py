"""``dlr try``: send one SMS and follow its receipts into the data directory.

The message costs money, so it is posted once. Where the answer is lost, the receipts decide: its
``client-ref`` is random, and a receipt with it proves that the message was sent. The send time is
recorded as soon as the message ID is known, so that the message has a latency like any other.

Receipts are read from the data directory, not asked of the receiver: that they are stored is what
is tried. Where none comes, the first reason that there is evidence for is given: calls refused
since the message was sent, then one in the quarantine that may be about it, then what the Reports
API knows of it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from dlr_analytics.connect.account import check_setting
from dlr_analytics.connect.checks import Checklist, Checks
from dlr_analytics.connect.evidence import read_counters, refused_since
from dlr_analytics.connect.http import NoResponse
from dlr_analytics.connect.message import (
    TEXT,
    Part,
    make_client_ref,
    sends_of,
    submit,
)
from dlr_analytics.connect.quarantined import Identity, may_concern
from dlr_analytics.connect.vonage import Account, json_object
from dlr_analytics.connect.way import Way
from dlr_analytics.settings import Settings
from dlr_analytics.store.quarantine import entries
from dlr_analytics.store.receipts.recent import RecentReceipt, recent_receipts
from dlr_analytics.store.sends import record_sends
from dlr_analytics.vocabulary import ERR_CODES, status_of
from dlr_analytics.webhook.checks import Check, Finding, unknown, wrong
from dlr_analytics.webhook.privacy import Privacy

_PAUSE: Final = 0.4
_REPORTS: Final = "look for the message in the dashboard, or have the Reports API enabled"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What to send, and how long to wait (seconds) for its receipts.

    ``account_url`` relies on the account's receipt URL and sends no ``callback``.
    """

    number: str
    sender: str
    wait: float = 120.0
    account_url: bool = False


def try_message(
    settings: Settings,
    attempt: Attempt,
    show: Callable[[Check], None],
    confirm: Callable[[], bool],
) -> Checks:
    """Check the way, send one SMS, and follow its receipts.

    Parameters
    ----------
    show : callable
        Takes each check, once.
    confirm : callable
        Asked once, before the message is sent.
    """
    checklist = Checklist(show)
    way = Way(settings, checklist)
    way.check(callback=not attempt.account_url)
    needs: tuple[str, ...] = ("receiver", "url", "reach", "account")
    if attempt.account_url:
        checklist.make("setting", ("url", "account"), lambda: _setting(way))
        needs = (*needs, "setting")
    if not checklist.is_ok(*needs):
        checklist.make("send", needs, _not_reached)
    elif not confirm():
        checklist.add(
            Check("send", "wrong", "not sent: the answer was not y", "answer y, or give --yes")
        )
    else:
        assert way.account is not None
        trial = _Trial(settings, attempt, way.account, way.public.url)
        trial.run(checklist)
        return checklist.checks
    _close(checklist)
    return checklist.checks


def _setting(way: Way) -> str:
    assert way.account is not None
    return check_setting(way.account, way.public.url)


def _not_reached() -> str:
    raise AssertionError("a check that it needs is not ok")


def _close(checklist: Checklist) -> None:
    """Add the checks that follow a message that was not sent."""
    checklist.make("receipt", ("send",), _not_reached)
    checklist.make("outcome", ("receipt",), _not_reached)


class _Trial:
    """One message from its POST to its receipts."""

    def __init__(self, settings: Settings, attempt: Attempt, account: Account, url: str) -> None:
        self._settings = settings
        self._wait = attempt.wait
        self._account = account
        self._form = {
            "from": attempt.sender,
            "to": attempt.number,
            "text": TEXT,
            "client-ref": make_client_ref(),
        }
        if not attempt.account_url:
            self._form["callback"] = url

    def run(self, checklist: Checklist) -> None:
        self._before = read_counters(self._settings)
        self._sent_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._submission = submit(self._account, self._form)
        finding = self._submission.finding
        if finding is None:
            checklist.add(Check("send", "ok", self._sent()))
        elif finding.result == "wrong":
            checklist.add(Check("send", finding.result, finding.detail, finding.remedy))
        self._record(self._submission.parts)
        if finding is not None and finding.result == "wrong":
            _close(checklist)
            return
        self._receipts = self._follow()
        if finding is not None:
            checklist.make("send", (), lambda: self._sent_after_all(finding))
        checklist.make("receipt", (), self._receipt)
        checklist.make("outcome", ("receipt",), self._outcome)

    def _sent(self) -> str:
        count = len(self._submission.parts)
        return f"Vonage took {count} part{'s' if count > 1 else ''}"

    def _sent_after_all(self, finding: Finding) -> str:
        if not self._receipts:
            raise finding
        ids = dict.fromkeys(receipt.message_id for receipt in self._receipts)
        self._record(tuple(map(Part, ids)))
        return "known by its receipt: the answer to the POST was lost"

    def _record(self, parts: tuple[Part, ...]) -> None:
        """Record the send time of each part that is known."""
        sends = sends_of(parts, self._form, self._sent_at)
        if sends:
            record_sends(self._settings.data, sends, Privacy.from_settings(self._settings))

    @property
    def _ids(self) -> list[str]:
        return [part.message_id for part in self._submission.parts if part.message_id]

    def _follow(self) -> list[RecentReceipt]:
        """Wait for a final receipt of every part; all receipts that came."""
        deadline = time.monotonic() + self._wait
        while True:
            is_over = time.monotonic() >= deadline
            found = recent_receipts(
                self._settings.data, self._sent_at, self._ids, self._form["client-ref"]
            )
            done = {each.message_id for each in found if _is_final(each)}
            if is_over or len(done) >= max(len(self._submission.parts), 1):
                return found
            time.sleep(max(0.0, min(_PAUSE, deadline - time.monotonic())))

    def _receipt(self) -> str:
        if not self._receipts:
            raise self._why_none()
        stored = len({receipt.message_id for receipt in self._receipts})
        parts = max(len(self._submission.parts), 1)
        return "stored" if stored >= parts else f"stored of {stored} of {parts} parts"

    def _outcome(self) -> str:
        """Judge the latest final receipt of each part."""
        final = {each.message_id: each for each in self._receipts if _is_final(each)}
        bad = next((each for each in final.values() if _status(each) != "delivered"), None)
        if bad is not None:
            raise _undelivered(bad)
        if len(final) < max(len(self._submission.parts), 1):
            last = next((r for r in reversed(self._receipts) if not _is_final(r)), None)
            state = f", the last is {_named(last)}" if last else ""
            raise unknown(
                f"no final receipt of every part within {self._wait:g} s{state}",
                "the network may still send one: dlr status",
            )
        last = max(final.values())
        seconds = (last.received_at - self._sent_at).total_seconds()
        return f"{_named(last)}, {seconds:.1f} s after sending"

    def _why_none(self) -> Finding:
        """Find the first reason that explains why no receipt is stored."""
        return self._refused() or self._quarantined() or self._ask_reports()

    def _refused(self) -> Finding | None:
        now = read_counters(self._settings)
        if now is None:
            return None
        return refused_since(now, self._before, self._sent_at.replace(tzinfo=dt.UTC).timestamp())

    def _quarantined(self) -> Finding | None:
        """Find a call that is not understood and may be about this message."""
        form = self._form
        trial = Identity(frozenset(self._ids), form["client-ref"], form["to"])
        if not any(
            entry.arrived_at >= self._sent_at and may_concern(entry.raw, trial)
            for entry in entries(self._settings.data)
        ):
            return None
        return wrong("a call came that is not understood", "look at it with dlr quarantine")

    def _ask_reports(self) -> Finding:
        ids = self._ids
        if not ids:
            return unknown("none, and no message ID to ask for", "look for it in the dashboard")
        try:
            response = self._account.report(ids)
        except NoResponse as error:
            return unknown(f"none, and the Reports API is silent: {error.reason}", _REPORTS)
        records = json_object(response).get("records")
        if response.status != HTTPStatus.OK or not isinstance(records, list):
            return unknown(f"none, and the Reports API answered {response.status}", _REPORTS)
        statuses = [
            status_of(str(record["status"]).lower())
            for record in records
            if isinstance(record, dict) and record.get("status")
        ]
        if not statuses:
            return unknown("none, and the Reports API has no record of it", _REPORTS)
        final = next((each for each in statuses if each.status_class == "final"), None)
        if final is None:
            return unknown(
                "none, and Vonage has none either: the network has sent no receipt yet",
                "wait, or try a number of another network",
            )
        return wrong(
            f"the webhook was not reached: Vonage knows the message as {final.status}",
            "see dlr doctor, and whether the account's receipts go elsewhere",
        )


def _undelivered(receipt: RecentReceipt) -> Finding:
    """Finding for another final status than delivered, with the err-code's advice."""
    code = next((each for each in ERR_CODES if each.err_code == receipt.err_code), None)
    if code is None or not code.advice:
        return wrong(_named(receipt), "ask Vonage's support what the err-code means")
    advice = code.advice[0].lower() + code.advice[1:].rstrip(".")
    return wrong(f"{_named(receipt)}, {code.meaning.lower()}", advice)


def _is_final(receipt: RecentReceipt) -> bool:
    return status_of(receipt.status or "").status_class == "final"


def _status(receipt: RecentReceipt) -> str:
    """Status with aliases resolved; an undocumented word is not printed."""
    status = status_of(receipt.status or "")
    return "unrecognised" if status.status_class == "unrecognised" else status.status


def _named(receipt: RecentReceipt) -> str:
    code = "none" if receipt.err_code is None else str(receipt.err_code)
    return f"{_status(receipt)}, err-code {code}"
