# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups made, damaged, restored and rotated by deploy/backup.sh."""

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

COUNTED = ("res_users", "res_partner", "ir_module_module", "mail_message", "ir_attachment", "ir_model_data")
PHOTO = b"\xff\xd8\xff\xe0 a photograph of a pothole"


@pytest.fixture(scope="module")
def town(copy_city):
    """A database and files that these tests may change."""
    return copy_city("saved")


def _has_one_of_this_second(backups):
    return any(Path(backups).glob(f"*{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}*"))


@pytest.fixture(scope="module")
def script(deploy, container, town, http):
    """Runs deploy/backup.sh; returns the finished process."""

    def run(backups, *words, database=town.name, **settings):
        env = container(BACKUP_DIR=backups, BACKUP_DATABASE=database, BACKUP_DATA_DIR=town.data_dir, **settings)
        command = [deploy / "backup.sh", *map(str, words)]
        # a backup is named by its second
        http.wait_until(lambda: not _has_one_of_this_second(backups), "a second of which there is no backup yet")
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)

    return run


@pytest.fixture
def add_file(town, database):
    """Attaches a file as Odoo does, named by its content; returns its path in the filestore."""

    def add(content):
        digest = hashlib.sha1(content).hexdigest()
        store_name = f"{digest[:2]}/{digest}"
        path = town.files / store_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        statement = "INSERT INTO ir_attachment (name, type, store_fname, checksum) VALUES ('photo', 'binary', %s, %s)"
        database.query(town.name, statement, [store_name, digest])
        return path

    return add


@pytest.fixture(scope="module")
def saved(script, folder, town, database):
    """One good backup, which the tests copy before they harm it."""
    backups = folder / "backups"
    digest = hashlib.sha1(PHOTO).hexdigest()
    path = town.files / digest[:2] / digest
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(PHOTO)
    statement = "INSERT INTO ir_attachment (name, type, store_fname) VALUES ('photo', 'binary', %s)"
    database.query(town.name, statement, [f"{digest[:2]}/{digest}"])
    done = script(backups, "backup")
    assert done.returncode == 0, done.stderr
    return backups


@pytest.fixture
def harmed(saved, tmp_path):
    """A copy of the backups, and the folder of the newest in it."""
    backups = tmp_path / "backups"
    shutil.copytree(saved, backups)
    return backups, next(backups.glob("20*Z"))


@pytest.fixture
def target(town, database):
    name = f"{town.name}_back"
    yield name
    database.drop(name)
    shutil.rmtree(town.data_dir / "filestore" / name, ignore_errors=True)


def counts(database, name):
    return {table: database.query(name, f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


def databases(database, prefix):
    return {
        name for (name,) in database.query("postgres", "SELECT datname FROM pg_database") if name.startswith(prefix)
    }


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def indexes(database, name):
    return set(
        database.query(name, "SELECT indexname, indexdef LIKE '%unaccent%' FROM pg_indexes WHERE schemaname = 'public'")
    )


def test_a_restored_city_is_the_one_that_was_saved(script, saved, town, target, database, start_node, http):
    done = script(saved, "restore", "latest", target)
    assert done.returncode == 0, done.stderr
    assert counts(database, target) == counts(database, town.name)
    # Those on unaccented text too, which a plain restore of the dump refuses.
    assert indexes(database, target) == indexes(database, town.name)
    assert any(unaccented for _, unaccented in indexes(database, target))
    restored = town.data_dir / "filestore" / target
    digest = hashlib.sha1(PHOTO).hexdigest()
    assert (restored / digest[:2] / digest).read_bytes() == PHOTO
    wanted = {
        name for (name,) in database.query(target, "SELECT store_fname FROM ir_attachment WHERE store_fname <> ''")
    }
    assert wanted == {str(path.relative_to(restored)) for path in restored.rglob("*") if path.is_file()}
    # And Odoo serves it.
    town_restored = type(town)(name=target, data_dir=town.data_dir)
    [node] = start_node(town_restored, workers=0)
    assert http.ask(node.port, "/web/login").status == 200
    node.process.kill()


def damage_dump(backups, newest):
    flip_a_byte(newest / "database.dump")


def damage_file(backups, newest):
    digest = hashlib.sha1(PHOTO).hexdigest()
    flip_a_byte(backups / "files" / digest[:2] / digest)


def lose_file(backups, newest):
    digest = hashlib.sha1(PHOTO).hexdigest()
    (backups / "files" / digest[:2] / digest).unlink()


def shorten_list(backups, newest):
    path = newest / "files.list"
    path.write_text("".join(path.read_text().splitlines(True)[1:]))


def lose_checksums(backups, newest):
    (newest / "SHA256SUMS").unlink()


def replace_dump(backups, newest):
    """Damage that was given a new checksum: what is inside is no dump."""
    (newest / "database.dump").write_bytes(b"PGDMP but not really")
    sign(newest)


def sign(newest):
    sums = subprocess.run(
        ["sha256sum", "database.dump", "files.list", "counts"], cwd=newest, capture_output=True, check=True
    )
    (newest / "SHA256SUMS").write_bytes(sums.stdout)


@pytest.mark.parametrize("damage", [damage_dump, damage_file, lose_file, shorten_list, lose_checksums, replace_dump])
def test_a_damaged_backup_is_refused(script, harmed, town, target, database, damage):
    backups, newest = harmed
    assert script(backups, "verify").returncode == 0
    damage(backups, newest)
    verified, restored = script(backups, "verify"), script(backups, "restore", "latest", target)
    for done in (verified, restored):
        assert done.returncode
        assert "damaged" in done.stderr or "cannot" in done.stderr
    assert target not in databases(database, town.name)
    assert not (town.data_dir / "filestore" / target).exists()


def test_a_restore_that_lacks_data_is_undone(script, harmed, town, target, database):
    """As if the dump were complete in itself, but of fewer records than there were."""
    backups, newest = harmed
    users = database.query(town.name, "SELECT count(*) FROM res_users")[0][0]
    path = newest / "counts"
    path.write_text(path.read_text().replace(f"res_users {users}\n", f"res_users {users + 1}\n"))
    sign(newest)
    done = script(backups, "restore", "latest", target)
    assert done.returncode
    assert "differs from what was saved" in done.stderr
    assert databases(database, town.name) == {town.name}
    assert not (town.data_dir / "filestore" / target).exists()


def test_nothing_is_overwritten(script, saved, town, database):
    before = counts(database, town.name)
    done = script(saved, "restore", "latest", town.name)
    assert done.returncode
    assert "exists" in done.stderr
    assert counts(database, town.name) == before


def test_two_at_once_do_not_meet(script, saved, town, http):
    holder = subprocess.Popen(["flock", saved / ".lock", "cat"], stdin=subprocess.PIPE)
    try:
        locked = ["flock", "-n", saved / ".lock", "true"]
        http.wait_until(lambda: subprocess.run(locked, check=False).returncode, "the lock", holder)
        done = script(saved, "backup")
        assert done.returncode
        assert "at work" in done.stderr
    finally:
        holder.stdin.close()
        holder.wait()


def test_the_rehearsal_leaves_only_its_date(script, saved, town, database):
    done = script(saved, "rehearse")
    assert done.returncode == 0, done.stderr
    assert (saved / "last-rehearsal").exists()
    assert databases(database, town.name) == {town.name}


def test_health_follows_the_last_success(script, saved, tmp_path):
    assert script(tmp_path, "healthy").returncode
    assert script(saved, "healthy").returncode == 0
    stamp = saved / "last-success"
    before = stamp.stat().st_mtime
    os.utime(stamp, (before, before - 27 * 3600))
    try:
        assert script(saved, "healthy").returncode
    finally:
        os.utime(stamp, (before, before))


def test_files_are_kept_once_and_leave_with_the_last_backup_that_had_them(script, tmp_path, town, add_file, database):
    gone = add_file(b"a photograph that the citizen has erased " + os.urandom(8))
    assert script(tmp_path, "backup").returncode == 0
    pool = tmp_path / "files"
    in_pool = pool / gone.relative_to(town.files)
    assert in_pool.exists()
    shared = next(path for path in pool.rglob("*") if path.is_file() and path != in_pool)
    inode = shared.stat().st_ino

    database.query(town.name, "DELETE FROM ir_attachment WHERE store_fname = %s", [str(gone.relative_to(town.files))])
    gone.unlink()
    new = add_file(b"another photograph " + os.urandom(8))
    first = script(tmp_path, "list").stdout.split()
    # Two on one day: the older one is rotated out.
    done = script(tmp_path, "backup", BACKUP_KEEP_DAYS=1, BACKUP_KEEP_WEEKS=0, BACKUP_KEEP_MONTHS=0)
    assert done.returncode == 0, done.stderr
    assert "1 new files" in done.stdout
    assert f"{first[0]}: rotated out" in done.stdout
    assert len(script(tmp_path, "list").stdout.split()) == 1
    assert not in_pool.exists()
    assert (pool / new.relative_to(town.files)).exists()
    assert shared.stat().st_ino == inode, "was copied again"
    assert script(tmp_path, "verify").returncode == 0


def test_a_file_that_is_damaged_on_disk_is_told_and_not_saved(script, tmp_path, town, add_file):
    path = add_file(b"a file on a dying disk " + os.urandom(8))
    good = path.read_bytes()
    path.write_bytes(b"not what its name says")
    try:
        done = script(tmp_path, "backup")
        assert done.returncode
        assert path.name in done.stderr
        assert "damaged on disk" in done.stderr
        assert not (tmp_path / "last-success").exists()
        assert not script(tmp_path, "list").stdout
    finally:
        path.write_bytes(good)


DAYS = [f"202603{day:02}T023000Z" for day in range(1, 32)]


@pytest.mark.parametrize(
    ("names", "days", "weeks", "months", "kept"),
    [
        (DAYS, 3, 0, 0, DAYS[-3:]),
        # The newest of each week, which begins on Monday: the 31st is a Tuesday, the 29th a Sunday.
        (DAYS, 0, 3, 0, [DAYS[21], DAYS[28], DAYS[30]]),
        (["20260131T023000Z", "20260228T023000Z", *DAYS], 0, 0, 2, ["20260228T023000Z", DAYS[30]]),
        (DAYS, 2, 2, 1, [DAYS[28], DAYS[29], DAYS[30]]),
        # A day without a backup does not count, so a long pause loses nothing.
        ([DAYS[0], DAYS[9], DAYS[30]], 2, 0, 0, [DAYS[9], DAYS[30]]),
        # The newest stays, whatever is asked for.
        (DAYS, 0, 0, 0, [DAYS[30]]),
        # 29 December 2025 to 4 January 2026 is one week.
        (
            ["20251229T023000Z", "20260104T023000Z", "20260105T023000Z"],
            0,
            2,
            0,
            ["20260104T023000Z", "20260105T023000Z"],
        ),
    ],
)
def test_rotation_keeps_days_weeks_and_months(script, tmp_path, names, days, weeks, months, kept):
    for name in names:
        (tmp_path / name).mkdir()
    keep = {"BACKUP_KEEP_DAYS": days, "BACKUP_KEEP_WEEKS": weeks, "BACKUP_KEEP_MONTHS": months}
    assert script(tmp_path, "kept", **keep).stdout.split() == kept


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("2026-03-28T02:29:59", "2026-03-28T02:30:00"),
        ("2026-03-28T02:30:00", "2026-03-29T02:30:00"),
        # The night in which Madrid's clocks jump over half past two.
        ("2026-03-28T23:00:00", "2026-03-29T02:30:00"),
        ("2026-12-31T12:00:00", "2027-01-01T02:30:00"),
    ],
)
def test_the_next_run_is_at_the_time_that_was_set(script, tmp_path, now, following):
    def seconds(text):
        return int(time.mktime(time.strptime(text + " UTC", "%Y-%m-%dT%H:%M:%S %Z"))) - time.timezone

    done = script(tmp_path, "next", seconds(now), BACKUP_AT="02:30", TZ="Europe/Madrid")
    assert int(done.stdout) == seconds(following)


def test_the_schedule_begins_with_a_backup_and_stops_when_told(deploy, container, town, tmp_path, http):
    env = container(BACKUP_DIR=tmp_path, BACKUP_DATABASE=town.name, BACKUP_DATA_DIR=town.data_dir)
    log = tmp_path / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen([deploy / "backup.sh", "schedule"], env=env, stdout=output, stderr=output)
    try:
        http.wait_until((tmp_path / "last-success").exists, "the first backup", process, log)
    finally:
        process.terminate()
    assert process.wait(30) == 0


@pytest.mark.parametrize(
    "words", [[], ["restore", "../elsewhere", "x"], ["restore", "latest", "x y"], ["verify", "20990101T000000Z"]]
)
def test_wrong_words_are_refused(script, saved, words):
    done = script(saved, *words)
    assert done.returncode
    assert done.stderr.startswith("backup: ")


def test_the_script_is_where_the_image_expects_it(deploy):
    assert os.access(deploy / "backup.sh", os.X_OK)
    assert Path(deploy / "Dockerfile").read_text().count("COPY deploy/backup.sh /usr/local/bin/backup.sh") == 1
