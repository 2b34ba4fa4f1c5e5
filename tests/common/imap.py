# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real mail box: dovecot, as Debian packages it, with settings of its own on a loopback port."""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .processes import ROOT, Process, free_port, wait_until

USER, PASSWORD = "city", "secret"
SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
import_environment = TZ LD_LIBRARY_PATH
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
libexec_dir = {root}/usr/lib/dovecot
mail_plugin_dir = {root}/usr/lib/dovecot/modules
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def find_dovecot():
    tool = [sys.executable, ROOT / "civic", "tool", "dovecot"]
    return Path(subprocess.run(tool, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


class ImapServer:
    """Dovecot with one mail box. It runs as whoever starts it, but for root, whom it refuses: then as ``nobody``.

    :param root: the folder of dovecot's packages; by default ``./civic`` finds it
    """

    def __init__(self, root=None):
        self.root = Path(root) if root else find_dovecot()
        self.folder = Path(tempfile.mkdtemp(prefix="civic-imap-", dir="/tmp"))  # sockets need a short path
        self.port = free_port()
        for name in ("run", "mail"):
            (self.folder / name).mkdir()
        (self.folder / "run" / "modules").symlink_to(self.root / "usr/lib/dovecot/modules")
        drop = self._give_away() if os.geteuid() == 0 else []
        # by number: what the environment calls the user need not be who runs this
        user = pwd.getpwnam("nobody") if drop else pwd.getpwuid(os.geteuid())
        settings = self.folder / "dovecot.conf"
        settings.write_text(
            SETTINGS.format(
                folder=self.folder,
                root=self.root,
                port=self.port,
                user=user.pw_name,
                group=grp.getgrgid(user.pw_gid).gr_name,
                password=PASSWORD,
            ),
            encoding="utf-8",
        )
        libraries = [self.root / "usr/lib/dovecot", self.root / "usr/lib/dovecot/modules/old-stats"]
        libraries += [*self.root.glob("usr/lib/*-linux-gnu"), *self.root.glob("lib/*-linux-gnu")]
        # what dovecot does by itself, but for the path of doveconf, which it has built in
        command = [self.root / "usr/bin/doveconf", "-f", "service=master", "-c", settings, "-m", "master"]
        command += ["-e", self.root / "usr/sbin/dovecot", "-F", "-c", settings]
        self.process = Process(
            [*drop, *command], self.folder / "said", LD_LIBRARY_PATH=os.pathsep.join(map(str, libraries))
        )
        wait_until(self._answers, "dovecot", watching=self.process)

    def _give_away(self):
        nobody = pwd.getpwnam("nobody")
        for path in (self.folder, self.folder / "run", self.folder / "mail"):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        return ["setpriv", "--pdeathsig=TERM", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]

    def _answers(self):
        try:
            self.log_in().logout()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def log_in(self):
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        box.login(USER, PASSWORD)
        return box

    def put(self, mails):
        """Lay mails (bytes) into the box."""
        box = self.log_in()
        for mail in mails:
            kind, answer = box.append("INBOX", None, None, mail)
            assert kind == "OK", answer
        box.logout()

    def count_new(self):
        """How many mails nobody has taken yet."""
        box = self.log_in()
        box.select(readonly=True)
        _kind, numbers = box.search(None, "UNSEEN")
        box.logout()
        return len(numbers[0].split())

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
