"""Cash to come, through the routes of edge mode and the command line, of a close whose books were made up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from abax.api import create_app
from abax.cli import app
from abax.compose import Edge, edge
from abax.errors import InvalidRequest
from abax.ledger.model import PartnerAccounts, PartnerItem
from abax.ports import Job, JobState
from abax.workflow import cashflow
from fastapi.testclient import TestClient
from typer.testing import CliRunner

TODAY = date(2026, 11, 19)


def item(
    number: str, due: int, late: int | None, amount: str = "100", partner: str = "Hale Ltd"
) -> PartnerItem:
    """Due so many days before TODAY, on terms of 30 days; paid so many days after that."""
    day = TODAY - timedelta(days=due)
    gross = Decimal(amount)
    return PartnerItem(
        number=number,
        partner=partner,
        side="receivable" if gross > 0 else "payable",
        posting_date=day - timedelta(days=30),
        due_date=day,
        gross=gross,
        residual=gross if late is None else Decimal(0),
        settled_on=None if late is None else day + timedelta(days=late),
    )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edge:
    """A close: a partner who always pays ten days late, and one bill that is due."""
    made = edge(tmp_path / "home")
    items = [item(f"OLD-{n}", 20 + 10 * n, 10) for n in range(30)]
    items += [
        item("INV-1", 5, None, "1250"),
        item("INV-2", -20, None, "800"),
        item("BILL-1", -3, None, "-300"),
    ]
    accounts = PartnerAccounts(
        company="House", currency="EUR", as_of=TODAY, since=TODAY - timedelta(days=365), items=items
    )
    objects = made.services.objects
    objects.put("jobs/close-1/close.json", b'{"close": "k"}')
    objects.put("closes/k/partners.json", accounts.model_dump_json().encode())
    now = datetime.now(UTC)
    made.services.jobs.create(
        Job(
            job_id="close-1",
            kind="close",
            state=JobState.SUCCEEDED,
            request={"company": "House", "year": 2026},
            client_token="t",
            fingerprint="f",
            results={"statements.json": "closes/k/statements.json"},
            created_at=now,
            updated_at=now,
        )
    )
    balance = SimpleNamespace(lines=[SimpleNamespace(line="cash", values=[Decimal(500)])])
    package = SimpleNamespace(company=SimpleNamespace(name="House"), statement=lambda *_: balance)
    monkeypatch.setattr(cashflow, "package_of", lambda objects, job: package)
    return made


@pytest.fixture
def api(house: Edge) -> TestClient:
    return TestClient(create_app(house.services))


def by_key(found: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for one in found["items"]}


def test_what_is_open_is_paid_as_it_was_before(api: TestClient) -> None:
    answer = api.post("/v1/cashflow/predict", json={})
    assert answer.status_code == 200
    found = answer.json()
    ones = by_key(found)
    assert (
        ones["INV-1"]["expected"] == str(TODAY + timedelta(days=5)) and ones["INV-1"]["source"] == "history"
    )
    assert ones["INV-2"]["expected"] == str(TODAY + timedelta(days=30))
    assert ones["BILL-1"]["source"] == "due day"
    [view] = found["currencies"].values()
    assert view["periods"][-1]["position"] == "2250.00" and found["opening"] == "500"
    assert found["hindsight"]["receivable"]["error"] < found["hindsight"]["receivable"]["naive_error"]
    assert api.post("/v1/cashflow/predict", json={}).json()["id"] == found["id"]


def test_a_prediction_is_kept_and_explained(api: TestClient) -> None:
    deal = {"id": "D-1", "partner": "Hale Ltd", "amount": "4000", "currency": "EUR", "stage": "won"}
    found = api.post("/v1/cashflow/predict", json={"deals": [deal], "horizon": 120}).json()
    where = f"/v1/cashflow/{found['id']}"
    assert api.get(where).json() == found
    told = api.get(f"{where}/explain", params={"item": "D-1"}).json()
    [one] = told["items"]
    assert [reason["rule"] for reason in one["reasons"]] == ["cycle time", "terms", "history"]
    assert any("no wages" in line for line in told["assumptions"])
    assert api.get(f"{where}/explain", params={"item": "none"}).status_code == 404
    assert api.get(f"/v1/cashflow/{'0' * 32}").status_code == 404


def test_a_floor_that_cash_may_fall_below_is_told(api: TestClient) -> None:
    body = {"floor": "400", "every": "month", "opening": "100"}
    [view] = api.post("/v1/cashflow/predict", json=body).json()["currencies"].values()
    assert [one["label"] for one in view["alerts"]] == []
    body = {"floor": "2000", "every": "week", "opening": "100"}
    [view] = api.post("/v1/cashflow/predict", json=body).json()["currencies"].values()
    assert view["alerts"][0] == {"label": "2026-W47", "floor": "2000", "probability": 1.0}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"deals": [{"id": "D", "amount": "1", "currency": "EUR", "stage": "wonn"}]}, "did you mean won?"),
        ({"deals": [{"id": "D", "amount": "1", "currency": "EUR"}] * 2}, "'D' is there twice"),
        ({"deals": [{"id": "D", "amount": "1", "currency": "euro"}]}, "currency"),
        ({"deals": [{"id": "D", "amount": "1", "currency": "XQQ"}]}, "'XQQ' is no currency of ISO 4217"),
        ({"deals": [{"id": "D", "amount": "0", "currency": "EUR"}]}, "amount"),
        ({"deals": [{"id": "D", "amount": "1", "currency": "EUR", "notes": "x" * 5001}]}, "notes"),
        ({"practice": {"trust": 0.4}}, "trust"),
        ({"horizon": 0}, "horizon"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(api: TestClient, body: dict[str, Any], words: str) -> None:
    answer = api.post("/v1/cashflow/predict", json=body)
    assert answer.status_code == 422 and words in answer.text


# --- deals: twice, in other currencies, none


def deal(**given: Any) -> dict[str, Any]:
    return {"id": "D-1", "partner": "Hale Ltd", "amount": "4000", "currency": "EUR", "stage": "won", **given}


def predicted(api: TestClient, *deals: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = api.post("/v1/cashflow/predict", json={"deals": deals, "horizon": 400, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_deal_whose_invoice_is_in_the_books_counts_there_alone(api: TestClient) -> None:
    found = predicted(
        api, deal(invoice="INV-1"), deal(id="D-2", invoice="OLD-3"), deal(id="D-3", invoice="?")
    )
    assert not {"D-1", "D-2"} & set(by_key(found)) and "D-3" in by_key(found)
    assert found["warnings"] == [
        "deal D-1: its invoice INV-1 is among the open items, and counts there",
        "deal D-2: its invoice OLD-3 is settled",
        "deal D-3: the books have no invoice ?; its own days count",
    ]


def test_a_deal_that_may_be_there_twice_is_told(api: TestClient) -> None:
    invoiced = str(TODAY - timedelta(days=35))
    found = predicted(api, deal(amount="1250", invoiced_on=invoiced))
    assert found["warnings"] == ["deal D-1 may be invoiced and count twice: INV-1 is as much"]
    assert not predicted(api, deal(amount="1251", invoiced_on=invoiced))["warnings"]


def test_currencies_have_views_of_their_own_and_the_floor_is_in_that_of_the_books(api: TestClient) -> None:
    found = predicted(api, deal(currency="USD"), deal(id="D-2", currency="JPY"), floor="5000")
    views = found["currencies"]
    assert list(views) == ["EUR", "JPY", "USD"]
    assert views["EUR"]["alerts"] and not views["USD"]["alerts"] and views["USD"]["floor"] is None
    assert Decimal(views["USD"]["periods"][0]["position"]) == 0 and views["EUR"]["opening"] == "500"
    assert "JPY, USD by itself, from nothing: opening cash and floor are in EUR" in found["assumptions"]


def test_where_nothing_is_open_that_is_said_and_cash_stays(house: Edge, api: TestClient) -> None:
    objects = house.services.objects
    none = PartnerAccounts(company="House", currency="EUR", as_of=TODAY, since=TODAY, items=[])
    objects.put("closes/k/partners.json", none.model_dump_json().encode())
    found = predicted(api)
    assert found["items"] == [] and found["warnings"] == [
        "no open items and no deals: nothing is to come that anybody knows of"
    ]
    periods = found["currencies"]["EUR"]["periods"]
    assert {(one["position"], one["low"], one["high"]) for one in periods} == {("500.00",) * 3}


# --- notes


NOTES = "Budget meeting on 1 December. If it is approved they pay on 15 March."


def test_notes_are_read_by_rules_where_the_rules_are_unsure(api: TestClient) -> None:
    noted = deal(notes="They will pay on 15 March", notes_on=str(TODAY))
    one = by_key(predicted(api, noted))["D-1"]
    assert one["expected"] == "2027-03-15" and one["source"].endswith("+ notes")
    sure = by_key(predicted(api, noted, practice={"unsure_below": 0}))["D-1"]
    assert sure["expected"] != "2027-03-15" and "notes" not in sure["source"]
    blank = by_key(predicted(api, deal(notes="  ")))["D-1"]
    assert blank["expected"] == sure["expected"] and not blank["warnings"]


def test_without_a_model_what_rules_cannot_read_is_left_and_told(api: TestClient) -> None:
    found = predicted(api, deal(notes=NOTES))
    [warning] = by_key(found)["D-1"]["warnings"]
    assert warning.endswith("no language model was asked")
    assert "no language model was asked about the latter: the rules stand" in found["assumptions"]


def test_with_a_model_its_pick_counts_and_is_explained(
    tmp_path: Path, house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"expected_on": "2027-03-15", "confidence": 0.8, "evidence": "they pay on 15 March"}
    script = tmp_path / "script.json"
    script.write_text(json.dumps([json.dumps(answer)]))
    monkeypatch.setenv("ABAX_MODEL_URL", f"script:{script}")
    found = predicted(TestClient(create_app(edge(house.home).services)), deal(notes=NOTES), model=True)
    one = by_key(found)["D-1"]
    assert one["expected"] == "2027-03-15" and one["source"].endswith("+ model")
    assert "they pay on 15 March" in one["reasons"][-1]["text"]
    assert "a language model was asked about 1: 1 answers count" in found["assumptions"]
    assert found["id"] != predicted(TestClient(create_app(house.services)), deal(notes=NOTES))["id"]


def test_a_model_whose_answer_is_of_no_use_leaves_the_rules_standing(
    tmp_path: Path, house: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"expected_on": "2031-01-01", "confidence": 1, "evidence": "they pay on 15 March"}
    script = tmp_path / "script.json"
    script.write_text(json.dumps([json.dumps(answer)]))
    monkeypatch.setenv("ABAX_MODEL_URL", f"script:{script}")
    found = predicted(TestClient(create_app(edge(house.home).services)), deal(notes=NOTES), model=True)
    one = by_key(found)["D-1"]
    assert "names 2031-01-01, which they do not" in one["warnings"][0] and "model" not in one["source"]
    assert "a language model was asked about 1: 0 answers count" in found["assumptions"]


def test_the_command_line_shows_it(house: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABAX_HOME", str(house.home))
    deals = tmp_path / "deals.jsonl"
    deals.write_text(json.dumps({"id": "D-1", "amount": "4000", "currency": "USD", "stage": "won"}) + "\n")

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["cashflow", *arguments])
        if isinstance(done.exception, InvalidRequest):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    shown = run("--deals", str(deals))
    assert "INV-1" in shown and "2026-W48" in shown and "USD" in shown and "80 % is meant" in shown
    assert "half are paid 10 days after it" in run("--explain", "INV-1")
    run("--floor", "100000", code=1)
    assert json.loads(run("--json"))["company"] == "House"
    deals.write_text("{no json\n")
    with pytest.raises(InvalidRequest, match="line 1"):
        run("--deals", str(deals))


def test_the_command_line_draws_it_and_refuses_what_it_cannot(
    house: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAX_HOME", str(house.home))
    deals, file = tmp_path / "deals.json", tmp_path / "cash.svg"
    deals.write_text(json.dumps([deal(notes=NOTES, stage="lead")]))
    done = CliRunner().invoke(app, ["cashflow", "--deals", str(deals), "--chart", str(file)])
    assert done.exit_code == 0, done.output
    assert file.read_text().startswith("<svg") and "no language model was asked" in done.output
    for name in ("cash.png", "no/such/folder/cash.svg"):
        refused = CliRunner().invoke(app, ["cashflow", "--chart", str(tmp_path / name)])
        assert isinstance(refused.exception, InvalidRequest) and refused.exception.field == "chart"


def test_an_item_that_is_left_out_is_not_merely_unknown(api: TestClient) -> None:
    found = api.post("/v1/cashflow/predict", json={"horizon": 7}).json()
    answer = api.get(f"/v1/cashflow/{found['id']}/explain", params={"item": "INV-2"})
    assert answer.status_code == 404 and "later than its horizon" in answer.text
