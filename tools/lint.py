# SPDX-License-Identifier: AGPL-3.0-or-later
"""All checks that read the code without running it; './civic lint' calls this with the tools on PATH.

    lint.py [--fix] [NAME...]     runs all checks, or those named; --fix first mends what can be mended

A check whose files do not exist (no Dockerfile, no JavaScript) has nothing to say. Environment: CIVIC_NODE, the
folder with node_modules (the checkout if not set); CIVIC_DOCKER_COMPOSE, the compose program.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(manifest.parent for manifest in ROOT.glob("addons/*/__manifest__.py"))
PYTHON = [path for path in ("civic", "addons", "tests", "bench", "tools", "deploy") if (ROOT / path).exists()]


def files(*patterns):
    """The repository's own files of these patterns, vendored libraries left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [name for name in names if "/static/lib/" not in f"/{name}" and (ROOT / name).is_file()]


NODE_MODULES = Path(os.environ.get("CIVIC_NODE", "."), "node_modules")


def node(program):
    return str(NODE_MODULES / ".bin" / program)


def xml_plugin():
    return str(NODE_MODULES / "@prettier" / "plugin-xml" / "src" / "plugin.js")


def commands():
    """(name, command) of every check that has something to look at."""
    addons = [str(addon.relative_to(ROOT)) for addon in ADDONS]
    names = ",".join(addon.name for addon in ADDONS)
    yield "ruff", ["ruff", "check", *PYTHON]
    yield "ruff format", ["ruff", "format", "--check", *PYTHON]
    if addons:
        yield "pylint-odoo", ["pylint", "--rcfile=.pylintrc", "--score=n", *addons]
        paths = ["--addons-path=addons", "--addons-path-from-import-odoo"]
        yield "licences", ["manifestoo", *paths, f"--select-include={names}", "check-licenses"]
    if scripts := files("addons/*.js", "addons/*.mjs", "tests/*.js", "tests/*.mjs", "*.mjs"):
        yield "eslint", [node("eslint"), "--max-warnings=0", *scripts]
    if formatted := scripts + files("addons/*.xml", "tests/*.xml"):
        yield "prettier", [node("prettier"), f"--plugin={xml_plugin()}", "--check", "--log-level=warn", *formatted]
    if yaml := files("*.yml", "*.yaml"):
        yield "yamllint", ["yamllint", "--strict", *yaml]
    if dockerfiles := files("*Dockerfile", "*.Dockerfile"):
        yield "hadolint", ["hadolint", *dockerfiles]
    settings = ["--env-file=.env.example"] if (ROOT / ".env.example").exists() else []
    for compose in files("docker-compose*.yml"):
        program = [os.environ["CIVIC_DOCKER_COMPOSE"], *settings, "--file", compose, "--profile=*"]
        yield f"compose {compose}", [*program, "config", "--quiet"]
    if shell := files(".ci/run", "deploy/*.sh"):
        yield "shell syntax", ["bash", "-n", *shell]


FIXES = {"ruff": ["--fix"], "eslint": ["--fix"], "prettier": ["--write"]}


def fix():
    """Let the tools mend what they can, before they check."""
    for name, command in commands():
        if name in FIXES:
            subprocess.run([*command, *FIXES[name]], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        elif name == "ruff format":
            subprocess.run(["ruff", "format", *PYTHON], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def main():
    wanted, failed = [word for word in sys.argv[1:] if word != "--fix"], []
    if len(wanted) < len(sys.argv) - 1:
        fix()
    for name, command in commands():
        if wanted and name.split()[0] not in wanted:
            continue
        start = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        print(f"  {name:<40}{'failed' if done.returncode else 'ok':<8}{time.monotonic() - start:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout.rstrip(), flush=True)
    if failed:
        print(f"  {len(failed)} checks failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
