import json

import pytest
from abax.errors import InvalidRequest
from abax.workflow.events import close_requested, parse_close
from abax.workflow.request import CloseRequest

BODY = {"secret": "erp", "company": "Acme", "year": 2025}
EVENT = {"specversion": "1.0", "id": "e-1", "source": "/books", "type": "abax.close.requested", "data": BODY}


def test_a_bare_request_is_read() -> None:
    assert parse_close(json.dumps(BODY)) == CloseRequest(secret="erp", company="Acme", year=2025)


def test_a_cloud_event_carries_the_request_as_its_data() -> None:
    request = parse_close(
        json.dumps({**EVENT, "time": "2026-01-01T00:00:00Z", "extension": "kept out of the way"})
    )
    assert (request.company, request.year) == ("Acme", 2025)


def test_what_we_send_is_what_we_read() -> None:
    request = CloseRequest(secret="erp", company="Acme", year=2025, mapping={"1": "cash"}, client_token="t")
    assert parse_close(close_requested(request).model_dump_json()) == request


def test_an_event_delivered_twice_has_one_token() -> None:
    first, second = parse_close(EVENT, "m-1"), parse_close(EVENT, "m-2")
    assert first.client_token == second.client_token is not None
    assert parse_close({**EVENT, "id": "e-2"}).client_token != first.client_token
    assert len(first.client_token or "") <= 200


def test_a_bare_message_delivered_twice_has_its_delivery_for_a_token() -> None:
    assert parse_close(BODY, "m-1").client_token == "m-1"
    assert parse_close(BODY).client_token is None


def test_a_client_token_goes_before_the_delivery() -> None:
    assert parse_close({**BODY, "client_token": "mine"}, "m-1").client_token == "mine"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{not json", "body"),
        ("[]", "body"),
        ('"text"', "body"),
        ({**BODY, "year": "soon"}, "year"),
        ({"secret": "erp", "year": 2025}, "company"),
        ({**BODY, "company": ""}, "company"),
        ({**BODY, "mapping": {"1000": 7}}, "mapping.1000"),
        ({**BODY, "colour": "red"}, "colour"),
        ({**BODY, "as_of": "2025-02-30"}, "as_of"),
        ({**EVENT, "type": "else"}, "type"),
        ({**EVENT, "specversion": "0.3"}, "specversion"),
        ({**EVENT, "data": None}, "data"),
        ({**EVENT, "data": {**BODY, "year": 0}}, "data.year"),
        ({name: value for name, value in EVENT.items() if name != "source"}, "source"),
    ],
)
def test_a_bad_message_names_its_field(body: object, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_close(body)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")
