-- The logins and the database of one registry: an example, to be run by a superuser, and again without harm.
--
--   psql --no-psqlrc --dbname postgres --file deploy/roles.sql
--
-- The owner migrates and is not used otherwise. The service's login owns nothing: it is a member of the roles that
-- append, read and keep working state, and inherits from none, so a connection that has not taken one of them can
-- do nothing. The checkpointer's login, of the process that signs, sees no payload. The eraser's login is for erasure runs
-- alone, and may not be the service's: it can also take the role that calls the one function that deletes. That function
-- belongs to isa_guard, of which nobody is a member. No login has a password here. On the server's own host none is needed, since the service's login is
-- named as its account; elsewhere give one with psql's \password, which keeps it out of the server's log.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
\if :{?database} \else \set database isa_registry \endif
\if :{?owner} \else \set owner isa-registry-owner \endif
\if :{?service} \else \set service isa-registry \endif
\if :{?checkpointer} \else \set checkpointer isa-registry-checkpointer \endif
\if :{?eraser} \else \set eraser isa-registry-eraser \endif

SELECT format('CREATE ROLE %I NOLOGIN', wanted)
FROM unnest(ARRAY['isa_sequence', 'isa_read', 'isa_work', 'isa_checkpoint', 'isa_erase', 'isa_guard']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

-- CREATEROLE, because the first migration makes the roles above where they are lacking.
SELECT format('CREATE ROLE %I LOGIN CREATEROLE', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner')
\gexec

SELECT format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 100', :'service')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service')
\gexec
-- Erasing is left out on purpose: the service cannot delete.
GRANT isa_sequence, isa_read, isa_work TO :"service";

SELECT format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 10', :'checkpointer')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'checkpointer')
\gexec
GRANT isa_checkpoint TO :"checkpointer";

SELECT format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 20', :'eraser')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'eraser')
\gexec
GRANT isa_sequence, isa_read, isa_work, isa_erase TO :"eraser";

-- The owner gives the function to isa_guard when it migrates; it needs no more than that of the role.
SELECT current_setting('server_version_num')::int >= 160000 AS grants_in_parts \gset
\if :grants_in_parts
GRANT isa_guard TO :"owner" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
\else
GRANT isa_guard TO :"owner" WITH ADMIN OPTION;
\endif

SELECT format($$CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'$$, :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"service", :"checkpointer", :"eraser";

\connect :"database"
-- PostgreSQL 14 still lets everybody create here.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
