-- Receipts of the messages in sent, as a receiver with default settings stores them.
with said as (
    select *, 0 as nth, 'accepted' as says, 0 as code_said,
        sent_at + to_milliseconds(cast(200 + floor(1300 * chance(20, i)) as bigint)) as said_at
    from sent
    where account = 0 or (ends <> 'unheard' and chance(21, i) < accepts)
    union all
    select *, 1, 'buffered', 0,
        sent_at + to_milliseconds(cast(2000 + floor(30000 * chance(22, i)) as bigint))
    from sent
    where ends = 'found' and not messages_api and chance(23, i) < 0.3
    union all
    select *, 2, status, err_code, sent_at + to_milliseconds(cast(1000 * delay_s as bigint))
    from sent
    where status is not null
), pushed as (
    -- the push follows within a second or so; a few attempts fail, and come minutes or hours late
    select
        *,
        date_trunc('second', pushed_at) as told_at,
        pushed_at + to_milliseconds(cast(30 + floor(300 * chance(33 + 10 * nth, i)) as bigint) + case
            when chance(34 + 10 * nth, i) < 0.0015 then 60000 * (60 + i % 1200)
            when chance(34 + 10 * nth, i) < 0.0075 then 60000 * (1 + i % 3)
            else 0
        end) as arrived_at
    from (
        select *, said_at + to_milliseconds(cast(
            100 - 500 * ln(1 - chance(30 + 10 * nth, i))
            + if(chance(31 + 10 * nth, i) < 0.02, 50000 * chance(32 + 10 * nth, i), 0) as bigint
        )) as pushed_at
        from said
    )
), repeated as (
    -- an answer that was lost brings the receipt again, half of them with a new time
    select * from pushed
    union all
    select * replace (
        arrived_at + interval '1 minute' as arrived_at,
        if(i % 2 = 0, told_at, date_trunc('second', arrived_at + interval '1 minute')) as told_at
    )
    from pushed
    where chance(35 + 10 * nth, i) < 0.006
), written as (
    -- what Vonage says by itself is in UTC; the Messages API has no scts, and words of its own
    select
        *,
        if(messages_api, null, said_at + to_minutes(
            if(says in ('accepted', 'buffered', 'expired'), 0, offset_min)
        )) as carrier_at,
        case
            when messages_api then case says
                when 'accepted' then 'submitted' when 'failed' then 'undeliverable' else says end
            when smpp then case says
                when 'delivered' then 'DELIVRD' when 'failed' then 'UNDELIV'
                when 'expired' then 'EXPIRED' else says end
            else says
        end as word,
        case when not messages_api then ['abcd1234', 'efgh5678'][3 - account] end as api_key,
        if(messages_api and code_said > 0, 1300 + code_said, code_said) as code_told
    from repeated
)
select
    arrived_at as received_at,
    id as message_id,
    msisdn,
    sender,
    code as network_code,
    if(word = 'submitted', 'accepted', lower(word)) as status,
    cast(if(messages_api and code_told = 0, null, code_told) as smallint) as err_code,
    cast(if(messages_api and says = 'accepted', null, price) as decimal(18, 8)) as price,
    date_trunc('minute', carrier_at) as scts,
    strftime(carrier_at, '%y%m%d%H%M') as scts_raw,
    told_at as message_timestamp,
    api_key,
    client_ref,
    cast([] as varchar[]) as problems,
    if(messages_api, 'messages', 'sms') as source,
    'sms' as channel,
    if(messages_api,
        concat(
            '{"message_uuid":"', id, '","to":"', msisdn, '","from":"', sender, '","timestamp":"',
            strftime(told_at, '%Y-%m-%dT%H:%M:%S.000Z'), '","status":"', word,
            '","channel":"sms"', ',"client_ref":"' || client_ref || '"',
            ',"destination":{"network_code":"' || code || '"}',
            if(says = 'accepted', '', ',"usage":{"currency":"EUR","price":"' || price || '"}'),
            if(code_told = 0, '', concat(
                ',"error":{"type":"https://developer.vonage.com/api-errors/messages#', code_told,
                '","title":"', code_told, '","detail":"The message could not be delivered",',
                '"instance":"', cast(cast(md5(id) as uuid) as varchar), '"}'
            )), '}'
        ),
        concat(
            '{"msisdn":"', msisdn, '","to":"', sender, '","network-code":"' || code,
            '","messageId":"', id, '","price":"', price, '","status":"', word, '","scts":"',
            strftime(carrier_at, '%y%m%d%H%M'), '","err-code":"', code_told,
            '","api-key":"' || api_key, '","client-ref":"' || client_ref,
            '","message-timestamp":"', strftime(told_at, '%Y-%m-%d %H:%M:%S'), '"}'
        )
    ) as raw
from written
