-- keys_grants: what each role may do with the keys. Done by the owner after each step of them; nothing where the roles were
-- not made (roles.sql).

DO $$
BEGIN
    IF to_regrole('tidstro_keys') IS NULL THEN
        RETURN;
    END IF;

    REVOKE ALL ON ALL TABLES IN SCHEMA keys FROM tidstro_app, tidstro_keys, tidstro_analyst;
    GRANT USAGE ON SCHEMA keys TO tidstro_keys;
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA keys TO tidstro_keys;
    REVOKE INSERT, UPDATE ON keys.schema_number FROM tidstro_keys;
    -- Those of past years go; a key that sealed anything is zeroed and stays.
    GRANT DELETE ON keys.pseudonym_key TO tidstro_keys;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA keys TO tidstro_keys;
END
$$;
