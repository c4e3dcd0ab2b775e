"""How drafts are counted: at first try, at the second, and what is invented in what was taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from abax.adapters.scripted import ScriptedModel
from abax.errors import InvalidRequest, ModelFailed
from abax.writing.client import Budget, Client
from abax.writing.evaluate import WritingCase, cases_in, evaluate, invented
from abax.writing.services import context_of

CONTEXT = {
    "language": "en",
    "today": "2026-11-20",
    "channel": "whatsapp",
    "long": False,
    "sender": {"name": "Mara Lindt"},
    "recipient": {"name": "Oskar Thiel"},
    "invoices": [{"number": "RE-17", "due": "2026-10-31", "amount": "1234.50", "currency": "EUR"}],
}
TRUE = "Hello Oskar Thiel, RE-17 over EUR 1,234.50 is open. Please pay by 27 November 2026. Thank you!"
FALSE = TRUE.replace("1,234.50", "1,324.50")


def case(name: str = "a") -> WritingCase:
    return WritingCase(name, "reminder", context_of("reminder", CONTEXT))


def model(*texts: str | ModelFailed) -> ScriptedModel:
    script = [json.dumps({"text": one}) if isinstance(one, str) else one for one in texts]
    return ScriptedModel(script, adapters=["write"])


def judged(*texts: str | ModelFailed) -> dict[str, object]:
    asked = model(*texts)
    told = evaluate([case()], lambda: Client(asked, Budget(5.0, 5000), attempts=1)).as_dict()
    return {name: told[name] for name in ("writer", "cases", "first", "taken", "invented", "reasons")}


def test_a_true_draft_is_taken_at_the_first_try() -> None:
    assert judged(TRUE) == {
        "writer": "scripted:write", "cases": 1, "first": 1, "taken": 1, "invented": 0, "reasons": {},
    }  # fmt: skip


def test_an_untrue_draft_is_written_once_more_and_the_first_one_is_told() -> None:
    told = judged(FALSE, TRUE)
    assert (told["first"], told["taken"]) == (0, 1)
    assert told["reasons"] == {"a number or day of no fact": 1}


def test_what_is_untrue_twice_is_not_taken() -> None:
    assert (judged(FALSE, FALSE)["taken"], judged(FALSE, FALSE, TRUE)["taken"]) == (0, 0)


def test_a_model_that_fails_is_not_asked_again() -> None:
    asked = model(ModelFailed("the text was cut: its tokens ended"), TRUE)
    told = evaluate([case()], lambda: Client(asked, Budget(5.0, 5000), attempts=1)).as_dict()
    assert told["taken"] == 0
    assert len(asked.requests) == 1
    assert told["reasons"] == {"cut short": 1}


def test_the_second_draft_is_drawn_with_a_little_chance() -> None:
    asked = model(FALSE, TRUE)
    evaluate([case()], lambda: Client(asked, Budget(5.0, 5000), attempts=1))
    assert [one.temperature > 0 for one in asked.requests] == [False, True]
    assert asked.requests[0].messages[0] == asked.requests[1].messages[0]


def test_drafts_are_written_so_many_together() -> None:
    asked = model(*[TRUE] * 5)
    told = evaluate([case(str(n)) for n in range(5)], lambda: Client(asked, Budget(5.0, 9000)), together=2)
    assert asked.batches == [2, 2, 1]
    assert [one.taken for one in told.drafts] == [True] * 5


def test_templates_are_held_to_the_same() -> None:
    told = evaluate([case()]).as_dict()
    assert (told["writer"], told["taken"], told["invented"]) == ("templates", 1, 0)


def test_what_is_left_when_all_is_struck_out_is_invented() -> None:
    assert invented("RE-17 over EUR 1,234.50 and 12 more", ["RE-17", "EUR 1,234.50"]) == ["12"]
    assert invented("RE-17\u00a0is open.", ["RE-17"]) == []
    assert invented("RE-170 is open.", ["RE-17"]) == ["RE-170"]


def test_cases_are_read_by_line_and_a_bad_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    row = {"service": "reminder", "context": CONTEXT, "says": ["RE-17"]}
    order = {"service": "order", "context": {"text": "10 screws"}}
    path.write_text(f"{json.dumps(row)}\n\n{json.dumps(order)}\n", encoding="utf-8")
    [found] = cases_in(path)
    assert (found.name, found.service, found.says) == ("line 1", "reminder", ("RE-17",))
    path.write_text('{"service": "reminder"}\n', encoding="utf-8")
    with pytest.raises(InvalidRequest, match="context") as caught:
        list(cases_in(path))
    assert "line 1" in str(caught.value.as_dict())
