#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""One archive with a city's database and files, which proves itself: in Odoo's own backup format.

    backup.py save ARCHIVE --database DB --filestore FOLDER [--accept-missing]
    backup.py check ARCHIVE
    backup.py load ARCHIVE --database NEW_DB --filestore NEW_FOLDER

The archive holds dump.sql, manifest.json and filestore/, as Odoo's database manager writes and reads it. Every
file is named after the SHA-1 of its content and the manifest has the SHA-256 of the dump, so a damaged archive
is found out before anything is touched. Uses psql, pg_dump and the PG* variables; standard library only.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

CHUNK = 1 << 20


class Damaged(Exception):
    """The archive, or the data to save, is not whole; the text says what is wrong."""


def save(archive, database, filestore, accept_missing=False):
    """Write `archive` whole, checked and synced, or leave what was there before."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    filestore.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        dump, files = Path(scratch, "dump.sql"), Path(scratch, "filestore")
        link_files(filestore, files)  # before the dump: a file it names may be deleted meanwhile
        run("pg_dump", "--no-owner", "--no-privileges", f"--file={dump}", database)
        link_files(filestore, files)  # after it: what was added meanwhile
        with open(dump, "rb") as lines:
            names = attachments_in(lines)
        missing = sorted(name for name in names if not (files / name).is_file())
        if missing and not accept_missing:
            raise Damaged(
                f"{len(missing)} attachments have no file, the first is {missing[0]}: restore those files, "
                "or save without them with '--accept-missing'"
            )
        manifest = describe(database, dump, missing)
        partial = archive.with_name(f".{archive.name}.partial")
        try:
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as target:
                target.write(dump, "dump.sql")
                target.writestr("manifest.json", json.dumps(manifest, indent=4))
                for name in sorted(names.difference(missing)):
                    target.write(files / name, f"filestore/{name}")
            check(partial)
            with open(partial, "rb") as written:
                os.fsync(written.fileno())
            partial.rename(archive)
        finally:
            partial.unlink(missing_ok=True)
    return len(names) - len(missing)


def check(archive):
    """Read the whole archive; raise Damaged unless dump, files and attachments agree. Returns the attachments."""
    try:
        with zipfile.ZipFile(archive) as source:
            manifest = json.loads(source.read("manifest.json"))
            if "dump_sha256" in manifest and hash_in(source, "dump.sql", "sha256") != manifest["dump_sha256"]:
                raise Damaged("its database dump was changed after it was saved")
            files = {name.removeprefix("filestore/") for name in source.namelist() if is_stored_file(name)}
            for name in files:
                if hash_in(source, f"filestore/{name}", "sha1") != Path(name).name:
                    raise Damaged(f"its file {name} was changed after it was saved")
            with source.open("dump.sql") as lines:
                lost = attachments_in(lines) - files - set(manifest.get("missing_files", []))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as problem:
        raise Damaged(f"it cannot be read ({problem})") from problem
    if lost:
        raise Damaged(f"{len(lost)} files that its database names are not in it")
    return files


def load(archive, database, filestore):
    """Restore into a database and folder that do not exist yet, and compare the two."""
    files = check(archive)
    filestore.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(archive) as source:
            source.extractall(scratch, ["dump.sql", *(f"filestore/{name}" for name in files)])
        psql("postgres", f"""create database "{database}" template template0 encoding 'UTF8' lc_collate 'C'""")
        # As Odoo makes a database: its indexes need an unaccent() that counts as immutable.
        psql(database, "create extension if not exists pg_trgm")
        psql(database, "create extension if not exists unaccent")
        psql(database, "alter function unaccent(text) immutable")
        run("psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", f"{scratch}/dump.sql")
        Path(scratch, "filestore").mkdir(exist_ok=True)
        shutil.move(Path(scratch, "filestore"), filestore)
    in_database = psql(database, "select distinct store_fname from ir_attachment where store_fname is not null")
    if set(in_database.split()) - files and not manifest_of(archive).get("missing_files"):
        raise Damaged("the restored database names files that are not there")
    return len(files)


def describe(database, dump, missing):
    """manifest.json as Odoo writes it, with what proves the archive whole."""
    modules = psql(database, "select name, latest_version from ir_module_module where state = 'installed'")
    version = dict(line.split("|") for line in modules.splitlines())
    series = ".".join(version["base"].split(".")[:2])
    return {
        "odoo_dump": "1",
        "db_name": database,
        "version": series,
        "version_info": [int(number) for number in series.split(".")] + [0, "final", 0, ""],
        "major_version": series,
        "pg_version": psql(database, "show server_version").split()[0],
        "modules": version,
        "dump_sha256": file_hash(dump, "sha256"),
        "missing_files": missing,
    }


def manifest_of(archive):
    with zipfile.ZipFile(archive) as source:
        return json.loads(source.read("manifest.json"))


def attachments_in(lines):
    """The names of all stored files that the ir_attachment rows of a dump, given as lines of bytes, mention."""
    names, column = set(), None
    for line in lines:
        if column is not None:
            if line.startswith(b"\\."):
                return names
            name = line.rstrip(b"\n").split(b"\t")[column].decode()
            names.update([name] if name not in ("\\N", "") else [])
        elif line.startswith(b"COPY public.ir_attachment ("):
            columns = line[line.index(b"(") + 1 : line.index(b")")].split(b", ")
            column = columns.index(b"store_fname")
    raise Damaged("its database dump has no attachments table")


def link_files(source, target):
    """Hard links to all files of a filestore; a file's content never changes, it is named after its hash."""
    for folder in [path for path in source.iterdir() if path.is_dir() and len(path.name) == 2]:
        (target / folder.name).mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            link = target / folder.name / file.name
            if not link.exists():
                link_or_copy(file, link)


def link_or_copy(file, link):
    try:
        os.link(file, link)
    except FileNotFoundError:
        pass  # deleted as unused since it was listed
    except OSError:
        shutil.copy2(file, link)  # a file system without hard links


def is_stored_file(name):
    parts = name.split("/")
    return len(parts) == 3 and parts[0] == "filestore" and len(parts[1]) == 2 and parts[2].startswith(parts[1])


def stream_hash(stream, kind):
    hasher = hashlib.new(kind)
    while chunk := stream.read(CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


def hash_in(archive, name, kind):
    with archive.open(name) as stream:
        return stream_hash(stream, kind)


def file_hash(path, kind):
    with open(path, "rb") as stream:
        return stream_hash(stream, kind)


def psql(database, statement):
    return run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement)


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("action", choices=("save", "check", "load"))
    parser.add_argument("archive", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--filestore", type=Path)
    parser.add_argument("--accept-missing", action="store_true", help="save although attachments have lost their files")
    arguments = parser.parse_args()
    if arguments.action != "check" and not (arguments.database and arguments.filestore):
        parser.error("--database and --filestore say what to save, or where to load it")
    try:
        if arguments.action == "save":
            count = save(arguments.archive, arguments.database, arguments.filestore, arguments.accept_missing)
        elif arguments.action == "load":
            count = load(arguments.archive, arguments.database, arguments.filestore)
        else:
            count = len(check(arguments.archive))
    except Damaged as problem:
        print(f"{arguments.archive}: {problem}.", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as problem:
        print(f"{problem.cmd[0]} failed with status {problem.returncode}.", file=sys.stderr)
        return 1
    print(f"{arguments.archive}: database and {count} files, whole.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
