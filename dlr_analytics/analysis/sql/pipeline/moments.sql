-- The times of single receipts and send records: a message has one that is not after its message_time, unless
-- that is read in client_ref. Reads receipts, sends and limits; plausible is what receipts_normalized.sql says.
with received as (
    select
        receipts.message_id,
        case
            when receipts.message_timestamp >= limits.earliest
                and receipts.message_timestamp <= receipts.received_at + limits.future
                then receipts.message_timestamp
            else receipts.received_at
        end as moment
    from receipts
    cross join limits
),
recorded as (
    select * from received
    union all
    select message_id, sent_at as moment from sends
)
select
    recorded.message_id, -- as written
    recorded.moment -- of a receipt message_timestamp, where it is plausible, else arrival; of a send record sent_at
from recorded
