#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Backups of the database and of the files that belong to it, and the proof that they can be restored.
#
#   backup.sh backup                 one backup, verified; then old ones are rotated out
#   backup.sh verify [NAME]          is it complete and undamaged? (default: the newest)
#   backup.sh restore NAME DATABASE  into a database that does not exist yet; NAME may be 'latest'
#   backup.sh rehearse               restore the newest into a scratch database, compare counts, drop it
#   backup.sh list | schedule | healthy
#
# A backup is a folder of BACKUP_DIR named by its time (UTC), with
#   database.dump    pg_dump, custom format
#   files.list       the files that the database had
#   counts           what a restore must contain again, counted in the dump's own snapshot
#   SHA256SUMS       of the three
# The files themselves lie once in BACKUP_DIR/files, shared by all backups: Odoo names a file by the SHA-1 of its
# content and never changes it, so each day costs only the day's new files, and damage shows.
#
# Settings, beside libpq's own (PGHOST, PGUSER, …):
BACKUP_DIR=${BACKUP_DIR:-/backups}
DATABASE=${BACKUP_DATABASE:-civic}
DATA_DIR=${BACKUP_DATA_DIR:-/srv/civic}      # Odoo's data_dir
KEEP_DAYS=${BACKUP_KEEP_DAYS:-14}            # the newest of each of so many days with a backup
KEEP_WEEKS=${BACKUP_KEEP_WEEKS:-8}           # … of so many weeks
KEEP_MONTHS=${BACKUP_KEEP_MONTHS:-12}        # … of so many months
BACKUP_AT=${BACKUP_AT:-02:30}                # 'schedule': time of day (UTC, which no summer time skips)
REHEARSE_ON=${BACKUP_REHEARSE_ON:-7}         # 'schedule': weekday of the rehearsal, 1 is Monday
MAX_AGE_HOURS=${BACKUP_MAX_AGE_HOURS:-26}    # 'healthy': how old the newest may be
TEMPLATE=${BACKUP_TEMPLATE:-template0}       # what restored databases are made from
OWNER=${BACKUP_OWNER:-}                      # role that owns what is restored (default: the connected one)
JOBS=${BACKUP_JOBS:-2}                       # pg_restore in parallel
# PGPASSWORD_FILE names a secret; the password itself stands in no list of processes.

set -euo pipefail
umask 027
export LC_ALL=C.UTF-8 TZ=UTC

say() { printf 'backup: %s\n' "$*"; }
die() { printf 'backup: %s\n' "$*" >&2; exit 1; }
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(cat "$PGPASSWORD_FILE") || die "the secret $PGPASSWORD_FILE cannot be read; see deploy/secrets"
    export PGPASSWORD
fi

# Counted at the backup and again after a restore. Tables that an installation may lack count as 0.
count_all() { # DATABASE [SNAPSHOT]
    local table found
    {
        echo 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;'
        if [ -n "${2:-}" ]; then echo "SET TRANSACTION SNAPSHOT '$2';"; fi
        for table in res_users res_partner ir_module_module mail_message helpdesk_ticket; do
            found=$(sql -d "$1" -c "SELECT to_regclass('public.$table') IS NOT NULL")
            if [ "$found" = t ]; then echo "SELECT '$table', count(*) FROM $table;"; else echo "SELECT '$table', 0;"; fi
        done
        echo "SELECT 'files', count(DISTINCT store_fname) FROM ir_attachment;"
        echo "SELECT 'tables', count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace;"
        # Odoo indexes with an unaccent() that it has declared immutable; no dump says so.
        echo "SELECT 'unaccent', coalesce((SELECT provolatile::text FROM pg_proc WHERE proname = 'unaccent' AND pronargs = 1
              AND pronamespace = 'public'::regnamespace), '-');"
        echo 'COMMIT;'
    } | sql -F ' ' -d "$1"
}

newest() { find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort | tail -n 1; }

named() { # NAME, or the newest
    local name=${1:-latest}
    if [ "$name" = latest ]; then name=$(newest); fi
    [ -n "$name" ] || die "there is no backup in $BACKUP_DIR"
    case $name in */* | .*) die "'$name' is no name of a backup" ;; esac
    [ -d "$BACKUP_DIR/$name" ] || die "there is no backup $name in $BACKUP_DIR"
    printf '%s\n' "$name"
}

# One backup, rotation or verification at a time; the lock goes with the process, however it ends.
alone() {
    mkdir -p "$BACKUP_DIR/files"
    exec 9>"$BACKUP_DIR/.lock"
    flock -n 9 || die "another backup or restore is at work in $BACKUP_DIR"
}

# ---------------------------------------------------------------------------------------------------- making

copy_new_files() { # LIST: into the pool, whole or not at all, and only what is what its name says
    local pool=$BACKUP_DIR/files incoming=$BACKUP_DIR/.incoming
    rm -rf "$incoming"
    mkdir -p "$incoming"
    (cd "$pool" && find . -type f -printf '%P\n' | sort) >"$incoming.known"
    comm -23 "$1" "$incoming.known" >"$incoming.new"
    tar -C "$DATA_DIR/filestore/$DATABASE" -cf - --verbatim-files-from -T "$incoming.new" | tar -C "$incoming" -xf -
    check_names "$incoming" "$incoming.new" || die "files of $DATABASE are damaged on disk, see above"
    cp -al "$incoming/." "$pool/"
    say "$(wc -l <"$incoming.new") new files"
    rm -rf "$incoming" "$incoming.known" "$incoming.new"
}

check_names() { # FOLDER LIST: each file is there and has the content that its name is the hash of
    local bad
    [ -s "$2" ] || return 0 # a day without new files; sha1sum would call an empty list an error
    bad=$(cd "$1" && sed 's|^.*/\(.*\)$|\1  &|' "$2" | sha1sum --check --quiet 2>&1) && return 0
    printf '%s\n' "$bad" | head -n 20 >&2
    return 1
}

make_backup() {
    local name snapshot partial
    alone
    name=$(date -u +%Y%m%dT%H%M%SZ)
    [ ! -e "$BACKUP_DIR/$name" ] || die "there is a backup $name already"
    partial=$BACKUP_DIR/.partial
    rm -rf "$partial"
    mkdir -p "$partial"
    # A session that stays open, so that the dump, the list and the counts see the very same data.
    coproc KEEPER { psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE"; }
    # shellcheck disable=SC2153  # bash sets KEEPER_PID
    trap 'kill "$KEEPER_PID" 2>/dev/null || :' EXIT
    echo 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot();' >&"${KEEPER[1]}"
    read -r -t 30 snapshot <&"${KEEPER[0]}" || die "the database $DATABASE cannot be read"
    say "$name: dumping $DATABASE"
    count_all "$DATABASE" "$snapshot" >"$partial/counts"
    {
        echo 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;'
        echo "SET TRANSACTION SNAPSHOT '$snapshot';"
        echo 'SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL;'
    } | sql -d "$DATABASE" | sort >"$partial/files.list"
    # Files first: Odoo removes unused ones once a day, and the longer we wait the more could be gone.
    copy_new_files "$partial/files.list"
    pg_dump --format=custom --snapshot="$snapshot" --file="$partial/database.dump" "$DATABASE"
    kill "$KEEPER_PID" 2>/dev/null || :
    trap - EXIT
    (cd "$partial" && sha256sum database.dump files.list counts >SHA256SUMS)
    mv "$partial" "$BACKUP_DIR/$name"
    verify "$name"
    rotate
    touch "$BACKUP_DIR/last-success"
    say "$name: done, $(du -sh "$BACKUP_DIR/$name" | cut -f1) and files of $(du -sh "$BACKUP_DIR/files" | cut -f1) in all"
}

# --------------------------------------------------------------------------------------------------- keeping

verify() { # NAME
    local folder=$BACKUP_DIR/$1
    (cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS) || die "$1 is damaged: its checksums do not match"
    pg_restore --list "$folder/database.dump" >/dev/null || die "$1 is damaged: its dump cannot be listed"
    grep -q '^res_users [1-9]' "$folder/counts" || die "$1 has no users: that is no backup of Odoo"
    check_names "$BACKUP_DIR/files" "$folder/files.list" || die "$1 is damaged: the files above are missing or changed"
    say "$1: verified"
}

# The newest backup of each of the last so many days, weeks and months that have one.
kept() {
    local names name
    names=$(find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort -r)
    for name in $names; do
        printf '%s %s %s %s\n' "$name" "${name:0:8}" "$(date -u -d "${name:0:8}" +%GW%V)" "${name:0:6}"
    done | awk -v days="$KEEP_DAYS" -v weeks="$KEEP_WEEKS" -v months="$KEEP_MONTHS" '
        NR == 1 { keep = 1 }
        !($2 in day) && d < days { day[$2]; d++; keep = 1 }
        !($3 in week) && w < weeks { week[$3]; w++; keep = 1 }
        !($4 in month) && m < months { month[$4]; m++; keep = 1 }
        keep { print $1 }
        { keep = 0 }' | sort
}

rotate() {
    local name
    kept >"$BACKUP_DIR/.kept"
    find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort |
        comm -23 - "$BACKUP_DIR/.kept" | while read -r name; do
        say "$name: rotated out"
        rm -rf "${BACKUP_DIR:?}/$name"
    done
    # Files that no backup names any more. A citizen's erased photograph leaves with the last backup that had it.
    find "$BACKUP_DIR" -mindepth 2 -maxdepth 2 -name files.list -exec cat {} + | sort -u >"$BACKUP_DIR/.named"
    (cd "$BACKUP_DIR/files" && find . -type f -printf '%P\n' | sort | comm -23 - "$BACKUP_DIR/.named" | xargs -r -d '\n' rm -f)
    rm -f "$BACKUP_DIR/.kept" "$BACKUP_DIR/.named"
}

# ------------------------------------------------------------------------------------------------- restoring

fill_database() { # NAME DATABASE
    local folder=$BACKUP_DIR/$1
    # shellcheck disable=SC2086
    createdb ${OWNER:+--owner="$OWNER"} --template="$TEMPLATE" --encoding=UTF8 "$2" || die "the database $2 could not be made"
    if grep -qx 'unaccent i' "$folder/counts"; then
        # Without this every index on unaccented text would be refused.
        sql -d "$2" -c 'SET client_min_messages = error' -c 'CREATE EXTENSION IF NOT EXISTS unaccent' \
            -c "DO \$\$ BEGIN IF (SELECT provolatile FROM pg_proc WHERE oid = 'unaccent(text)'::regprocedure) <> 'i'
                THEN ALTER FUNCTION unaccent(text) IMMUTABLE; END IF; END \$\$" ||
            die "unaccent() could not be made immutable in $2: restore as a superuser, or from a template that has it (BACKUP_TEMPLATE)"
    fi
    # Extensions are there from the template; their comments belong to whoever made them.
    pg_restore --list "$folder/database.dump" | grep -v ' COMMENT - EXTENSION ' >"$SCRATCH/contents"
    pg_restore --no-owner --no-privileges ${OWNER:+--role="$OWNER"} --exit-on-error --jobs="$JOBS" \
        --use-list="$SCRATCH/contents" --dbname="$2" "$folder/database.dump" || die "$1 could not be restored into $2"
    sql -d "$2" -c 'ANALYZE'
    count_all "$2" >"$SCRATCH/counts"
    diff -u "$folder/counts" "$SCRATCH/counts" >&2 || die "$1: the restored database differs from what was saved, see above"
}

database_exists() { [ -n "$(sql -d postgres -v name="$1" <<<"SELECT 1 FROM pg_database WHERE datname = :'name'")" ]; }

restore() { # NAME DATABASE
    local name
    target=${2:-} # not local: the trap needs it
    name=$(named "$1")
    [[ $target =~ ^[a-z][a-z0-9_]*$ ]] || die "give the database to restore into, in small letters"
    alone
    if database_exists "$target"; then die "the database $target exists: drop or rename it first, nothing is overwritten"; fi
    [ ! -e "$DATA_DIR/filestore/$target" ] || die "there are files of $target in $DATA_DIR/filestore: move them away first"
    verify "$name"
    SCRATCH=$(mktemp -d)
    # All or nothing: what a failure leaves half done must not be taken for a city.
    trap 'dropdb --if-exists --force "$target" 2>/dev/null || :; rm -rf "$DATA_DIR/filestore/$target.restoring" "$SCRATCH"' EXIT
    fill_database "$name" "$target"
    mkdir -p "$DATA_DIR/filestore/$target.restoring"
    tar -C "$BACKUP_DIR/files" -cf - --verbatim-files-from -T "$BACKUP_DIR/$name/files.list" |
        tar -C "$DATA_DIR/filestore/$target.restoring" -xf - --no-same-permissions
    chmod -R u+rwX,go+rX "$DATA_DIR/filestore/$target.restoring"
    check_names "$DATA_DIR/filestore/$target.restoring" "$BACKUP_DIR/$name/files.list" || die "the files could not be copied"
    mv "$DATA_DIR/filestore/$target.restoring" "$DATA_DIR/filestore/$target"
    trap - EXIT
    rm -rf "$SCRATCH"
    say "$name: restored into $target"
}

rehearse() {
    local name
    name=$(named latest)
    alone
    verify "$name"
    SCRATCH=$(mktemp -d)
    scratch="${DATABASE}_rehearsal_$$" # not local: the trap needs it
    trap 'dropdb --if-exists --force "$scratch" 2>/dev/null || :; rm -rf "$SCRATCH"' EXIT
    # What an earlier rehearsal left when it was killed.
    sql -d postgres -v prefix="${DATABASE}_rehearsal_" <<<"SELECT datname FROM pg_database WHERE starts_with(datname, :'prefix')" |
        while read -r old; do dropdb --if-exists --force "$old"; done
    fill_database "$name" "$scratch"
    # Every file that the restored database asks for is in the backup.
    sql -d "$scratch" -c 'SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL' | sort |
        comm -23 - "$BACKUP_DIR/$name/files.list" >"$SCRATCH/missing"
    [ ! -s "$SCRATCH/missing" ] || die "$name: the restored database wants files that the backup lacks"
    touch "$BACKUP_DIR/last-rehearsal"
    say "$name: rehearsed: restored, counted and dropped again"
}

# ------------------------------------------------------------------------------------------------ scheduling

next_run() { # NOW in seconds since the epoch → the next BACKUP_AT after it
    local at
    at=$(date -d "$(date -d "@$1" +%F) $BACKUP_AT" +%s)
    if [ "$at" -le "$1" ]; then at=$(date -d "$(date -d "@$1" +%F) $BACKUP_AT tomorrow" +%s); fi
    printf '%s\n' "$at"
}

# cron for a container: cron itself wants to be root and hides what its jobs print. A failure does not end the
# schedule; it is in the log, and 'healthy' turns red.
schedule() {
    local at rest
    say "every day at $BACKUP_AT, rehearsal on weekday $REHEARSE_ON"
    [ -e "$BACKUP_DIR/last-success" ] || "$0" backup || say "FAILED"
    while :; do
        at=$(next_run "$(date +%s)")
        while rest=$((at - $(date +%s))) && [ "$rest" -gt 0 ]; do
            # In pieces: a clock that is set, or a machine that slept, must not shift the time. 'wait' lets the
            # stop signal through at once, which a plain sleep would not.
            sleep "$((rest < 60 ? rest : 60))" &
            wait "$!"
        done
        "$0" backup || say "FAILED"
        if [ "$(date +%u)" = "$REHEARSE_ON" ]; then "$0" rehearse || say "REHEARSAL FAILED"; fi
    done
}

fresh() { [ -n "$(find "$BACKUP_DIR/$1" -mmin "-$2" 2>/dev/null)" ]; }

healthy() {
    fresh last-success $((MAX_AGE_HOURS * 60)) || die "no good backup for $MAX_AGE_HOURS hours"
    # A week and a day; at the start there has been none yet.
    [ ! -e "$BACKUP_DIR/last-rehearsal" ] || fresh last-rehearsal $((8 * 24 * 60)) || die "no good rehearsal for 8 days"
}

case ${1:-} in
backup) make_backup ;;
verify)
    target=$(named "${2:-}")
    alone
    verify "$target"
    ;;
restore) restore "${2:-}" "${3:-}" ;;
rehearse) rehearse ;;
list) find "$BACKUP_DIR" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort ;;
kept) kept ;; # for tests and the curious: what a rotation would keep
next) next_run "${2:?}" ;;
schedule)
    trap 'exit 0' TERM INT
    schedule
    ;;
healthy) healthy ;;
*) die "say what to do: backup, verify, restore, rehearse, list, schedule or healthy" ;;
esac
