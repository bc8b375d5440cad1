"""The palette can be read by everybody: its contrasts are computed, not believed."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from dlr_analytics.presentation.palette import MIDTONES, PALETTE, Scheme, css_variables
from dlr_analytics.vocabulary import OUTCOMES

TEXT = ("ink", "ink2", "delivered", "failed", "caution")
MARKS = ("neutral", "delivered", "failed", "expired", "rejected", "unknown", "ink", "ink2")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_itself_is_right() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", TEXT)
@pytest.mark.parametrize("ground", ["page", "surface", "unsettled"])
def test_text_has_a_contrast_of_four_and_a_half(role: str, ground: str, scheme: Scheme) -> None:
    assert contrast(getattr(PALETTE[role], scheme), getattr(PALETTE[ground], scheme)) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", MARKS)
def test_marks_have_a_contrast_of_three(role: str, scheme: Scheme) -> None:
    assert round(contrast(getattr(PALETTE[role], scheme), getattr(PALETTE["page"], scheme)), 1) >= 3


@pytest.mark.parametrize("ground", ["#FFFFFF", "#111111"])
@pytest.mark.parametrize("name", sorted(MIDTONES))
def test_notebook_midtones_hold_on_white_and_on_nearly_black(name: str, ground: str) -> None:
    assert contrast(MIDTONES[name], ground) >= 3.7


def test_every_outcome_has_a_swatch_that_no_other_has() -> None:
    sheet = (resources.files("dlr_analytics.report") / "templates/style.css").read_text()
    swatches = dict(re.findall(r"^\.sw\.(\w+) \{ (.*) \}$", sheet, re.MULTILINE))
    assert tuple(swatches) == OUTCOMES
    assert len(set(swatches.values())) == len(OUTCOMES)


def test_every_role_becomes_a_variable_in_every_scheme() -> None:
    for scheme in ("light", "dark", "forced"):
        assert css_variables(scheme).count("--") == len(PALETTE)
