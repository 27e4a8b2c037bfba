-- grants: what each role may do with the tables of the data. Done by the owner after each schema step; nothing where the
-- roles were not made (roles.sql). A table that is new is the program's; analysts see what stands here, column by column.

DO $$
BEGIN
    IF to_regrole('tidstro_app') IS NULL THEN
        RETURN;
    END IF;

    REVOKE ALL ON ALL TABLES IN SCHEMA tidstro FROM tidstro_app, tidstro_keys, tidstro_analyst;
    GRANT USAGE ON SCHEMA tidstro TO tidstro_app, tidstro_analyst;

    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tidstro TO tidstro_app;
    -- What is only ever added to; whole segments of the log expire.
    REVOKE UPDATE, DELETE ON tidstro.access_review, tidstro.case_event, tidstro.charge, tidstro.master_change, tidstro.register_file, tidstro.register_version,
        tidstro.registration, tidstro.rules_version, tidstro.write_epoch FROM tidstro_app;
    -- Each commit leaves its mark there.
    GRANT UPDATE (last_mark) ON tidstro.write_epoch TO tidstro_app;
    REVOKE UPDATE ON tidstro.event, tidstro.event_subject, tidstro.released FROM tidstro_app;
    REVOKE INSERT, UPDATE, DELETE ON tidstro.data_move, tidstro.log_origin, tidstro.schema_number FROM tidstro_app;
    -- Retired, never deleted.
    REVOKE DELETE ON tidstro.point_period, tidstro.supply, tidstro.installation, tidstro.charge_period,
        tidstro.charge_link, tidstro.charge_price, tidstro.profile_share FROM tidstro_app;
    -- Decided or withdrawn, never deleted: who had access, and who said so.
    REVOKE DELETE ON tidstro.access_review_item, tidstro.machine_token FROM tidstro_app;
    -- Counters never go back, so they never go.
    REVOKE DELETE ON tidstro.invocation_counter, tidstro.device_counters FROM tidstro_app;
    GRANT EXECUTE ON FUNCTION tidstro.make_months TO tidstro_app;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA tidstro TO tidstro_app;

    GRANT SELECT ON tidstro.area, tidstro.collect_call, tidstro.cycle_calls, tidstro.cycle_day, tidstro.cycle_expected,
        tidstro.series
        TO tidstro_analyst;
    -- Not what the point is called outside, nor where it lies, nor numbers of meters.
    GRANT SELECT (point_no, area_no, commodity) ON tidstro.point TO tidstro_analyst;
    GRANT SELECT (device_no, manufacturer, version, medium) ON tidstro.device TO tidstro_analyst;
    GRANT SELECT (registered_seq, registered_ms) ON tidstro.registration TO tidstro_analyst;
END
$$;
