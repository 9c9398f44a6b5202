-- name: identity
-- Which server this is: another cluster has another identifier, and every promotion begins a timeline.
SELECT pg_is_in_recovery() AS standby,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline

-- name: system_identifier
-- Apart from the rest: a server may keep it from its logins.
SELECT system_identifier::text FROM pg_control_system()

-- name: durability
-- What holds when this server is lost. Every login may see how many others follow it, and these settings.
SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS writes_through,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('synchronous_standby_names') <> '' AS waits_for_standby,
       (SELECT count(*) FROM pg_stat_replication) AS followers
