# SPDX-License-Identifier: AGPL-3.0-or-later
"""The compose file and what belongs to it, checked without a Docker engine."""

import json
import re
import stat
import subprocess

import pytest

NEEDED = {"CIVIC_HOST": "crm.city.example", "CIVIC_BASE_URL": "https://crm.city.example"}
PROFILES = ([], ["smtp"], ["replica"], ["tools"], ["smtp", "replica", "tools"])
COMPOSE = "docker-compose.yml"


@pytest.fixture(scope="module")
def root(deploy):
    return deploy.parent


@pytest.fixture(scope="module")
def config(tool, root, container):
    """Runs 'docker compose config' on a compose file."""

    def run(*options, file=root / COMPOSE, profiles=(), env=None):
        command = [tool("docker-compose"), "--project-directory", root, "-f", file]
        for profile in profiles:
            command += ["--profile", profile]
        environment = {**container(), "DOCKER_CONFIG": "/nonexistent", **(NEEDED if env is None else env)}
        command = list(map(str, [*command, "--env-file", "/dev/null", "config", *options]))
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return run


@pytest.fixture(scope="module")
def services(config):
    done = config("--format", "json", profiles=PROFILES[-1])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


@pytest.mark.parametrize("profiles", PROFILES, ids="+".join)
def test_the_compose_file_is_valid(config, profiles):
    done = config("-q", profiles=profiles)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    depends_on: *after-migration\n", "    depend_on: *after-migration\n"),
        ("condition: service_completed_successfully", "condition: service_done"),
        ("    networks: [front, back, outside]\n", "    networks: [front, bakc, outside]\n"),
        ('    restart: "no"\n', "    restart: {no: true}\n"),
        ("    secrets: [db_password, admin_password]\n", "    secrets: [db_password, admin_pasword]\n"),
        ("migrate: {condition", "migrat: {condition"),
    ],
)
def test_a_planted_mistake_is_refused(config, root, tmp_path, right, wrong):
    text = (root / COMPOSE).read_text()
    assert right in text
    (tmp_path / "mistake.yml").write_text(text.replace(right, wrong))
    assert config("-q", file=tmp_path / "mistake.yml").returncode


@pytest.mark.parametrize("name", NEEDED)
def test_what_must_be_set_is_asked_for(config, name):
    done = config("-q", env={key: value for key, value in NEEDED.items() if key != name})
    assert done.returncode
    assert f"set {name} in .env" in done.stderr


# ------------------------------------------------------------------------------------ rules for every service


def unpinned(service):
    own = service["image"].startswith("civic-crm")
    return not own and not re.search(r":\d+\.\d+[\w.-]*$|@sha256:", service["image"])


RULES = {
    "may gain privileges": lambda it: it.get("cap_drop") != ["ALL"] or it.get("cap_add") or it.get("privileged"),
    "may gain privileges by a program": lambda it: "no-new-privileges:true" not in it.get("security_opt", []),
    "has a file system that can be changed": lambda it: not it.get("read_only"),
    "has no limit of memory": lambda it: not it.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"),
    "has no limit of processes": lambda it: not it.get("deploy", {}).get("resources", {}).get("limits", {}).get("pids"),
    "has a log that grows for ever": lambda it: not it.get("logging", {}).get("options", {}).get("max-size"),
    "has an image that is not pinned": unpinned,
    "has no health check": lambda it: not it.get("healthcheck"),
    "has a password in its environment": lambda it: any(
        "PASSWORD" in name.upper() and not name.endswith("_FILE") for name in it.get("environment") or {}
    ),
}
BREAKS = {
    "may gain privileges": {"cap_add": ["SYS_ADMIN"]},
    "may gain privileges by a program": {"security_opt": []},
    "has a file system that can be changed": {"read_only": False},
    "has no limit of memory": {"deploy": {"resources": {"limits": {"pids": 1}}}},
    "has no limit of processes": {"deploy": {"resources": {"limits": {"memory": "1"}}}},
    "has a log that grows for ever": {"logging": {"driver": "json-file"}},
    "has an image that is not pinned": {"image": "nginx:latest"},
    "has no health check": {"healthcheck": None},
    "has a password in its environment": {"environment": {"PGPASSWORD": "x"}},
}


def complaints(services):
    return {(name, rule) for name, service in services.items() for rule, broken in RULES.items() if broken(service)}


def test_every_service_is_hardened_limited_and_pinned(services):
    assert complaints(services) == set()


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_see_when_they_are_broken(services, rule):
    assert complaints({**services, "nginx": {**services["nginx"], **BREAKS[rule]}}) == {("nginx", rule)}


def test_nginx_is_the_only_door(services):
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"nginx", "smtp"}
    # Mail comes from the city's own server: this port is not for the world by default.
    assert published["smtp"][0]["host_ip"] == "127.0.0.1"


def test_the_database_is_reached_from_inside_only(services, config):
    networks = json.loads(config("--format", "json").stdout)["networks"]
    assert networks["back"]["internal"] is True
    for name in ("db", "db-replica", "backup", "restore"):
        assert set(services[name]["networks"]) == {"back"}, name
    assert "back" not in services["nginx"]["networks"]


def test_nothing_serves_before_the_migration_has_succeeded(services):
    for name in ("odoo", "cron", "backup"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully", name
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"


def test_scheduled_work_runs_in_one_place(services):
    threads = {name: service["environment"].get("ODOO_CONF_max_cron_threads") for name, service in services.items()}
    assert (threads["odoo"], threads["cron"]) == ("0", "1")


def test_nodes_can_be_multiplied(services):
    assert not {"container_name", "ports"} & {key for key, value in services["odoo"].items() if value}
    files = [mount for mount in services["odoo"]["volumes"] if mount["target"] == "/srv/civic"]
    assert [mount["source"] for mount in files] == ["files"]


def test_only_who_restores_is_superuser(services):
    with_it = {
        name for name, it in services.items() if any(s["source"] == "db_admin_password" for s in it.get("secrets", []))
    }
    assert with_it == {"db", "restore"}


def test_backups_cannot_change_the_files_that_they_save(services):
    mounts = {mount["target"]: mount.get("read_only", False) for mount in services["backup"]["volumes"]}
    assert mounts == {"/srv/civic": True, "/backups": False}


# ------------------------------------------------------------------------------------ what belongs to it


def test_env_example_names_every_setting_with_its_default(root):
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (root / COMPOSE).read_text()))
    shown = dict(re.findall(r"^#?([A-Z]\w+)=(.*)$", (root / ".env.example").read_text(), re.M))
    # Those that the profiles need have an example instead; the images are for who pins digests.
    examples = {name for name in shown if not used.get(name)} | {"CIVIC_SMTP_BIND"}
    hidden = {name for name in used if name.endswith("_IMAGE")} | {"CIVIC_SECRETS_DIR"}
    assert set(used) - hidden <= set(shown)
    assert {name: shown[name] for name in shown if name not in examples} == {
        name: used[name] for name in used if name in shown and name not in examples
    }
    assert set(NEEDED) <= set(shown)


def test_the_dockerfile_copies_what_is_there_and_let_through(root, deploy):
    ignore = (deploy / "Dockerfile.dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in ignore if line.startswith("!")}
    lines = [
        line.split()[1:-1] for line in (deploy / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")
    ]
    copied = {path for line in lines for path in line}
    assert copied == let_through
    assert all((root / path).exists() for path in copied)
    # Nothing local comes along by being inside a folder that is let through.
    assert ignore[1] == "*"


def test_what_the_containers_run_can_be_run(deploy):
    programs = [*deploy.rglob("*.sh"), *deploy.glob("*.py")]
    assert len(programs) >= 9
    for path in programs:
        assert path.stat().st_mode & stat.S_IXUSR, path
        assert path.read_text().splitlines()[1] == "# SPDX-License-Identifier: AGPL-3.0-or-later", path


def test_secrets_are_made_once_and_differ(deploy, services, root, config, tmp_path):
    def generate():
        return subprocess.run(
            [deploy / "secrets" / "generate.sh", tmp_path], capture_output=True, text=True, check=True
        ).stdout

    assert "kept" not in generate()
    secrets = {path.name: path.read_text() for path in tmp_path.iterdir()}
    wanted = json.loads(config("--format", "json", profiles=PROFILES[-1]).stdout)["secrets"]
    assert set(secrets) == set(wanted)
    assert len(set(secrets.values())) == len(secrets)
    assert all(re.fullmatch(r"[A-Za-z0-9]{43}", secret) for secret in secrets.values())
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert "made" not in generate()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == secrets


def test_git_takes_no_secret(deploy, root):
    for name in ("db_password", "admin_password", "tls/privkey.pem"):
        ignored = subprocess.run(["git", "check-ignore", "-q", f"deploy/secrets/{name}"], cwd=root, check=False)
        assert ignored.returncode == 0, name
