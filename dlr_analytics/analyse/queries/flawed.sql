-- What is wrong with messages or missing: one row a message and flaw, with the columns of messages.
-- Reads outcomes.
with named as (
    select
        outcomes.*,
        unnest(flaws) as problem
    from outcomes
)
select
    * exclude (problem),
    problem, -- by name
    nullif(len(list_filter(shown, lambda name: name = problem)), 0) as in_receipts -- how many receipts show it; NULL where none does by itself
from named
