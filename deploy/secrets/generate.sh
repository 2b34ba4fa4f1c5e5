#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Makes the secrets that are missing, here or in the folder given; existing ones stay as they are.
set -eu
cd "${1:-$(dirname "$0")}"
# Compose mounts each file as it is into containers that run as different ordinary users, so the files are readable
# and the folder is what keeps others on this machine out.
chmod 0700 .
for name in db_admin_password db_password db_backup_password db_replication_password admin_password smtp_password; do
    if [ -s "$name" ]; then
        echo "$name: kept"
    else
        # 43 letters and digits, 256 bits; more is drawn than kept, since what shells and addresses stumble over is left out.
        head -c 96 /dev/urandom | base64 | tr -d '/+=\n' | cut -c 1-43 | tr -d '\n' >"$name.new"
        chmod 0444 "$name.new"
        mv "$name.new" "$name"
        echo "$name: made"
    fi
done
