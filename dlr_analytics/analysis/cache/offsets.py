"""Offsets of ``scts``, learned again near the hours whose votes have changed.

An offset depends on the votes of its network and status half a week around, and 20 votes around; on
hours with one sure offset before and after, however far; and so do the hours that those depend on.
So of each network and status with changed votes, a window of votes is taken that begins
``WINDOW_HOURS`` before the first change, and it is checked that the window has all that matters:

- from ``exact`` on its claims are those of all votes;
- before ``touched`` no claim depends on a changed vote;
- before ``cut`` no offset does: neither by half a week, nor by the witnesses of late pushes, whose
  ``scts`` is at most ``SCTS_HOURS`` away, since an untouched hour with one offset lies between;
- there is such an hour, ``from_hour``, before everything that offsets from ``cut`` on depend on.

Offsets before ``cut`` stay as they are cached. Of the hours before it, votes are looked at for half
a week only, and claims from ``from_hour`` on. Where the window lacks any of this, as with few
receipts, all votes of that network and status are taken: that is little to compute.
"""

from __future__ import annotations

from typing import Final

from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC, DerivationParameters
from dlr_analytics.analysis.messages.pipeline import STEPS
from dlr_analytics.vocabulary import CONTRADICTION_HOURS, ZONES

WINDOW_HOURS: Final = 25 * 24
"""Two days more than are enough where every hour has receipts and one offset."""

HALF_WEEK: Final = 84
"""Hours either side that ``scts_claims.sql`` and ``scts_offsets.sql`` take into account."""

NEAR_VOTES: Final = 20
"""Votes either side that ``scts_claims.sql`` takes into account."""

SCTS_HOURS: Final = CONTRADICTION_HOURS + max(ZONES) // 60 + 5
"""Hours that ``scts``, less an offset, is at most away from its push.

Both are cut to whole hours, which is one hour more; the other four are a margin.
"""

OFFSET_KEY: Final = "network_code, status, pushed_hour, reading, scts_quarter"
"""The columns by which ``message_facts.sql`` joins ``scts_offsets``."""

_GROUP: Final = "network_code, status"

_CHANGED: Final = f"""
select {_GROUP}, min(pushed_hour) as changed_hour, min(pushed_hour) - {WINDOW_HOURS} as start_hour
from (
    select {_GROUP}, pushed_hour, reading, scts_quarter, on_beat, sum(votes) as votes
    from vote_changes
    group by all
    having sum(votes) <> 0
)
group by {_GROUP}
"""

_CUTS: Final = f"""
with hours as (
    select {_GROUP}, pushed_hour, sum(votes) as votes
    from scts_votes
    group by {_GROUP}, pushed_hour
),
counted as (
    -- earlier: votes before the hour; votes_before: those before the first change
    select
        hours.*,
        changed.start_hour,
        changed.changed_hour,
        coalesce(sum(hours.votes) over (
            partition by hours.network_code, hours.status
            order by hours.pushed_hour rows between unbounded preceding and 1 preceding
        ), 0) as earlier,
        sum(case when hours.pushed_hour < changed.changed_hour then hours.votes else 0 end) over (
            partition by hours.network_code, hours.status
        ) as votes_before
    from hours
    inner join changed
        on changed.network_code = hours.network_code and changed.status = hours.status
),
bounds as (
    select
        {_GROUP},
        greatest(
            max(start_hour) + {HALF_WEEK},
            min(case when earlier > {NEAR_VOTES} then pushed_hour end)
        ) as exact,
        least(
            max(changed_hour) - {HALF_WEEK},
            min(case when earlier >= votes_before - {NEAR_VOTES} then pushed_hour end)
        ) as touched
    from counted
    group by {_GROUP}
    having max(earlier) > {NEAR_VOTES}
),
only_hours as (
    select {_GROUP}, pushed_hour
    from scts_claims
    group by {_GROUP}, pushed_hour
    having count(*) filter (where sure) = 1
),
cuts as (
    select
        bounds.network_code,
        bounds.status,
        bounds.exact,
        least(
            bounds.touched - {HALF_WEEK}, max(only_hours.pushed_hour) - {SCTS_HOURS}
        ) - {HALF_WEEK} as cut
    from bounds
    inner join only_hours
        on only_hours.network_code = bounds.network_code
        and only_hours.status = bounds.status
        and only_hours.pushed_hour >= bounds.exact
        and only_hours.pushed_hour < bounds.touched
    group by bounds.network_code, bounds.status, bounds.exact, bounds.touched
)
select
    cuts.network_code,
    cuts.status,
    min(cuts.cut) as cut,
    max(only_hours.pushed_hour) as from_hour
from cuts
inner join only_hours
    on only_hours.network_code = cuts.network_code
    and only_hours.status = cuts.status
    and only_hours.pushed_hour >= cuts.exact
    and only_hours.pushed_hour <= cuts.cut - {HALF_WEEK + SCTS_HOURS}
group by cuts.network_code, cuts.status
"""


def relearn(engine: Engine, parameters: DerivationParameters, votes: str, cached: str) -> None:
    """Create ``scts_offsets``, as all votes give them, and ``changed_offsets``.

    They are in the engine's internal namespace, which is used from then on; the namespaces of the
    intermediate relations are dropped.

    Parameters
    ----------
    engine : Engine
        Has the table ``vote_changes`` in its internal namespace.
    parameters : DerivationParameters
        Of the steps.
    votes : str
        The statement of all votes, the changes among them.
    cached : str
        A table expression of the offsets learned from all votes but the changes.
    """
    engine.use("near", INTERNAL, PUBLIC)
    engine.create_table("changed", _CHANGED)
    of_changed = f"select votes.* from ({votes}) as votes inner join near.changed using ({_GROUP})"
    latest = f"{of_changed} where votes.pushed_hour >= changed.start_hour"
    _claim(engine, parameters, "recent", latest)
    engine.use("near", "recent", INTERNAL, PUBLIC)
    engine.create_table("cuts", _CUTS)
    others = []
    # A group without a cut lacks something in its window: all its votes are taken.
    if engine.rows(f"select {_GROUP} from changed except select {_GROUP} from cuts"):
        whole = f"{of_changed} anti join near.cuts using ({_GROUP})"
        _claim(engine, parameters, "whole", whole)
        others.append("whole")
    _join(engine, others)
    _run(engine, parameters, "scts_offsets")
    _replace(engine, cached)
    for namespace in ("near", "recent", *others):
        engine.drop_namespace(namespace)


def find_changed(engine: Engine, learned: str, known: str) -> None:
    """Create ``changed_offsets``: keys whose offset differs, or is known once."""
    engine.create_table(
        "changed_offsets",
        f"select {OFFSET_KEY} from {learned} as learned full join {known} as known"
        f" using ({OFFSET_KEY}) where learned.offset_min is distinct from known.offset_min"
        " or learned.clock_off is distinct from known.clock_off",
    )


def _claim(engine: Engine, parameters: DerivationParameters, namespace: str, votes: str) -> None:
    """Create the votes of a statement and their claims in a namespace."""
    engine.use(namespace, INTERNAL, PUBLIC)
    engine.create_view("scts_votes_by_day", votes)
    _run(engine, parameters, "scts_votes", "scts_claims")


def _join(engine: Engine, others: list[str]) -> None:
    """Create the votes and claims to learn from.

    Of groups with a cut, those that matter; ``others`` are the namespaces of the rest.
    """
    engine.use("near", INTERNAL, PUBLIC)
    for relation, first_hour in (
        ("scts_votes", f"cuts.cut - {HALF_WEEK}"),
        ("scts_claims", "cuts.from_hour"),
    ):
        near = (
            f"select relation.* from recent.{relation} as relation"
            f" inner join near.cuts using ({_GROUP}) where relation.pushed_hour >= {first_hour}"
        )
        rest = [f"select * from {namespace}.{relation}" for namespace in others]
        engine.create_view(relation, " union all by name ".join([near, *rest]))


def _replace(engine: Engine, cached: str) -> None:
    """Replace cached offsets of changed groups, from their cut on, by those learned.

    Creates ``changed_offsets`` too. ``scts_offsets`` is a view of two tables, which stay.
    """
    engine.use(INTERNAL, PUBLIC)
    engine.create_table(
        "relearned",
        f"select {_GROUP}, cuts.cut from near.changed left join near.cuts using ({_GROUP})",
    )
    engine.create_table(
        "learned_offsets",
        f"select learned.* from near.scts_offsets as learned inner join relearned using ({_GROUP})"
        " where relearned.cut is null or learned.pushed_hour >= relearned.cut",
    )
    replaced = (
        f"(select cached.* from {cached} as cached inner join relearned using ({_GROUP})"
        " where relearned.cut is null or cached.pushed_hour >= relearned.cut)"
    )
    find_changed(engine, "learned_offsets", replaced)
    engine.create_view(
        "scts_offsets",
        "select * from learned_offsets union all by name"
        f" (select cached.* from {cached} as cached left join relearned using ({_GROUP})"
        " where relearned.status is null or cached.pushed_hour < relearned.cut)",
    )


def _run(engine: Engine, parameters: DerivationParameters, *relations: str) -> None:
    """Run the steps of some relations."""
    for step in STEPS:
        if step.relation in relations:
            step.run(engine, parameters)
