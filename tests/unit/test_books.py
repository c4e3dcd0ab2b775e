"""Segments, budgets, presentation currencies and groups: over HTTP, on the command line, as jobs."""

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from abax import cli
from abax.api import create_app
from abax.commands.group import read_group, write_sample
from abax.compose import Edge, edge
from abax.errors import CheckFailed, InvalidRequest, JobCancelled, MemberFailed, UnknownCurrency
from abax.ports import Job, PutBack
from abax.report.group import render_group_html
from abax.serve import close_books
from abax.workflow import jobs
from abax.workflow.close import run_close
from abax.workflow.group import group_package, run_group, run_group_step
from abax.workflow.group_request import GroupRequest, parse_group
from abax.workflow.request import CloseRequest

from tests.support import sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PARENT, MEMBER = sample.COMPANY, "Harbour Tools Ltd"
D = Decimal


def group_body(**more: Any) -> dict[str, Any]:
    """The sample's two companies as a group."""
    mapping = sample.small_books().mapping
    member = {"secret": "erp", "erp": "odoo"}
    return {
        "name": "Nordlicht Group",
        "currency": "EUR",
        "parent": "nordlicht",
        "year": sample.YEAR,
        "tolerance": "500",
        "members": [
            {"name": "nordlicht", "company": PARENT, "mapping": dict(mapping[PARENT]), **member},
            {
                "name": "harbour",
                "company": MEMBER,
                "mapping": dict(mapping[MEMBER]),
                "share": "80 %",
                "acquired": "2022-02-28",
                "equity_at_acquisition": "6000",
                "investment_accounts": ["0820"],
                **member,
            },
        ],
        **more,
    }


def house_in(folder: Path) -> Edge:
    return edge(folder, {"erp": {"url": sample.url()}})


def client(house: Edge) -> TestClient:
    return TestClient(create_app(house.services), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Edge:
    """Edge mode with a close of each company, the parent's by itself, and then of the group."""
    made = house_in(tmp_path_factory.mktemp("house"))
    mapping = parse_group(group_body()).members[0].mapping
    alone = CloseRequest(
        secret="erp",
        company=PARENT,
        year=sample.YEAR,
        erp="odoo",
        mapping=mapping,
        client_token="asked for alone",
    )
    run_close(replace(made.context, model=None), jobs.create(made.services.jobs, alone)[0].job_id)
    job, _ = jobs.create(made.services.jobs, parse_group(group_body()))
    run_group(made.context, job.job_id)
    return made


@pytest.fixture(scope="module")
def api(house: Edge) -> Iterator[TestClient]:
    with client(house) as opened:
        yield opened


@pytest.fixture(scope="module")
def close_id(house: Edge) -> str:
    """The parent's close."""
    return next(job.job_id for job in house.services.jobs.recent(9) if job.request["company"] == PARENT)


# --- groups


def test_a_group_is_closed_member_by_member_and_then_as_one(house: Edge) -> None:
    [job] = house.services.jobs.recent(9, "group")
    package = group_package(house.context, job)
    assert (job.state, list(job.results)) == ("succeeded", ["group.json", "group.html"])
    assert [(own.company, own.share, own.currency) for own in package.members] == [
        (PARENT, D(1), "EUR"),
        (MEMBER, D("0.8"), "GBP"),
    ]
    assert all(check.passed for check in package.checks)
    sheet = package.statement("balance_sheet", "year")
    assert sheet.value("goodwill", "2025") > 0
    assert sheet.value("non_controlling_interest", "2025") > 0
    [balances, results] = package.differences
    assert results.amount_of_one < 0 < results.amount_of_other
    assert abs(balances.difference) < 10 and abs(results.difference) < 500
    income = package.statement("income_statement", "year")
    rows = {row.line: row for row in package.worksheet if row.report == "income_statement"}
    assert income.value("revenue", "2025") == sum(rows["revenue"].members) + rows["revenue"].adjustments


def test_the_groups_page_is_whole_and_escapes_what_it_shows(house: Edge) -> None:
    [job] = house.services.jobs.recent(9, "group")
    package = group_package(house.context, job)
    page = house.services.objects.get(job.results["group.html"]).decode()
    for words in ("Nordlicht Group", "Goodwill", "Non-controlling interests", "80 %", "Worksheet 2025"):
        assert words in page
    hostile = render_group_html(package.model_copy(update={"name": "<script>alert(1)</script>"}))
    assert "<script" not in hostile and "&lt;script" in hostile


def test_the_same_books_are_not_closed_again(house: Edge) -> None:
    before = list(house.services.objects.keys("closes/"))
    job, _ = jobs.create(house.services.jobs, parse_group(group_body(client_token="again")))
    assert run_group(house.context, job.job_id).state == "succeeded"
    assert list(house.services.objects.keys("closes/")) == before
    assert run_group(house.context, job.job_id).job_id == job.job_id


def test_a_group_that_was_interrupted_goes_on_where_it_stopped(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, parse_group(group_body()))

    def stop(shown: Job) -> None:
        if shown.message == "closing harbour":
            raise PutBack

    with pytest.raises(PutBack):
        run_group(house.context, job.job_id, stop)
    assert house.services.jobs.get(job.job_id).state == "running"
    before = len(house.services.jobs.recent(99))
    assert run_group(house.context, job.job_id).state == "succeeded"
    assert len(house.services.jobs.recent(99)) == before  # each member's job was made at first, and once


def test_a_cancelled_group_stops_before_its_next_member(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, parse_group(group_body()))
    with pytest.raises(JobCancelled):
        run_group(house.context, job.job_id, lambda shown: jobs.cancel(house.services, shown.job_id) and None)
    assert house.services.jobs.get(job.job_id).state == "cancelled"
    assert {close.state for close in house.services.jobs.recent(2)} == {"cancelled"}


def test_a_group_that_failed_is_asked_for_anew_as_a_group(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, parse_group(group_body(parent="nobody")))
    with pytest.raises(InvalidRequest, match="nobody"):
        run_group(house.context, job.job_id)
    fresh = jobs.again(house.services.jobs, house.services.jobs.get(job.job_id))
    assert (fresh.kind, fresh.request, fresh.state) == ("group", job.request, "queued")
    assert jobs.again(house.services.jobs, job).job_id == fresh.job_id != job.job_id
    jobs.cancel(house.services, fresh.job_id)


def test_other_rates_are_another_result(house: Edge) -> None:
    months = [f"{year}-{month:02d}" for year in range(2022, 2026) for month in range(1, 13)]
    rates = "\n".join(["currency,month,closing,average", *(f"GBP,{month},1.25,1.25" for month in months)])
    body = group_body(rates=rates, tolerance="100000")
    job, _ = jobs.create(house.services.jobs, parse_group(body))
    done = run_group(house.context, job.job_id)
    package = group_package(house.context, done)
    assert package.members[1].closing == D("1.25")
    [first, *_] = house.services.jobs.recent(99, "group")[::-1]
    assert done.results["group.json"] != first.results["group.json"]


def test_differences_beyond_the_tolerance_fail_the_job_and_leave_its_report(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, parse_group(group_body(tolerance="0.01")))
    told = r"nordlicht and harbour differ by -?[\d,]+\.\d\d EUR.* is off by [\d,]+\.\d\d$"
    with pytest.raises(CheckFailed, match=told):
        run_group(house.context, job.job_id)
    failed = house.services.jobs.get(job.job_id)
    assert (failed.state, failed.error["type"]) == ("failed", "CheckFailed")  # type: ignore[index]
    package = group_package(house.context, failed)
    assert not all(check.passed for check in package.checks)
    assert re.search(r"off by [\d,]+\.\d\d EUR", render_group_html(package))


def test_that_nobody_words_the_closes_of_members_is_no_news(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = house_in(tmp_path)
    job, _ = jobs.create(house.services.jobs, parse_group(group_body()))
    run_group(house.context, job.job_id)
    assert not caplog.records


def test_a_group_is_ordered_over_http_and_run_by_the_worker_of_closes(house: Edge, api: TestClient) -> None:
    answer = api.post("/v1/groups", json=group_body(), headers={"Idempotency-Key": "g"})
    assert answer.status_code == 202, answer.text
    assert api.post("/v1/groups", json=group_body(), headers={"Idempotency-Key": "g"}).status_code == 200
    job_id = answer.json()["job_id"]
    while house.queue.receive(lambda message: close_books(house, message, Event())):
        pass
    job = api.get(f"/v1/jobs/{job_id}").json()
    assert job["state"] == "succeeded", job
    page = api.get(job["results"]["group.html"])
    assert page.headers["content-type"].startswith("text/html")
    assert api.get(job["results"]["group.json"]).json()["name"] == "Nordlicht Group"
    assert job_id in [one["job_id"] for one in api.get("/v1/jobs?kind=group").json()]


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"parent": "nobody"}, "members", "no member 'nobody'"),
        ({"members": []}, "members", "at least 1"),
        ({"colour": "red"}, "colour", "there is no such field"),
        ({"tolerance": "-1"}, "tolerance", 'is "-1"; it must be at least 0'),
    ],
)
def test_a_group_that_makes_no_sense_is_refused_with_its_field(
    api: TestClient, change: dict[str, Any], field: str, told: str
) -> None:
    answer = api.post("/v1/groups", json=group_body(**change))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert told in answer.json()["detail"]


def test_a_member_whose_secret_is_not_there_is_refused_at_once(api: TestClient) -> None:
    body = group_body()
    body["members"][1]["secret"] = "lost"
    answer = api.post("/v1/groups", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "members")


def test_a_member_that_cannot_be_closed_is_told_with_its_reason_and_others_are_closed(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    body = group_body()
    body["members"][1]["mapping"] = {"40*": "turnover"}
    job, _ = jobs.create(house.services.jobs, parse_group(body))
    with pytest.raises(MemberFailed, match=r"^harbour could not be closed.* is mapped to 'turnover'"):
        run_group(house.context, job.job_id)
    failed = house.services.jobs.get(job.job_id)
    assert failed.error is not None and failed.error["type"] == "MemberFailed"
    states = {one.request["company"]: one.state for one in house.services.jobs.recent(2)}
    assert states == {PARENT: "succeeded", MEMBER: "failed"}


def test_all_members_that_are_not_there_are_told_before_anything_is_closed(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    body = group_body()
    body["members"][1]["company"] = "Harbor"
    body["members"].append({"name": "lost", "secret": "lost", "company": "Harbor"})
    job, _ = jobs.create(house.services.jobs, parse_group(body))
    before = len(house.services.jobs.recent(99))
    with pytest.raises(MemberFailed, match=r"^harbour, lost .*no company 'Harbor'.*no secret 'lost'"):
        run_group(house.context, job.job_id)
    assert len(house.services.jobs.recent(99)) == before


def test_a_currency_that_is_none_is_told_by_its_name_before_anything_is_closed(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    job, _ = jobs.create(house.services.jobs, parse_group(group_body(currency="EUX")))
    with pytest.raises(UnknownCurrency, match=r"^currency: 'EUX' is no currency .* has .*EUR, GBP"):
        run_group(house.context, job.job_id)
    assert house.services.jobs.recent(9) == []


def test_the_closes_of_a_cancelled_group_are_cancelled_with_it(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    job, _ = jobs.create(house.services.jobs, parse_group(group_body()))
    planned = run_group_step(house.context, {"step": "plan_group", "job_id": job.job_id})
    jobs.cancel(house.services, job.job_id)
    states = [house.services.jobs.get(member["job_id"]).state for member in planned["members"]]
    assert states == ["cancelled", "cancelled"]
    with pytest.raises(JobCancelled):
        run_group_step(house.context, {"step": "consolidate", "job_id": job.job_id})


def test_a_groups_file_names_connections_mappings_and_rates(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"1000": "cash"}')
    (tmp_path / "r.csv").write_text("currency,month,closing,average\nUSD,2025-01,1,1\n")
    file = tmp_path / "GROUP.toml"
    file.write_text(
        'name = "G"\ncurrency = "EUR"\nparent = "a"\nrates = "r.csv"\n'
        '[members.a]\nurl = "postgresql+pg8000://me:secret@host/db"\ncompany = "A"\nmapping = "m.json"\n'
        '[members.b]\nsecret = "kept"\ncompany = "B"\nshare = 0.6\naccounts = { "1350" = "a" }\n'
    )
    request, connections = read_group(file, {"year": 2025})
    assert [own.name for own in request.members] == ["a", "b"]
    assert request.members[0].mapping == {"1000": "cash"}
    assert request.group.member("b").share == D("0.6")
    assert request.rates.startswith("currency") and request.year == 2025
    assert list(connections.values()) == [{"url": "postgresql+pg8000://me:secret@host/db"}]
    assert "secret" not in request.members[0].secret.replace("url ", "")
    assert isinstance(GroupRequest.model_validate(request.shown()), GroupRequest)


def test_the_sample_comes_with_a_groups_file(tmp_path: Path) -> None:
    books = sample.small_books()
    request, connections = read_group(write_sample(tmp_path / "books.group.toml", books, 0.05), {})
    assert [own.company for own in request.members] == [PARENT, MEMBER]
    assert request.members[1].mapping == books.mapping[MEMBER]
    assert request.group.members[1].equity_at_acquisition == 19000
    assert list(connections.values()) == [{"url": f"sqlite:///{books.path.resolve()}"}]


HEAD = 'name = "G"\ncurrency = "EUR"\nparent = "a"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name =", "cannot be read"),
        ('members = ["a"]\n', r"\[members.NAME\]"),
        ('[members.a]\nurl = "sqlite:///x"\nsecret = "y"\n', "either url or secret"),
        (HEAD + '[members.a]\ncompany = "A"\n', "secret"),
        (HEAD + '[members.a]\ncompany = "A"\nsecret = "s"\nshaer = 1\n', "shaer"),
    ],
)
def test_a_groups_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "GROUP.toml"
    file.write_text(text)
    with pytest.raises(InvalidRequest, match=told):
        read_group(file, {})


# --- a close cut otherwise


def test_statements_come_in_another_currency(api: TestClient, close_id: str) -> None:
    own = api.get(f"/v1/jobs/{close_id}/statements").json()
    pounds = api.get(f"/v1/jobs/{close_id}/statements?currency=gbp").json()
    assert (own["company"]["currency"], pounds["currency"]) == ("EUR", "GBP")
    assert all(check["passed"] for check in pounds["checks"])
    cash = [value_of(found, "balance_sheet", "cash") for found in (own, pounds)]
    [last] = [rate for rate in pounds["rates"] if rate["month"] == "2025-12"]
    assert abs(cash[1] - cash[0] * D(last["closing"])) < 1
    missing = api.get(f"/v1/jobs/{close_id}/statements?currency=ZAR")
    assert (missing.status_code, missing.json()["type"]) == (422, "MissingRate")


def value_of(found: dict[str, Any], report: str, line: str) -> Decimal:
    statement = next(
        own for own in found["statements"] if (own["report"], own["granularity"]) == (report, "year")
    )
    return D(next(row for row in statement["lines"] if row["line"] == line)["values"][-1])


def test_statements_in_a_currency_that_is_none_are_refused_by_its_name(
    api: TestClient, close_id: str
) -> None:
    refused = api.get(f"/v1/jobs/{close_id}/statements?currency=EUX").json()
    assert (refused["type"], refused["field"]) == ("UnknownCurrency", "currency")
    assert "'EUX' is no currency" in refused["detail"]


def test_segments_come_over_http_and_a_wrong_one_names_those_there_are(
    api: TestClient, close_id: str
) -> None:
    wrong = api.get(f"/v1/jobs/{close_id}/segments/colour")
    assert (wrong.status_code, wrong.json()["type"]) == (404, "UnknownFigure")
    name = wrong.json()["detail"].rsplit("there are ", 1)[1].split(", ")[0]
    report = api.get(f"/v1/jobs/{close_id}/segments/{name}?period=2025-Q1").json()
    assert report["segments"] and report["period"] == "2025-Q1"
    for row in report["lines"]:
        assert sum(map(D, row["values"])) + D(row["unassigned"]) == D(row["total"])


def test_a_budget_is_posted_as_csv(api: TestClient, close_id: str) -> None:
    headers = {"content-type": "text/csv"}
    text = "account,month,amount\nrevenue,2025-01,100000\n"
    path = f"/v1/jobs/{close_id}/budget"
    report = api.post(f"{path}?by=quarter", content=text, headers=headers).json()
    assert report["periods"][0]["label"] == "2025-Q1"
    assert D(report["lines"][0]["budget"][0]) == 100000
    wrong = api.post(path, content=text + "4711x,2025-01,1\n", headers=headers)
    assert wrong.status_code == 422 and "line 3" in wrong.json()["detail"]
    assert api.post(f"{path}?by=week", content=text, headers=headers).json()["field"] == "by"


def test_the_routes_are_described_and_a_job_without_a_close_is_too_early(
    house: Edge, api: TestClient
) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    assert {"/v1/groups", "/v1/jobs/{job_id}/budget", "/v1/jobs/{job_id}/statements"} <= paths.keys()
    job, _ = jobs.create(house.services.jobs, parse_group(group_body()))
    for path in ("statements", "segments/analytic"):
        assert api.get(f"/v1/jobs/{job.job_id}/{path}").status_code in (409, 422)


# --- the command line


def abax(
    home: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> Any:
    patch.setenv("ABAX_HOME", str(home))
    patch.setattr("sys.argv", ["abax", *map(str, arguments)])
    capsys.readouterr()
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_commands_print_tables_or_json(
    house: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: object) -> Any:
        return abax(house.home, monkeypatch, capsys, "ledger", *arguments, "--company", PARENT)

    code, out, _ = run("present", "--currency", "GBP")
    assert code == 0 and "Translation reserve" in out and "books in EUR" in out
    code, out, _ = run("present", "--currency", "GBP", "--json")
    assert json.loads(out)["currency"] == "GBP"
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,month,closing,average\nEUR,2025-01,1,1\n")
    code, _, problem = run("present", "--currency", "USD", "--rates", rates)
    assert code == 1 and "no EUR rate to USD for" in problem
    budget = tmp_path / "budget.csv"
    budget.write_text("account,month,amount\nrevenue,2025-01,1\noperating_expenses,2025-01,1000000000\n")
    code, out, _ = run("budget", "--file", budget)
    assert code == 0 and "unfavourable" not in out.splitlines()[2] and "Net result" in out
    code, _, problem = run("segments", "--by", "colour")
    name = problem.rsplit("there are ", 1)[1].split(", ")[0].strip()
    code, out, _ = run("segments", "--by", name)
    assert code == 0 and "unassigned" in out and "Net margin" in out
    code, out, _ = run("segments", "--by", name, "--top", "--json")
    assert json.loads(out)["dimension"] == name


def test_a_group_is_closed_on_the_command_line(
    house: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "GROUP.toml"
    file.write_text(toml())

    def run(*arguments: object) -> Any:
        return abax(house.home, monkeypatch, capsys, "group", "close", file, "--out", tmp_path, *arguments)

    code, out, _ = run("--year", sample.YEAR, "--tolerance", "500")
    assert code == 0 and "Goodwill" in out and "harbour 80 %" in out
    assert (tmp_path / "group.html").stat().st_size > 10_000
    code, out, problem = run("--year", sample.YEAR, "--tolerance", "0.01", "--json")
    assert code == 1 and "differ by" in problem
    assert json.loads(out)["tolerance"] == "0.01"


def toml() -> str:
    body = group_body()
    lines = [f'{name} = "{body[name]}"' for name in ("name", "currency", "parent")]
    for own in body["members"]:
        mapping = ", ".join(f'"{code}" = "{kind}"' for code, kind in own["mapping"].items())
        lines += [f"[members.{own['name']}]", f'url = "{sample.url()}"', f'company = "{own["company"]}"']
        lines.append(f"mapping = {{ {mapping} }}")
        for name in ("share", "acquired", "equity_at_acquisition"):
            if name in own:
                lines.append(f'{name} = "{own[name]}"')
        if "investment_accounts" in own:
            lines.append('investment_accounts = ["0820"]')
    return "\n".join(lines)


def test_an_earlier_year_is_closed_for_every_member(house: Edge) -> None:
    job, _ = jobs.create(house.services.jobs, parse_group(group_body(year=2024, tolerance="5000")))
    run_group(house.context, job.job_id)
    package = group_package(house.context, house.services.jobs.get(job.job_id))
    assert package.year == 2024 and str(package.as_of) == "2024-12-31"
    closes = [(job.request["company"], job.request["year"]) for job in house.services.jobs.recent(2)]
    assert sorted(closes) == [(MEMBER, 2025), (PARENT, 2024)]  # the member's year ends in March


def test_a_close_that_was_asked_for_alone_is_used_by_the_group(house: Edge) -> None:
    closes = [job for job in house.services.jobs.recent(99) if job.request["company"] == PARENT]
    of_year = [job for job in closes if job.request["year"] == sample.YEAR and job.state == "succeeded"]
    assert len(of_year) >= 2 and "asked for alone" in {job.client_token for job in of_year}
    assert len({job.results["statements.json"] for job in of_year}) == 1


def test_what_is_misspelt_in_a_group_is_named_as_written() -> None:
    body = group_body()
    body["members"] = {member.pop("name"): member for member in body["members"]}
    body["members"]["harbour"]["shaer"] = "80 %"
    with pytest.raises(InvalidRequest, match=r"^members\.harbour\.shaer: there is no such field"):
        parse_group(body)
    del body["members"]["harbour"]["shaer"], body["members"]["harbour"]["company"]
    with pytest.raises(InvalidRequest, match=r"^members\.harbour\.company: is missing"):
        parse_group(body)
