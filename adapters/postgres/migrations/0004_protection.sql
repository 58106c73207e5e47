CREATE FUNCTION mentalspace.refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'journals are never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;

DO $$
DECLARE
    name TEXT;
    own CONSTANT TEXT := 'practice = nullif(current_setting(''mentalspace.practice'', true), '''')::uuid';
BEGIN
    -- One practice at a time, for the owner too. While none is set, the comparison is with null and nothing is seen.
    FOREACH name IN ARRAY ARRAY[
        'document', 'term', 'unique_term',
        'audit_event', 'audit_waiting', 'audit_position', 'audit_client',
        'ledger_entry', 'ledger_posting'
    ] LOOP
        EXECUTE format('ALTER TABLE mentalspace.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY one_practice ON mentalspace.%I USING (%s) WITH CHECK (%2$s)', name, own);
        -- Row-level security does not cover it.
        EXECUTE format('REVOKE TRUNCATE ON mentalspace.%I FROM PUBLIC, CURRENT_USER', name);
    END LOOP;

    FOREACH name IN ARRAY ARRAY[
        'audit_event', 'audit_position', 'audit_client', 'ledger_entry', 'ledger_posting'
    ] LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON mentalspace.%I FROM PUBLIC, CURRENT_USER', name);
        EXECUTE format(
            'CREATE TRIGGER is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON mentalspace.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION mentalspace.refuse_change()', name);
        EXECUTE format('ALTER TABLE mentalspace.%I ENABLE ALWAYS TRIGGER is_never_changed', name);
    END LOOP;
END
$$;
