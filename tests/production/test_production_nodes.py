# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two Odoo nodes on one database with shared files and sessions."""

import json
import re


def log_in(http, port):
    """A staff session opened on one node; returns its cookie."""
    page = http.ask(port, "/web/login")
    cookie = http.session_cookie(page).split(";")[0]
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)[1].decode()
    form = f"login=admin&password=admin&csrf_token={token}"
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    answer = http.ask(port, "/web/login", "POST", form.encode(), headers)
    assert answer.status == 303, answer.body[:500]
    return (http.session_cookie(answer) or cookie).split(";")[0]


def who(http, port, cookie):
    """The login that a node takes this cookie for; None when it knows no such session."""
    call = json.dumps({"jsonrpc": "2.0", "method": "call", "params": {}}).encode()
    headers = {"Content-Type": "application/json", "Cookie": cookie}
    answer = json.loads(http.ask(port, "/web/session/get_session_info", "POST", call, headers).body)
    return answer.get("result", {}).get("username")


def test_a_session_opened_on_one_node_is_valid_on_the_other(nodes, http):
    cookie = log_in(http, nodes[0].port)
    assert who(http, nodes[0].port, cookie) == "admin"
    assert who(http, nodes[1].port, cookie) == "admin"
    # The control: the answer is the cookie's doing.
    assert who(http, nodes[1].port, "session_id=" + "a" * 84) is None


def test_both_nodes_are_used(nginx, nodes, http):
    for _ in range(6):
        assert http.ask(nginx.port, "/web/login").status == 200
    assert {entry["node"] for entry in nginx.entries(6)} == {f"127.0.0.1:{node.port}" for node in nodes}


def test_when_a_node_dies_the_other_answers(start_node, start_nginx, nodes, city, http):
    [doomed] = start_node(city, workers=1)
    server = start_nginx([nodes[0], doomed])
    before = [http.ask(server.port, "/web/login").status for _ in range(4)]
    doomed.process.kill()
    assert http.answers(doomed.port) is None, "the node is still there"
    after = [http.ask(server.port, "/web/login").status for _ in range(20)]
    assert before + after == [200] * 24
    asked = server.entries(24)
    # It was asked before, and tried at least once after: that request went on to the other node.
    assert f"127.0.0.1:{doomed.port}" in {entry["node"] for entry in asked[:4]}
    assert any(f"127.0.0.1:{doomed.port}, " in entry["node"] for entry in asked[4:])
    cookie = log_in(http, server.port)
    assert who(http, server.port, cookie) == "admin"
