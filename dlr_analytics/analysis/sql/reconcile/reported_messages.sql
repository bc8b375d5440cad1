-- What the exports report of each message: of one that stands twice, the row that ended last.
-- Reads reported_rows and aliases.
with placed as (
    -- turn: 1 is the row that ended last, else was received last, else stands last
    select
        reported_rows.*,
        lower(message_id) as message_key,
        row_number() over (
            partition by lower(message_id)
            order by date_finalized desc nulls last, date_received desc nulls last, place desc
        ) as turn
    from reported_rows
)
select
    placed.message_key, -- the ID in lower case
    placed.message_id, -- the ID as written
    placed.network_code, -- as reported
    cast(placed.date_received as date) as day, -- of date_received, UTC
    placed.currency, -- of the price, as reported
    coalesce(aliases.status, placed.status) as status, -- aliases resolved
    placed.price -- as reported
from placed
left join aliases on aliases.alias = placed.status
where placed.turn = 1
