-- The logins and the database of one registry: an example, to be run by a superuser, and again without harm.
--
--   psql --no-psqlrc --dbname postgres --file deploy/roles.sql
--
-- The owner migrates and is not used otherwise. The service's login owns nothing: it is a member of the roles that
-- append, read and keep working state, and inherits from none, so a connection that has not taken one of them can
-- do nothing. The checkpointer's login, of the process that signs, sees no payload. No login has a password here. On the server's own host none is needed, since the service's login is
-- named as its account; elsewhere give one with psql's \password, which keeps it out of the server's log.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
\if :{?database} \else \set database isa_registry \endif
\if :{?owner} \else \set owner isa-registry-owner \endif
\if :{?service} \else \set service isa-registry \endif
\if :{?checkpointer} \else \set checkpointer isa-registry-checkpointer \endif

SELECT format('CREATE ROLE %I NOLOGIN', wanted)
FROM unnest(ARRAY['isa_sequence', 'isa_read', 'isa_work', 'isa_checkpoint', 'isa_erase']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

-- CREATEROLE, because the first migration makes the roles above where they are lacking.
SELECT format('CREATE ROLE %I LOGIN CREATEROLE', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner')
\gexec

SELECT format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 100', :'service')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service')
\gexec
-- Erasing is left out on purpose: isa_erase is lent for a run and taken back.
GRANT isa_sequence, isa_read, isa_work TO :"service";

SELECT format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 10', :'checkpointer')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'checkpointer')
\gexec
GRANT isa_checkpoint TO :"checkpointer";

SELECT format($$CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'$$, :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"service", :"checkpointer";

\connect :"database"
-- PostgreSQL 14 still lets everybody create here.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"owner";
