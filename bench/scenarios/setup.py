# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a new checkout takes to a running city, cold and warm; times to read, with no target.

Cold is a fresh clone with an empty HOME and no cache, so that everything is fetched; warm is a
second start of the same checkout, and one test file on its cached template. The clone has what is
committed. Wall time is what the reader waits for, and what the neighbours on the machine change most:
the load stands beside it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from ..comparison import Result
from ..place import ROOT, STATE, Problem, free_port

A_TEST = "addons/civic_crm/tests/test_tracking_code.py"
PATIENCE = 3600


def run(_options):
    folder = Path(tempfile.mkdtemp(prefix="civic-setup-"))
    folder.chmod(0o755)
    try:
        checkout = folder / "checkout"
        _call(["git", "clone", "--quiet", ROOT, checkout])
        env = _bare_environment(folder)
        result = Result("Setting up a city")
        for name, measure in (
            ("cold: ./civic run until it answers", _time_start),
            ("warm: ./civic run until it answers", _time_start),
            (f"first: ./civic test {A_TEST}", _time_test),
            (f"warm: ./civic test {A_TEST}", _time_test),
        ):
            load = os.getloadavg()[0]
            seconds = measure(checkout, env)
            result.more[name] = {"seconds": round(seconds, 1), "load": [round(load, 1), round(os.getloadavg()[0], 1)]}
            result.notes.append(f"{name}: {seconds:.0f} s (load {load:.1f} to {os.getloadavg()[0]:.1f})")
            print(f"  {result.notes[-1]}", flush=True)
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bare_environment(folder):
    """As somebody has it who has just logged in: nothing of this run's."""
    kept = ("PATH", "LANG", "TERM", "http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CONFIG_FILE")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    own = str(ROOT)
    env["PATH"] = os.pathsep.join(part for part in env["PATH"].split(os.pathsep) if not part.startswith(own))
    home = folder / "home"
    home.mkdir()
    return {**env, "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}


def _time_start(checkout, env):
    port, smtp = free_port(), free_port()
    log = checkout.parent / "run.log"
    start = time.monotonic()
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [checkout / "civic", "run", "--port", str(port), "--smtp", str(smtp)],
            cwd=checkout,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        while time.monotonic() < start + PATIENCE:
            if process.poll() is not None:
                break
            if _answers(port):
                return time.monotonic() - start
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kept = shutil.copy(log, STATE / "failed.log")
    raise Problem(f"'./civic run' did not come up in a new checkout: {kept} says why.")


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def _time_test(checkout, env):
    start = time.monotonic()
    _call([checkout / "civic", "test", A_TEST], cwd=checkout, env=env)
    return time.monotonic() - start


def _call(command, **options):
    log = STATE / "failed.log"
    with open(log, "wb") as output:
        status = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, **options
        ).returncode
    if status:
        raise Problem(f"{' '.join(map(str, command[:3]))} failed: {log} says why.")
