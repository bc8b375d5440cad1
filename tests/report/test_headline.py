"""The words on top: golden sentences, for every size of data."""

from __future__ import annotations

from dataclasses import replace

from dlr_analytics.report import headline
from dlr_analytics.report.model import Report


def test_the_heading_is_the_finding(report: Report, few: Report, empty: Report) -> None:
    assert headline.finding(report) == "94.5% of messages were delivered"
    assert headline.finding(few) == "11 of 14 messages were delivered"
    assert headline.finding(empty) == "No messages between 1 and 7 January 2025"
    assert headline.finding(replace(empty, extent=None)) == "No messages yet"


def test_the_scope_states_messages_networks_and_period(report: Report, few: Report) -> None:
    assert headline.scope(report) == (
        "576,271 messages to 11 networks in 5 countries, sent 25 October to 23 November 2026; "
        "there is no earlier period of this length to compare with. "
        "As of 24 November 2026, 05:00 UTC; 1,915 messages are pending (0.3%)."
    )
    assert headline.scope(few) == (
        "14 messages to 28604 Aycell (Türkiye), the only network, sent 25 October to 23 November "
        "2026. As of 24 November 2026, 05:00 UTC; all are settled. Too few for a trend or a "
        "comparison."
    )


def test_the_summary_states_number_and_rate_in_one_sentence(report: Report, few: Report) -> None:
    assert headline.summary(report) == (
        "94.5% of 576,271 messages sent 25 October to 23 November 2026 were delivered "
        "(95% interval 94.5 to 94.5%)."
    )
    assert headline.summary(few).startswith("78.6% of 14 messages sent ")


def test_an_unknown_rate_is_replaced_by_its_bounds(report: Report) -> None:
    unknown = replace(report.tally, rate=None, low=None, high=None)
    unsure = replace(report, tally=unknown)
    assert headline.finding(unsure) == "At least 92.7% of messages were delivered, 0.3% are pending"
    card = headline.cards(unsure)[0]
    assert (card.text, card.notes) == ("≥ 92.7%", ("at most 93.0%, if all pending arrive",))
    assert "At least 92.7% of 576,271 messages" in headline.summary(unsure)


def test_few_messages_some_pending_are_counted(few: Report) -> None:
    tally = replace(few.tally, failed=0, silent=0, pending=3, rate=None, low=None, high=None)
    assert headline.finding(replace(few, tally=tally)) == (
        "11 of 14 messages were delivered, 3 pending"
    )


def test_a_count_agrees_with_its_noun_and_verb(few: Report) -> None:
    def finding(delivered: int, messages: int) -> str:
        tally = replace(few.tally, messages=messages, delivered=delivered)
        return headline.finding(replace(few, tally=tally))

    assert finding(1, 1) == "1 of 1 message was delivered"
    assert finding(0, 1) == "0 of 1 message was delivered"
    assert finding(1, 2) == "1 of 2 messages was delivered"
    assert finding(0, 2) == "0 of 2 messages were delivered"


def test_the_bounds_stand_beside_a_rate_with_pending_messages(report: Report) -> None:
    rate, messages, confirmed, cost = headline.cards(report)
    assert rate.notes == ("95% interval 94.47 to 94.53%", "will end between 92.7 and 93.0%")
    assert messages.notes == ("574,356 settled",)
    assert confirmed.notes == (
        "of delivered messages",
        "half in 6 s, 95% in 2 min",
        "12% timed from acceptance",
    )
    assert (cost.text, cost.notes) == (
        "€1,644",
        ("of €23,454 in all", "€0.0439 per delivered message"),
    )


def test_the_interval_of_few_messages_has_no_decimals(few: Report) -> None:
    rate = headline.cards(few)[0]
    assert (rate.text, rate.notes) == ("78.6%", ("95% interval 52 to 92%",))


def test_large_numbers_are_abbreviated_in_cards_only(report: Report) -> None:
    large = replace(report, tally=replace(report.tally, messages=2_536_537))
    assert headline.cards(large)[1].text == "2.54 million"
    assert headline.scope(large).startswith("2,536,537 messages")


def test_too_few_measured_are_no_percentile(few: Report) -> None:
    card = headline.cards(few)[2]
    assert (card.text, card.notes) == ("–", ("9 measured; shown from 20 on",))


def test_currencies_are_never_added(report: Report) -> None:
    (euro,) = report.spending
    two = replace(report, spending=(euro, replace(euro, currency="USD")))
    card = headline.cards(two)[3]
    assert card.text == "€1,644"
    assert card.notes[:2] == ("and $1,644", "of €23,454 and $23,454 in all")


def test_no_price_is_no_cost(report: Report) -> None:
    card = headline.cards(replace(report, spending=()))[3]
    assert (card.text, card.notes) == ("–", ("no message carries a price",))


def test_an_empty_period_says_what_would_work(empty: Report) -> None:
    assert headline.remedy(empty).startswith(
        "The data in `data` runs from 25 October to 23 November 2026 (576,271 messages). "
        "Try `dlr report --data data --since 2026-10-25`"
    )
    assert "`dlr receive`" in headline.remedy(replace(empty, extent=None))


def test_the_heading_has_the_change_and_beneath_it_the_cause(found: Report) -> None:
    assert headline.finding(found) == (
        "94.5% of messages were delivered, 5.5 points less than in the 30 days before"
    )
    assert headline.scope(found).startswith(
        "Sender PROMO explains 4.7 of the 5.5 points. It is not over: the last seven days are at "
    )
    assert "2026, compared with 25 September to 24 October 2026. As of " in headline.scope(found)


def test_each_card_has_its_change_in_colour_only_where_it_is_more_than_chance(
    found: Report,
) -> None:
    rate, messages, speed, cost = headline.cards(found)
    assert (rate.change, rate.direction) == ("▼ −5.5 points", "worse")
    assert rate.notes[0] == "before 97.2%; change −6.0 to −5.1"
    assert (messages.change, messages.notes[0]) == ("−0.6%", "before 580,000")
    assert (speed.change, speed.notes[0]) == ("no clear change", "before 89.7%")
    assert (cost.change, cost.direction, cost.notes[0]) == ("▲ +€983", "worse", "was €662")
    assert found.change is not None
    noise = replace(found, change=replace(found.change, difference=-0.004, firm=False))
    assert "about as many as in the 30 days before" in headline.finding(noise)
    assert {card.direction for card in headline.cards(noise)} == {"same"}
    assert headline.cards(noise)[0].change == "−0.4 points, within chance"


def test_a_route_that_reports_nothing_is_named_beneath_the_heading(report: Report) -> None:
    first, *others = report.countries
    silent = replace(first.networks[0], tally=replace(first.networks[0].tally, rate=0.0))
    silent = replace(silent, is_silent=True)
    country = replace(first, networks=(silent, *first.networks[1:]))
    scope = headline.scope(replace(report, countries=(country, *others)))
    assert " went to one network that reports nothing; of the others " in scope
