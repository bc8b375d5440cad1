-- Receipts that were received: what came out of an export of the Reports API is left out.
-- Reads receipts. An imported row of an export keeps the names of its dates, in any spelling.
with imported as (
    select
        receipts.*,
        case
            when source = 'import' and regexp_matches(raw, '(?i)date')
                then regexp_replace(
                    lower(array_to_string(json_keys(try_cast(raw as json)), '|')), '[^a-z0-9|]', '', 'g'
                )
        end as names
    from main.receipts as receipts
)
select
    imported.* exclude (names)
from imported
where not coalesce(regexp_matches(names, '(^|\|)date(received|finalized)(\||$)'), false)
