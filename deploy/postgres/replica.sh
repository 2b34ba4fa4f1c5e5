#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A read replica (compose profile 'replica'): copies the primary once, then follows it. Becomes the server.
set -euo pipefail

PRIMARY_HOST=${PRIMARY_HOST:-db}
PRIMARY_PORT=${PRIMARY_PORT:-5432}
SLOT=${REPLICATION_SLOT:-civic_replica}
PASSWORD_FILE=${REPLICATION_PASSWORD_FILE:-/run/secrets/db_replication_password}
POSTGRES=${POSTGRES_PROGRAM:-postgres}

umask 077
# In a file: PostgreSQL needs it again at every reconnection.
passfile=$(dirname "$PGDATA")/replication.pgpass
if [ -r "$PASSWORD_FILE" ]; then
    printf '*:*:*:replicator:%s\n' "$(cat "$PASSWORD_FILE")" >"$passfile"
fi
source="host=$PRIMARY_HOST port=$PRIMARY_PORT user=replicator application_name=$SLOT passfile=$passfile"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    rm -rf "$PGDATA.copying"
    # --checkpoint=fast: otherwise the primary takes up to five minutes to begin. The slot makes the primary keep
    # what the replica has yet to read; one left by an attempt that failed is taken again.
    create_slot=(--create-slot)
    if [ -n "$(psql -XAtq -d "$source dbname=postgres" -c "SELECT 1 FROM pg_replication_slots WHERE slot_name = '$SLOT'")" ]; then create_slot=(); fi
    pg_basebackup --dbname="$source" --pgdata="$PGDATA.copying" --checkpoint=fast --wal-method=stream \
        --write-recovery-conf --slot="$SLOT" "${create_slot[@]}"
    rm -rf "$PGDATA"
    mv "$PGDATA.copying" "$PGDATA"
fi
# hot_standby_feedback: rows that a long report still reads here are not vacuumed away there.
exec "$POSTGRES" -c hot_standby=on -c hot_standby_feedback=on "$@"
