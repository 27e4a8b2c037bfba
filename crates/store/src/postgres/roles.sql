-- roles: who may do what in a database of Tidstro. Run once in the database, by a superuser, before the first start
-- (docs/OPERATING-POSTGRES.md). May be run again.
--   tidstro_owner    owns the schemas and does their steps. Nobody logs in as it; administrators take it on.
--   tidstro_app      the program: rows, no tables. It may take on tidstro_keys, and does so on connections of their own.
--   tidstro_keys     reads and writes wrapped keys and sees no data. Keys are never deleted, only overwritten.
--   tidstro_analyst  reads the columns that name nobody, and writes nothing.
-- Logins are members of one of them. The program takes on tidstro_app or tidstro_keys wherever a login may, so that it can do
-- no more than they may; for administrators too, but while it does the steps of a schema or moves a data set.
-- The master key, without which no key opens anything, is never in the database.

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['tidstro_owner', 'tidstro_app', 'tidstro_keys', 'tidstro_analyst'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO tidstro_owner', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO tidstro_app', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tidstro_analyst', current_database());
END
$$;

-- What a role may do by another is done only after SET ROLE: no session has data and keys before it at once.
ALTER ROLE tidstro_app NOINHERIT;
GRANT tidstro_keys TO tidstro_app;
GRANT tidstro_app TO tidstro_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
