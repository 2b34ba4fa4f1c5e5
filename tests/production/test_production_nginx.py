# SPDX-License-Identifier: AGPL-3.0-or-later
"""nginx with our settings, in front of real Odoo nodes with two workers each."""

import gzip
import ssl
import subprocess
from http.client import RemoteDisconnected
from types import SimpleNamespace

import pytest

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def certificate(folder):
    """A certificate for city.test that signs itself."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "city.test")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("city.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = SimpleNamespace(certificate=folder / "fullchain.pem", key=folder / "privkey.pem")
    paths.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    paths.key.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return paths


@pytest.fixture
def dead_node(http):
    """A node that is not there."""
    return SimpleNamespace(port=http.free_port(), evented=http.free_port())


def test_the_login_page_comes_through(nginx, http):
    page = http.ask(nginx.port, "/web/login")
    assert page.status == 200
    assert b'name="csrf_token"' in page.body
    cookie = http.session_cookie(page).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie, "it would be lost without TLS"


def test_pages_are_compressed(nginx, http):
    page = http.ask(nginx.port, "/web/login", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert b'name="csrf_token"' in gzip.decompress(page.body)


def test_static_files_are_answered_by_nginx_from_the_second_time_on(nginx, http):
    first, second = (http.ask(nginx.port, "/web/static/img/logo.png") for _ in range(2))
    assert first.status == second.status == 200
    assert first.body == second.body
    assert first.body.startswith(b"\x89PNG")
    assert [bool(entry["node"]) for entry in nginx.entries(2)] == [True, False]


def test_a_page_of_one_visitor_is_never_given_to_another(nginx, http):
    cookies = {http.session_cookie(http.ask(nginx.port, "/web/login")) for _ in range(2)}
    assert len(cookies) == 2
    assert all(entry["node"] for entry in nginx.entries(2))


def test_the_live_bus_is_reached(nginx, nodes, http):
    origin = {"Origin": f"http://127.0.0.1:{nginx.port}"}
    assert http.ask(nginx.port, "/websocket?version=19.0-2", headers={**HANDSHAKE, **origin}).status == 101
    # The control: the port that pages are served on has no live bus.
    assert http.ask(nodes[0].port, "/websocket?version=19.0-2", headers=HANDSHAKE).status != 101


@pytest.mark.parametrize(
    "path", ["/web/database/manager", "/web/database/selector", "/web/database", "/WEB/Database/manager", "/web/tests"]
)
def test_what_is_not_for_the_public_is_not_found(nginx, http, path):
    assert http.ask(nginx.port, path).status == 404
    assert not nginx.entries(1)[0]["node"], "Odoo was asked"


@pytest.mark.parametrize("path", ["/xmlrpc/2/common", "/jsonrpc", "/json/2/res.partner/search"])
def test_programs_get_in_from_named_networks_only(start_nginx, nodes, http, path):
    closed, opened = start_nginx(nodes), start_nginx(nodes, API_CLIENTS="127.0.0.9/32 10.0.0.0/8")
    http.ask(closed.port, path, "POST", b"", source="127.0.0.9")
    http.ask(opened.port, path, "POST", b"", source="127.0.0.1")
    http.ask(opened.port, path, "POST", b"", source="127.0.0.9")
    assert [bool(entry["node"]) for entry in closed.entries(1) + opened.entries(2)] == [False, False, True]


def test_a_body_that_is_too_large_is_refused(start_nginx, nodes, http):
    server = start_nginx(nodes, MAX_BODY="2m")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert http.ask(server.port, "/web/login", "POST", b"login=" + b"x" * 2_200_000, form).status == 413
    assert http.ask(server.port, "/web/login", "POST", b"login=" + b"x" * 1_900_000, form).status != 413


@pytest.mark.parametrize("path", ["/web/login", "/web/static/img/logo.png", "/web/database/manager", "/no/such/page"])
def test_security_headers_are_on_every_answer(nginx, http, path):
    headers = http.ask(nginx.port, path).headers
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert any("frame-ancestors 'self'" in policy for policy in headers.get_all("Content-Security-Policy"))
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] is None, "meaningless without TLS"
    assert "/" not in headers["Server"], "tells its version"


@pytest.fixture(scope="module")
def embedded_form(city, database):
    """The address of a form that https://libraries.test may show."""
    database.query(
        city.name,
        """INSERT INTO civic_embed (name, key, origins, lang_id, active)
           SELECT 'Libraries', 'library-form', 'https://libraries.test', id, true FROM res_lang WHERE code = 'en_US'""",
    )
    return "/embed/form/library-form"


def ancestors(page):
    """What each policy of an answer says of who may frame it; a browser holds to all of them."""
    policies = page.headers.get_all("Content-Security-Policy")
    parts = [part.strip() for policy in policies for part in policy.split(";")]
    return [part for part in parts if part.startswith("frame-ancestors")]


def test_the_form_made_for_other_sites_shows_on_the_named_ones(nginx, embedded_form, http):
    page = http.ask(nginx.port, embedded_form)
    assert page.status == 200
    assert ancestors(page) == ["frame-ancestors 'self' https://libraries.test"]
    assert page.headers["X-Frame-Options"] is None
    assert "default-src 'self'" in " ".join(page.headers.get_all("Content-Security-Policy")), "the rest holds"


@pytest.mark.parametrize(
    "path", ["/embed/form", "/embed/form/x/y/z", "/web/login?/embed/form/library-form", "/embed/form/../../web/login"]
)
def test_no_other_address_is_shown_on_other_sites(nginx, embedded_form, http, path):
    page = http.ask(nginx.port, path)
    assert set(ancestors(page)) == {"frame-ancestors 'self'"}
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_policy_of_the_citys_own_leaves_the_form_to_its_sites(start_nginx, nodes, embedded_form, http):
    server = start_nginx(nodes, CSP="frame-ancestors https://town.test; object-src 'none'")
    assert ancestors(http.ask(server.port, "/cases")) == ["frame-ancestors https://town.test"]
    page = http.ask(server.port, embedded_form)
    assert ancestors(page) == ["frame-ancestors 'self' https://libraries.test"]
    assert "object-src 'none'" in page.headers.get_all("Content-Security-Policy")


# ------------------------------------------------------------------------------------------ who is asking


def odoo_saw(nodes, marker):
    return [line for node in nodes for line in node.log.read_text(errors="replace").splitlines() if marker in line]


def test_the_real_address_is_logged_and_a_claimed_one_is_not_believed(nginx, nodes, http):
    claim = {"X-Forwarded-For": "203.0.113.66", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    page = http.ask(nginx.port, "/web/login?marker=claimed", headers=claim, source="127.0.0.7")
    assert nginx.entries(1)[0]["client"] == "127.0.0.7"
    seen = http.wait_until(lambda: odoo_saw(nodes, "marker=claimed"), "Odoo's log")
    assert "127.0.0.7" in seen[0]
    assert "203.0.113.66" not in seen[0]
    assert b"evil.example" not in page.body
    assert page.headers["Strict-Transport-Security"] is None


def test_the_citys_own_proxy_is_believed(start_nginx, nodes, http):
    server = start_nginx(nodes, TRUSTED_PROXIES="127.0.0.7/32")
    claim = {"X-Forwarded-For": "198.51.100.1, 203.0.113.66", "X-Forwarded-Proto": "https"}
    page = http.ask(server.port, "/web/login?marker=trusted", headers=claim, source="127.0.0.7")
    # The last address is the one that the proxy itself saw; those before it are the client's own claim.
    assert server.entries(1)[0]["client"] == "203.0.113.66"
    assert "203.0.113.66" in http.wait_until(lambda: odoo_saw(nodes, "marker=trusted"), "Odoo's log")[0]
    assert page.headers["Strict-Transport-Security"], "the citizen came by TLS"
    assert "secure" in http.session_cookie(page).lower()


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/cases/K7QX-M2PD-W4TR", "/cases/***"),
        ("/es/cases/K7QX-M2PD-W4TR/files/3?access_token=K7QX", "/es/cases/***/files/3"),
        ("/es_MX/cases/K7QX-M2PD-W4TR/message", "/es_MX/cases/***/message"),
        ("/cases/new/3?note=K7QX", "/cases/new/3"),
        ("/cases/find?code=K7QX", "/cases/find"),
    ],
)
def test_codes_and_tokens_are_not_logged(start_nginx, dead_node, http, path, logged):
    server = start_nginx([dead_node])
    http.ask(server.port, path, headers={"Referer": "http://127.0.0.1/cases/K7QX-M2PD-W4TR"})
    entry = server.entries(1)[0]
    assert entry["path"] == logged
    assert "K7QX" not in str(entry)


def test_another_host_name_gets_no_answer(start_nginx, nodes, http):
    server = start_nginx(nodes, SERVER_NAME="city.test")
    assert http.ask(server.port, "/web/login", headers={"Host": "city.test"}).status == 200
    for host in ("evil.example", f"127.0.0.1:{server.port}"):
        with pytest.raises(RemoteDisconnected):
            http.ask(server.port, "/web/login", headers={"Host": host})


# ------------------------------------------------------------------------------------------------ limits


def statuses(http, server, count, *request, **options):
    return [http.ask(server.port, *request, **options).status for _ in range(count)]


@pytest.mark.parametrize(
    "path", ["/web/login", "/es/web/reset_password", "/website/form/x", "/cases/new/3", "/open311/v2/requests.json"]
)
def test_forms_are_limited_by_client(start_nginx, dead_node, http, path):
    server = start_nginx([dead_node], FORM_RATE="1r/m", FORM_BURST="2")
    assert [status == 429 for status in statuses(http, server, 4, path, "POST", b"")] == [False, False, False, True]
    # Another citizen, and reading, are not touched.
    assert http.ask(server.port, path, "POST", b"", source="127.0.0.8").status != 429
    assert 429 not in statuses(http, server, 4, path.replace("/cases", "/page"))


def test_the_staffs_work_is_not_limited_as_forms_are(start_nginx, dead_node, http):
    server = start_nginx([dead_node], FORM_RATE="1r/m", FORM_BURST="1")
    for path in ("/web/dataset/call_kw/res.partner/read", "/mail/message/post", "/es/website/get_languages"):
        assert 429 not in statuses(http, server, 5, path, "POST", b"{}")


def test_codes_of_cases_cannot_be_tried_one_after_the_other(start_nginx, dead_node, http):
    server = start_nginx([dead_node], LOOKUP_RATE="1r/m")
    tried = [http.ask(server.port, f"/cases/AAAA-BBBB-{number:04}").status for number in range(40)]
    assert 429 not in tried[:31]
    assert tried[31:] == [429] * 9
    assert http.ask(server.port, "/cases/new").status != 429


# ------------------------------------------------------------------------------------------ TLS and trouble


def test_tls_ends_at_nginx(start_nginx, nodes, http, certificate):
    server = start_nginx(
        nodes, TLS="on", CERTIFICATE=certificate.certificate, KEY=certificate.key, SERVER_NAME="city.test"
    )
    plain = http.ask(server.port, "/web/login?a=b", headers={"Host": "city.test"})
    assert (plain.status, plain.headers["Location"]) == (308, "https://city.test/web/login?a=b")
    context = ssl.create_default_context(cafile=certificate.certificate)
    context.check_hostname = False
    page = http.ask(server.tls_port, "/web/login", headers={"Host": "city.test"}, context=context)
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "secure" in http.session_cookie(page).lower()
    with pytest.raises(RemoteDisconnected):
        http.ask(server.tls_port, "/web/login", headers={"Host": "evil.example"}, context=context)


def test_while_no_node_answers_the_citizen_is_told_so(start_nginx, dead_node, http):
    page = http.ask(start_nginx([dead_node]).port, "/cases/new")
    assert page.status == 502
    assert page.headers["Retry-After"] == "60"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for words in ("Volvemos enseguida", "Back in a moment"):
        assert words in page.body.decode()


def run_entrypoint(deploy, env):
    return subprocess.run(
        [deploy / "nginx" / "entrypoint.sh", "test"], env=env, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"TLS": "on", "CERTIFICATE": "/nowhere.pem"}, "/nowhere.pem cannot be read"),
        ({"TLS": "perhaps"}, "neither 'on' nor 'off'"),
        ({"SERVER_NAME": "a; return 200"}, "NGINX_SERVER_NAME contains a character"),
        ({"MAX_BODY": "plenty"}, "do not make a valid nginx.conf"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_served(
    deploy, nginx_environment, dead_node, settings, complaint
):
    good = run_entrypoint(deploy, nginx_environment([dead_node]))
    assert good.returncode == 0, good.stderr
    bad = run_entrypoint(deploy, nginx_environment([dead_node], **settings))
    assert bad.returncode
    assert complaint in bad.stderr


def test_with_a_name_server_nodes_are_looked_up_while_running(deploy, nginx_environment, dead_node):
    """As in the containers; that nginx resolves them needs version 1.27.3, so only the text is looked at."""
    env = nginx_environment([dead_node], DNS="127.0.0.11", ODOO="odoo:8069")
    run_entrypoint(deploy, env)
    with open(f"{env['NGINX_STATE']}/nginx.conf", encoding="utf-8") as file:
        text = file.read()
    assert "resolver 127.0.0.11 valid=5s" in text
    assert "server odoo:8069 resolve max_fails=1" in text
    assert "${NGINX_" not in "".join(line for line in text.splitlines(True) if not line.lstrip().startswith("#"))
