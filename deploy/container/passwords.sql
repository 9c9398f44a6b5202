-- Run once by the database's container, after roles.sql: the passwords of the three logins, from mounted files.
\set ON_ERROR_STOP on
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
\set owner_password `cat /run/secrets/owner-password`
\set service_password `cat /run/secrets/service-password`
\set checkpointer_password `cat /run/secrets/checkpointer-password`
ALTER ROLE "isa-registry-owner" PASSWORD :'owner_password';
ALTER ROLE "isa-registry" PASSWORD :'service_password';
ALTER ROLE "isa-registry-checkpointer" PASSWORD :'checkpointer_password';
