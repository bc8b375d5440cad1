"""No text keeps the receiver busy: the work grows with its length, not with its square."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dlr_analytics.webhook.judge import SIZE_LIMIT

CPU_SECONDS = 8
"""All texts together take less than one; in the square of their length, one takes many minutes."""

TEXTS = {
    "names of signatures": "%73%69%67",
    "escaped names": r"\u0073\u0069\u0067",
    "members": '"sig":',
    "backslashes": "\\",
    "encoded backslashes": "%5C",
    "backslashes encoded twice": "%255C",
    "percent signs": "25",
    "escapes": r"\u",
    "line feeds": r"\n",
    "separators": "-",
    "digits and spaces": "1 ",
    "six digits": "123456-",
    "brackets": "(0)",
    "signs of other scripts": "%E2",
}

PROGRAM = """
import resource, sys
from datetime import datetime
from dlr_analytics.webhook.judge import WEBHOOK_PATH, Request, Rules, judge
from dlr_analytics.webhook.parameters import to_json
from dlr_analytics.webhook.privacy import Privacy

resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
body = to_json({{"messageId": "0A", "status": "delivered", "x": {text!r}}}).encode()
for mode in ("keep", "mask", "hash"):
    request = Request("POST", WEBHOOK_PATH, b"", {{}}, body[:{limit}], "::1")
    verdict = judge(request, Rules(privacy=Privacy(mode, b"key")), datetime(2026, 11, 24))
    print(type(verdict).__name__)
"""


@pytest.mark.parametrize("text", TEXTS)
def test_a_request_of_the_greatest_size_is_judged(text: str) -> None:
    content = (TEXTS[text] * SIZE_LIMIT)[: SIZE_LIMIT // 2 - 200]
    program = PROGRAM.format(seconds=CPU_SECONDS, text=content, limit=SIZE_LIMIT)
    done = subprocess.run(
        [sys.executable, "-"], input=program, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["Store"] * 3), done.stderr[-500:]
