# SPDX-License-Identifier: AGPL-3.0-or-later
"""Open311 as programs meet it: a real server, somebody else's client, and one written from the specification."""

import pytest

from tests.clients.by_the_book import Client, Refused
from tests.common.clients import run_client
from tests.common.photos import phone_photo, tells_the_place
from tests.common.processes import wait_until

GEOREPORT = """
import json, sys
from georeport import GeoReport

client = GeoReport(sys.argv[1], output_format=sys.argv[2])
services = client.get_service_list()
print(json.dumps({
    "services": services,
    "definition": client.get_service_definition(sys.argv[3]),
    "requests": client.get_service_requests(service_code=sys.argv[3], status="open"),
    "request": client.get_service_request(sys.argv[4]),
}))
"""


@pytest.fixture
def app(city):
    """An application with a key, and a service with questions and one that gives tokens; the city is shared with others."""
    with city.env() as env:
        key = env["civic.api.key"].create({"name": "Streets"})
        tree = env["helpdesk.ticket.category"].with_context(active_test=False).browse(city.ids["tree"])
        tree.write({"publish_issues": True, "open311_type": "realtime"})
        tree.question_ids.active = True
        if not tree.question_ids:
            questions = [
                {"label": "How many?", "code": "many", "datatype": "number", "required": True},
                {"label": "Where?", "code": "where", "datatype": "multivaluelist", "option_lines": "Road\nPark"},
            ]
            tree.question_ids = [(0, 0, values) for values in questions]
        client = Client(f"{city.address}/open311/discovery.xml", key._issue())
    yield client
    with city.env() as env:
        tree = env["helpdesk.ticket.category"].browse(city.ids["tree"])
        tree.question_ids.active = False
        tree.write({"publish_issues": False, "open311_type": "realtime"})


def file_tree(app, **fields):
    given = {"service_code": "tree", "lat": "41.0", "long": "1.0", "attribute[many]": "2", **fields}
    return app.file([*given.items(), ("attribute[where][]", "road"), ("attribute[where][]", "park")])


def wait_for_request(app, code):
    """Wait until the job has registered it, and it is public."""

    def is_there():
        return [row for row in app.requests() if row["service_request_id"] == code]

    return wait_until(is_there, f"the request {code} in public")[0]


def test_a_client_by_the_book_files_follows_and_adds(app, city):
    codes = {service["service_code"]: service for service in app.services()}
    assert codes["tree"]["metadata"] == "true"
    many, where = app.definition("tree")
    assert (many["datatype"], many["required"], many["variable"]) == ("number", "true", "true")
    assert where["values"] == [("road", "Road"), ("park", "Park")]

    with pytest.raises(Refused) as refused:
        app.file([("service_code", "tree"), ("lat", "41"), ("long", "1")])
    assert refused.value.status == 400
    answer = file_tree(app, description="A tree by the book.", email="book@home.test")
    code = answer["service_request_id"]
    assert "/cases/" in answer["service_notice"]
    row = wait_for_request(app, code)
    assert (row["status"], row["service_code"]) == ("open", "tree")
    assert "book" not in str(row)
    assert app.request(code) == row

    update = {"service_request_id": code, "update_id": "1", "status": "OPEN", "description": "It moves."}
    added = app.update([*update.items(), ("updated_datetime", "2026-05-01T10:00:00+02:00")])
    with city.env() as env:
        case = env["helpdesk.ticket"].search([("request_code", "=", code)])
        assert case._get_public_answers() == [("How many?", "2"), ("Where?", "Road, Park")]
        intake = env["civic.intake"].search([("message_ref", "=", added["update_id"])])
        assert intake.adapter == "open311"

    def is_added():
        with city.env() as env:
            intake = env["civic.intake"].search([("message_ref", "=", added["update_id"])])
            return intake.state == "processed"

    wait_until(is_added, "the update on the case")
    with city.env() as env:
        outcome = env["civic.case.outcome"].search([("is_solved", "=", True)], limit=1)
        env["helpdesk.ticket"].browse(case.id).write({"outcome_id": outcome.id, "stage_id": outcome.stage_id.id})
    assert app.request(code)["status"] == "closed"
    assert ("FIXED", code) in [(row["status"], row["service_request_id"]) for row in app.updates()]


def test_a_client_by_the_book_sends_photos_and_takes_tokens(app, city):
    with city.env() as env:
        env["helpdesk.ticket.category"].browse(city.ids["tree"]).open311_type = "batch"
    fields = [("service_code", "tree"), ("lat", "41"), ("long", "1"), ("attribute[many]", "1")]
    answer = app.file([*fields, ("description", "With a photo.")], [("tree.jpg", phone_photo())])
    assert "service_request_id" not in answer
    code = wait_until(lambda: app.token(answer["token"]), "the number for the token")
    with city.env() as env:
        [file] = env["helpdesk.ticket"].search([("request_code", "=", code)]).message_ids.attachment_ids
        assert file.name == "tree.jpg" and not tells_the_place(file.raw)


def test_a_client_by_the_book_is_refused_by_the_book(app):
    for call, status in (
        (lambda: app.definition("none"), 404),
        (lambda: app.request("none"), 404),
        (lambda: app.token("none"), 404),
        (lambda: app.requests(start_date="x"), 400),
        (lambda: app.file([("service_code", "none")]), 404),
        (lambda: app.file([]), 400),
        (lambda: app.update([]), 400),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.status == status
        assert {code for code, _text in refused.value.errors} == {str(status)}
    app.api_key = "forged"
    with pytest.raises(Refused) as refused:
        file_tree(app)
    assert refused.value.status == 403


@pytest.mark.parametrize("output", ["json", "xml"])
def test_georeport_reads_the_city(app, city, output):
    for words in ("One.", "Two."):  # its XML reader knows no list of one
        code = file_tree(app, description=f"{words} {output}")["service_request_id"]
    wait_for_request(app, code)
    found = run_client(GEOREPORT, f"{city.address}/open311/v2/", output, "tree", code)
    assert {"tree", "light"} <= {service["service_code"] for service in found["services"]}
    assert found["definition"]["service_code"] == "tree"
    assert code in [row["service_request_id"] for row in found["requests"]]
    assert (found["request"]["service_request_id"], found["request"]["status"]) == (code, "open")
