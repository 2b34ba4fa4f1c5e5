#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Run once by the postgres image, on an empty data folder: the roles, the city's database, and the template that
# restores are made from. Odoo's role is no superuser and makes no databases; backups have a role of their own.
set -euo pipefail

SECRETS=${SECRETS:-/run/secrets}

run() { psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"; }

# Passwords go in by standard input, not as arguments that 'ps' shows.
run --dbname postgres <<SQL
\\set odoo \`cat $SECRETS/db_password\`
\\set backup \`cat $SECRETS/db_backup_password\`
CREATE ROLE odoo LOGIN PASSWORD :'odoo';
CREATE ROLE civic_backup LOGIN CREATEDB PASSWORD :'backup';
-- Reads everything, changes nothing; owns only what it restores for a rehearsal.
GRANT pg_read_all_data TO civic_backup;
-- 'C' sorts by code points: plain indexes then serve LIKE, and no update of the system's collations breaks them.
CREATE DATABASE template_civic TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
SQL

# Only a superuser may declare unaccent() immutable, which Odoo's indexes want; dumps do not carry it.
run --dbname template_civic <<'SQL'
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
ALTER FUNCTION unaccent(text) IMMUTABLE;
GRANT CREATE ON SCHEMA public TO PUBLIC;
SQL
run --dbname postgres <<'SQL'
ALTER DATABASE template_civic IS_TEMPLATE true ALLOW_CONNECTIONS false;
CREATE DATABASE civic OWNER odoo TEMPLATE template_civic;
REVOKE CONNECT ON DATABASE civic FROM PUBLIC;
GRANT CONNECT ON DATABASE civic TO odoo, civic_backup;
SQL

# For the profile 'replica'. The role may stream, and nothing else.
if [ -r "$SECRETS/db_replication_password" ]; then
    run --dbname postgres <<SQL
\\set replication \`cat $SECRETS/db_replication_password\`
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication';
SQL
    echo 'host replication replicator all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
