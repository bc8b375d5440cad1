-- Messages of some hours: to whom they go, and how they end.
-- Reads network and failure; $begins and $seconds, $first and $number (of messages).
with drawn as (
    select
        i,
        $begins + to_milliseconds(cast(floor(1000 * $seconds * chance(1, i)) as bigint)) as sent_at,
        case when chance(2, i) < 0.15 then 0 when chance(2, i) < 0.45 then 1 else 2 end as account,
        cast(floor(chance(3, i) * (select count(*) from network)) as integer) as slot,
        sqrt(-2 * ln(1 - chance(4, i))) * cos(2 * pi() * chance(5, i)) as normal
    from range($first, $first + $number) as t (i)
), ended as (
    -- a phone that is off is found within days; a way to fail is drawn by its weight
    select
        *,
        case
            when not final then 'nothing'
            when chance(6, i) < silent then if(chance(7, i) < 0.4, 'unheard', 'nothing')
            when chance(7, i) < rate then if(chance(8, i) < off, 'found', 'delivered')
            else 'failed'
        end as ends,
        cast(floor(chance(9, i) * ways) as integer) as way
    from drawn
    inner join network using (slot)
)
select
    i,
    sent_at,
    account,
    if(account < 2 and not messages_api, upper(left(md5(cast(i as varchar)), 16)),
        cast(cast(md5(cast(i as varchar)) as uuid) as varchar)) as id,
    case numbers
        when 'us' then '1' || [202, 303, 404, 512, 617][1 + i % 5] || '55501'
            || lpad(cast(cast(floor(100 * chance(10, i)) as integer) as varchar), 2, '0')
        when 'fr' then '3363998'
            || lpad(cast(cast(floor(10000 * chance(10, i)) as integer) as varchar), 4, '0')
        else '447700900'
            || lpad(cast(cast(floor(1000 * chance(10, i)) as integer) as varchar), 3, '0')
    end as msisdn,
    ['AcmeInc', 'Acme Shop', 'Globex 2FA', 'Initech', '12025550142', '447700900999'][
        1 + cast(floor(6 * chance(11, i)) as integer)
    ] as sender,
    if(chance(12, i) < 0.5, null, 'order-'
        || lpad(cast(cast(floor(1000000 * chance(13, i)) as integer) as varchar), 6, '0')
    ) as client_ref,
    if(chance(14, i) < 0.002, null, code) as code,
    price,
    offset_min,
    accepts,
    messages_api,
    ends,
    case when ends in ('found', 'delivered') then 'delivered' when ends = 'failed' then status end
        as status,
    if(ends = 'failed', err_code, 0) as err_code,
    -- log-uniform between the soonest and the latest, or log-normal
    case
        when ends = 'failed' then exp(ln(soonest) + chance(15, i) * ln(latest / soonest))
        when ends = 'found' then exp(ln(120) + chance(15, i) * ln(252000 / 120e0))
        else median * exp(normal * spread)
    end as delay_s,
    smpp and chance(16, i) < 0.5 as smpp
from ended
left join failure using (code, way)
