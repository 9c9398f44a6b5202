-- name: identity
-- Which server this is: another cluster has another identifier, and every promotion begins a timeline.
SELECT pg_is_in_recovery() AS standby,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline

-- name: system_identifier
-- Apart from the rest: a server may keep it from its logins.
SELECT system_identifier::text FROM pg_control_system()

-- name: durability
-- What holds when this server is lost. Every login may see these settings, what they are for other roles, and how many
-- servers follow this one; whether a follower is waited for, only a member of pg_read_all_stats: the others are unseen.
SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS writes_through,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('synchronous_standby_names') <> '' AS waits_for_standby,
       ARRAY(
           SELECT lower(split_part(one, '=', 2))
           FROM pg_db_role_setting s
           CROSS JOIN unnest(s.setconfig) one
           WHERE one LIKE 'synchronous_commit=%'
             AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       ) AS set_otherwise,
       count(f.pid) AS followers,
       count(f.pid) FILTER (WHERE f.sync_state IN ('sync', 'quorum')) AS synchronous,
       count(f.pid) FILTER (WHERE f.sync_state IS NULL) AS unseen
FROM (VALUES (1)) AS one_row
LEFT JOIN pg_stat_replication f ON true

-- name: session_commit
SELECT current_setting('synchronous_commit')
