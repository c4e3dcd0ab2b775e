"""What people said of drafted replies is kept with both wordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.compose import Edge, edge
from abax.workflow.mail_judgements import judgements
from abax.workflow.mail_practice import set_practice
from abax.workflow.mail_replies import reply_of

from tests.support.mails import OWN, plain_desk  # noqa: F401 (a fixture)
from tests.unit.workflow.test_mail_replies import decide, drafted

pytestmark = pytest.mark.usefixtures("plain_desk")


@pytest.fixture
def house(tmp_path: Path) -> Edge:
    made = edge(tmp_path / "home")
    set_practice(made.mail.records, {"own": OWN, "own_addresses": ["info@house.example"]})
    return made


def test_an_edited_draft_is_kept_as_it_was_before_any_person_worded_it(house: Edge) -> None:
    reply_id = drafted(house)
    before = reply_of(house.mail.records, reply_id)[1]
    for words in ("We shall ring you.", "We shall call you."):
        decide(house, reply_id, "edit", body=words, by="Ana")
    assert list(judgements(house.services.objects, house.mail.records)) == []
    decide(house, reply_id, "approve", by="Ana")
    [told] = judgements(house.services.objects, house.mail.records)
    assert (told["drafted"], told["method"]) == (before.body, before.method)
    assert told["body"].strip() == "We shall call you."
    assert (told["verdict"], told["by"]) == ("approve", "person:Ana")
    assert told["stated"] == list(before.stated)
    assert json.loads(json.dumps(told)) == told


def test_a_rejected_draft_is_kept_as_rejected_with_the_reason(house: Edge) -> None:
    reply_id = drafted(house)
    decide(house, reply_id, "reject", note="I shall call them", by="Ana")
    [told] = judgements(house.services.objects, house.mail.records)
    assert (told["verdict"], told["note"], told["drafted"]) == ("reject", "I shall call them", told["body"])
