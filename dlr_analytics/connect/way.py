"""The path from Vonage to the receiver: the first four checks of each command."""

from __future__ import annotations

from dlr_analytics.connect.account import Balance
from dlr_analytics.connect.checks import Checklist
from dlr_analytics.connect.public_url import PublicUrl
from dlr_analytics.connect.receiver import Reach, check_receiver
from dlr_analytics.connect.vonage import account_from
from dlr_analytics.settings import Settings


class Way:
    """Makes the first four checks.

    Attributes
    ----------
    account : Account or None
        None without credentials.
    public : PublicUrl
        Knows the URL once its check is ok.
    """

    def __init__(self, settings: Settings, checklist: Checklist) -> None:
        self._settings = settings
        self._checklist = checklist
        self.account = account_from(settings)
        self.public = PublicUrl(settings)
        self._reach = Reach(settings)
        self._balance = Balance(self.account)

    def check(self, *, callback: bool = False, all_of_it: bool = False) -> None:
        """Check receiver, URL, reach and account.

        Parameters
        ----------
        callback : bool
            The URL must fit into a message's ``callback``.
        all_of_it : bool
            Check the certificate as well.
        """
        checklist, public = self._checklist, self.public
        checklist.make("receiver", (), lambda: check_receiver(self._settings))
        checklist.make("url", (), public.check_callback if callback else public.check)
        checklist.make("reach", ("receiver", "url"), lambda: self._reach.check(public.url))
        if all_of_it:
            checklist.make("certificate", ("reach",), self._reach.check_certificate)
        checklist.make("account", (), self._balance.check)

    def check_clock(self) -> None:
        """Check this machine's clock against Vonage's response."""
        self._checklist.make("clock", ("account",), self._balance.check_clock)
