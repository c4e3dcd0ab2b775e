"""The command line, run in this process: what it prints, where, and how it ends."""

import json
import shutil
import sqlite3
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from abax import cli, terminal
from abax.compose import edge

from tests.support import sample
from tests.support.scenario import sap
from tests.support.scenario.history import history


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs ``abax …`` with a home of its own."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._patch = patch
        self._capsys = capsys
        patch.setenv("ABAX_HOME", str(home))
        patch.delenv("ABAX_URL", raising=False)

    def __call__(self, *arguments: object) -> Done:
        self._capsys.readouterr()
        self._patch.setattr("sys.argv", ["abax", *map(str, arguments)])
        self._patch.setattr(cli, "out", terminal.console())
        self._patch.setattr(cli, "err", terminal.console(stderr=True))
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = self._capsys.readouterr()
        return Done(code, printed.out, printed.err)


@pytest.fixture
def abax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture(scope="module")
def closed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the sample company's books are closed."""
    from abax.workflow.close import run_close
    from abax.workflow.jobs import create
    from abax.workflow.request import CloseRequest

    house = edge(tmp_path_factory.mktemp("closed"), {"erp": {"url": sample.url()}})
    mapping = dict(sample.small_books().mapping[sample.COMPANY])
    request = CloseRequest(secret="erp", company=sample.COMPANY, year=sample.YEAR, mapping=mapping)
    run_close(house.context, create(house.services.jobs, request)[0].job_id)
    return house.home


@pytest.fixture
def closed(closed_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(closed_home, monkeypatch, capsys)


def close_arguments(*more: object) -> tuple[object, ...]:
    return ("close", "--url", sample.url(), "--company", sample.COMPANY, "--year", sample.YEAR, *more)


# --- ask


def test_a_question_is_answered_with_how_to_open_its_figures(closed: Shell) -> None:
    done = closed("ask", "What was the net result in 2025?")
    assert done.code == 0
    assert done.out.startswith("Net result came to EUR ")
    command = next(line.split() for line in done.out.splitlines() if "abax explain" in line)
    opened = closed(*command[1:], "--json")
    assert f"{float(opened.json['figure']):,.2f}" in done.out


def test_a_question_without_an_answer_says_why_and_ends_with_one(closed: Shell) -> None:
    done = closed("ask", "revenue per employee")
    assert done.code == 1 and "employee" in done.out
    assert closed("ask", "revenue per employee", "--json").json["answered"] is False


def test_a_key_is_kept_beside_connections(abax: Shell) -> None:
    assert abax("secret", "put", "abax/text/callback", "--key", "k3y").code == 0
    assert edge(abax.home).secrets.get("abax/text/callback") == {"key": "k3y"}


# --- close


def test_a_close_prints_statements_and_where_the_report_is(abax: Shell, tmp_path: Path) -> None:
    done = abax(*close_arguments("--mapping", sample.mapping_file(tmp_path), "--out", tmp_path / "report"))
    assert done.code == 0, done.err
    assert sample.COMPANY in done.out
    assert "Net result" in done.out
    for name in ("report.html", "report.json", "report.xlsx"):
        path = tmp_path / "report" / name
        assert path.stat().st_size > 1000
        assert str(path) in done.out
    assert "check: checking the books" in done.err
    again = abax(*close_arguments("--mapping", tmp_path / "mapping.json", "--json"))
    assert "closed before" in again.json["message"]
    assert again.json["statements"]["year"] == sample.YEAR
    [folder] = (abax.home / "reports").glob("*/1-nordlicht-maschinenbau-gmbh-2025")
    assert str(folder / "report.html") in again.json["files"]


def test_reports_of_one_company_in_two_sources_lie_apart(abax: Shell, tmp_path: Path) -> None:
    own = tmp_path / "copy.sqlite"
    shutil.copy(sample.url().removeprefix("sqlite:///"), own)
    more = ("--mapping", sample.mapping_file(tmp_path), "--json")
    here = abax(*close_arguments(*more)).json["files"]
    given = [f"sqlite:///{own}" if part == sample.url() else part for part in close_arguments(*more)]
    there = abax(*given)
    assert not set(here) & set(there.json["files"])


def test_a_mapping_may_be_toml(abax: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text('[mapping]\n"4400" = "treasure"\n')
    done = abax(*close_arguments("--mapping", file))
    assert done.code == 2
    assert "account 4400 is mapped to 'treasure'" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--company", "Nobody", "--year", "2025", "--url", "SAMPLE"), 1, "no company 'Nobody'"),
        (("--company", "1", "--year", "2031", "--url", "SAMPLE"), 1, "nothing posted in fiscal year 2031"),
        (("--company", "1", "--year", "99999", "--url", "SAMPLE"), 2, "year: "),
        (("--company", "1", "--year", "2025", "--url", "nonsense"), 2, "url: "),
        (("--company", "1", "--year", "2025", "--url", "sqlite:////no/file"), 1, "there is no such file"),
        (("--company", "1", "--year", "2025"), 2, "give either --url or --secret"),
        (("--company", "1", "--year", "2025", "--secret", "lost"), 1, "no secret 'lost'"),
        (("--company", "1", "--year", "2025", "--url", "SAMPLE", "--erp", "abacus"), 2, "'abacus'"),
        (("--company", "1", "--year", "2025", "--url", "SAMPLE", "--erp", "sap"), 1, "another ERP than SAP"),
        (("--company", "1", "--year", "2025", "--url", "SAMPLE", "--mapping", "/no"), 2, "cannot be read"),
        (
            ("--company", "1", "--year", "2025", "--url", "postgresql+pg8000://u:hunter2@127.0.0.1:9/x"),
            1,
            "cannot reach postgresql://127.0.0.1:9/x",
        ),
    ],
)
def test_a_wrong_request_is_one_line_and_an_exit_code(
    abax: Shell, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = abax("close", *(sample.url() if word == "SAMPLE" else word for word in arguments))
    assert done.code == code
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert says in line
    assert "Traceback" not in done.err
    assert "hunter2" not in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (sample.UNBALANCED, "do not balance: "),
        (sample.UNMAPPED, "Mystery"),
        (sample.NO_TABLE, "suggests Odoo 17"),
        (sample.NO_COLUMN, "account_account.account_type"),
        (sample.NO_RATE, "no USD rate to EUR"),
        (sample.NOTHING_POSTED, "no posted entry at all"),
    ],
)
def test_broken_books_are_one_line_that_names_the_spot(
    abax: Shell, tmp_path: Path, statements: tuple[str, ...], says: str
) -> None:
    books = sample.broken_books(tmp_path, *statements)
    done = abax("close", "--url", sample.url(books), "--company", "1", "--year", "2025")
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert says in line
    (job,) = abax("jobs", "--json").json
    assert job["state"] == "failed"
    assert says in job["error"]["message"]


def test_the_books_of_a_failed_check_can_be_looked_into(abax: Shell, tmp_path: Path) -> None:
    books = sample.broken_books(tmp_path, *sample.UNBALANCED)
    abax("close", "--url", sample.url(books), "--company", "1", "--year", "2025")
    (job,) = abax("jobs", "--json").json
    checks = abax("ledger", "checks", "--job", job["job_id"])
    assert checks.code == 1
    assert "✗ every journal entry balances" in checks.out


def test_debug_shows_the_traceback(abax: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from abax.errors import UnknownSecret

    with pytest.raises(UnknownSecret):
        abax("--debug", "close", "--company", "1", "--year", "2025", "--secret", "lost")


# --- looking


def test_a_figure_opens_to_its_lines(closed: Shell) -> None:
    done = closed("explain", "income_statement", "revenue", "2025-03", "--limit", "1")
    assert done.code == 0
    assert "income_statement · revenue · 2025-03" in done.out
    assert "more lines" in done.out
    lineage = closed("explain", "income_statement", "revenue", "2025-03", "--limit", "100000", "--json").json
    assert sum(round(float(line["amount"]) * 100) for line in lineage["lines"]) == round(
        float(lineage["figure"]) * 100
    )


def test_an_unknown_figure_lists_the_known_ones(closed: Shell) -> None:
    done = closed("explain", "income_statement", "revenu", "2025-03")
    assert done.code == 1
    assert "(did you mean 'revenue'?); there are revenue, cost_of_sales" in done.err
    assert "did you mean 'gross_profit'" in closed("explain", "income_statement", "Gross profit", "2025").err
    assert "did you mean" not in closed("explain", "income_statement", "xyz", "2025").err


def test_the_close_that_is_looked_into_may_be_named_by_company_and_year(closed: Shell) -> None:
    (job,) = closed("jobs", "--json").json
    chosen = ("--company", job["request"]["company"], "--year", job["request"]["year"])
    assert closed("ledger", "checks", *chosen).code == 0
    assert closed("explain", "income_statement", "revenue", "2025", *chosen).code == 0
    assert closed("ask", "How much was revenue in 2025?", *chosen).code == 0
    other = closed("ledger", "checks", "--company", job["request"]["company"], "--year", 1999)
    assert other.code == 1 and f"{job['request']['year']}'?)" in other.err
    assert "no close of Nobody Inc" in closed("ledger", "trial-balance", "--company", "Nobody Inc").err
    assert closed("ledger", "checks", "--job", job["job_id"], "--year", 2025).code == 2


def test_jobs_are_listed_and_shown(closed: Shell) -> None:
    (job,) = closed("jobs", "--json").json
    listed = closed("jobs")
    assert job["job_id"] in listed.out
    assert "succeeded" in listed.out
    shown = closed("jobs", job["job_id"])
    assert "report.html" in shown.out
    assert closed("jobs", "nothing").code == 1
    assert closed("jobs", job["job_id"], "--cancel").code == 1
    assert closed("jobs", "--cancel").code == 2


def test_the_ledger_can_be_inspected(closed: Shell) -> None:
    checks = closed("ledger", "checks")
    assert checks.code == 0
    assert checks.out.count("✓") == 4
    balance = closed("ledger", "trial-balance", "--json").json
    assert balance["year"] == sample.YEAR
    assert closed("ledger", "trial-balance", "--year", "1999").code == 2
    assert "1200" in closed("ledger", "trial-balance").out
    assert "1800" in closed("ledger", "lines", "1800", "2025-12", "--limit", "2").out
    aged = closed("ledger", "aged", "receivables", "--as-of", "2025-12-31", "--json").json
    assert aged["as_of"] == "2025-12-31"
    assert "as of 2025-12-31" in closed("ledger", "aged", "payables", "--as-of", "2025-12-31").out
    assert closed("ledger", "aged", "thoughts").code == 2


def test_an_empty_home_says_what_to_do(abax: Shell) -> None:
    assert "no jobs yet" in abax("jobs").out
    done = abax("explain", "income_statement", "revenue", "2025")
    assert done.code == 1
    assert "run abax close" in done.err


def test_a_database_can_be_probed(abax: Shell) -> None:
    found = abax("erp", "probe", "--url", sample.url(), "--json").json
    assert (found["found"]["erp"], found["found"]["version"]) == ("odoo", "17")
    companies = [one["company"]["name"] for one in found["companies"]]
    assert companies == list(sample.small_books().companies)
    shown = abax("erp", "probe", "--url", sample.url()).out
    assert "Odoo 17" in shown
    assert "Harbour Tools Ltd" in shown
    assert "settlements of journal lines" in shown
    assert abax("erp", "probe").code == 2


def test_a_database_of_something_else_is_told_so(abax: Shell, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.sqlite") as other:
        other.execute("CREATE TABLE res_company (id integer, name text)")
    other.close()
    done = abax("erp", "probe", "--url", f"sqlite:///{tmp_path}/crm.sqlite")
    assert done.code == 1
    assert "nothing of any ERP known here" in done.out


@pytest.fixture(scope="module")
def sap_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sap.write(history()).sqlite(tmp_path_factory.mktemp("sap") / "sap.sqlite")


def test_what_is_to_be_chosen_is_asked_for_and_kept_with_the_connection(
    abax: Shell, sap_url: str, tmp_path: Path
) -> None:
    probed = abax("erp", "probe", "--url", sap_url, "--json").json
    client = next(setting for setting in probed["settings"] if setting["name"] == "client")
    assert (client["chosen"], ["100", "Production"] in client["choices"]) == (None, True)
    assert "give --set client=" in probed["problem"]
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(sap.MAPPING))
    asked = ("close", "--company", sap.COMPANY, "--year", "2024", "--mapping", mapping)
    for wrong in ((), ("--set", "client=999"), ("--set", "klient=100"), ("--set", "client")):
        refused = abax(*asked, "--url", sap_url, *wrong)
        assert refused.code == 2
        assert "settings" in refused.err
    assert abax("secret", "put", "sap", "--url", sap_url, "--set", "client=100").code == 0
    done = abax(*asked, "--secret", "sap")
    assert done.code == 0, done.err
    told = abax("erp", "probe", "--secret", "sap", "--json").json
    assert told["settings"][0]["chosen"] == "100"
    assert "the source's own totals" in told["reads"]


def test_a_company_that_cannot_be_tied_out_is_told_with_its_reason_after_the_others(
    abax: Shell, sap_url: str, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(sap.MAPPING))
    asked = ("tie-out", "--url", sap_url, "--set", "client=100", "--mapping", mapping)
    told = abax(*asked)
    assert told.code == 1
    [first, second] = told.out.splitlines()
    assert first.startswith(f"{sap.COMPANY}: ") and first.endswith("0 explained, 0 not")
    assert second.startswith("Another GmbH: not tied out: no statement class for account 1200")
    found = {one["company"]: one for one in abax(*asked, "--json").json}
    assert found[sap.COMPANY]["lines"] and not found[sap.COMPANY]["problem"]
    assert found["Another GmbH"]["problem"].startswith("no statement class")
    assert abax(*asked, "--company", sap.COMPANY).code == 0


def test_accounts_without_a_class_are_suggested_and_settled_by_a_file(
    abax: Shell, sap_url: str, tmp_path: Path
) -> None:
    source = ("--url", sap_url, "--company", sap.COMPANY, "--set", "client=100")
    every = abax("erp", "accounts", *source, "--json").json
    assert {account["statement_class"] for account in every} >= {"receivables", None}
    lacking = [account["code"] for account in every if account["statement_class"] is None]
    file = tmp_path / "mapping.toml"
    assert f"{len(lacking)} accounts" in abax("erp", "accounts", *source, "--write", file).err
    assert tomllib.loads(file.read_text()) == {"mapping": {}}  # a suggestion is no answer
    again = abax("erp", "accounts", *source, "--write", file)
    assert (again.code, "is there already and stays" in again.err) == (2, True)
    assert "cannot be written" in abax("erp", "accounts", *source, "--write", tmp_path / "no" / "file").err
    file.write_text(file.read_text().replace('# "', '"').replace('""', '"operating_expenses"'))
    left = abax("erp", "accounts", *source, "--mapping", file, "--unmapped", "--json").json
    assert left == []
    done = abax("close", *source, "--year", "2024")
    assert done.code == 1
    assert "looks like" in done.err


# --- edge mode


def test_a_kept_secret_is_listed_by_name_only(abax: Shell) -> None:
    assert abax("secret", "put", "erp", "--url", "postgresql://u:hunter2@h/db").code == 0
    done = abax("secret", "list")
    assert done.out.split() == ["erp"]
    assert abax("secret", "list", "--json").json == ["erp"]
    assert edge(abax.home).secrets.get("erp") == {"url": "postgresql://u:hunter2@h/db"}


def test_a_url_that_is_none_is_not_kept(abax: Shell) -> None:
    for url in ("nonsense", "postgresql://u:hunter2@h:158787/db"):
        done = abax("secret", "put", "erp", "--url", url)
        assert (done.code, "url: " in done.err, "hunter2" in done.err) == (2, True, False)
    assert abax("secret", "list").out == ""


def test_a_setting_that_no_erp_has_is_not_kept(abax: Shell) -> None:
    done = abax("secret", "put", "erp", "--url", "postgresql://u:p@h/db", "--set", "clint=1")
    assert (done.code, abax("secret", "list").out) == (2, "")
    told = " ".join(done.err.split())
    assert "no ERP has a setting 'clint' (did you mean 'client'?); there are" in told
    assert "ledger (Oracle E-Business Suite, SAP)" in told


def test_a_file_that_cannot_be_read_is_told_plainly(closed: Shell, tmp_path: Path) -> None:
    file = tmp_path / "budget.csv"
    lost = closed("ledger", "budget", "--file", file)
    assert lost.err.strip().endswith("budget.csv cannot be read: No such file or directory")
    file.write_bytes(b"\xff\xfe")
    assert "it is no text in UTF-8" in closed("ledger", "budget", "--file", file).err


def test_a_request_can_be_sent_and_dead_letters_sent_again(abax: Shell, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"secret": "erp", "company": "1", "year": 2025}))
    assert abax("queue", "send", file).code == 0
    queue = edge(abax.home).queue

    def fail(message: object) -> None:
        raise RuntimeError("boom")

    assert "no dead letters" in abax("queue", "dead").out
    queue._max_tries, queue._pause = 1, 0.0
    with pytest.raises(RuntimeError):
        queue.receive(fail)
    (letter,) = abax("queue", "dead", "--json").json
    assert letter["reason"] == "RuntimeError: boom"
    assert "boom" in abax("queue", "dead").out
    assert "1 messages sent again" in abax("queue", "redrive").out
    assert queue.waiting() == 1


def test_a_malformed_request_is_not_sent(abax: Shell, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text('{"secret": "erp", "company": "1", "year": "soon"}')
    done = abax("queue", "send", file)
    assert done.code == 2
    assert "error: year: " in done.err


def test_a_failed_job_is_asked_for_anew_by_a_redrive(abax: Shell) -> None:
    from abax.errors import UnmappedAccount
    from abax.workflow import jobs
    from abax.workflow.request import CloseRequest

    house = edge(abax.home)
    job, _ = jobs.request_close(house.services, CloseRequest(secret="erp", company="1", year=2025))
    jobs.fail(house.services.jobs, job.job_id, UnmappedAccount(["6999"]))
    house.queue._max_tries = 1

    def fail(message: object) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError):
        house.queue.receive(fail)
    abax("queue", "redrive")
    messages: list[Any] = []
    house.queue.receive(messages.append)
    assert messages[0]["job_id"] != job.job_id
    assert house.services.jobs.get(messages[0]["job_id"]).fingerprint == job.fingerprint


def test_the_key_stays_the_same(abax: Shell) -> None:
    first = abax("key").out
    assert len(first.strip()) >= 24
    assert abax("key").out == first
    assert (abax.home / "api_key").stat().st_mode & 0o777 == 0o600


# --- the rest


def test_the_sample_says_what_to_do_next(abax: Shell, tmp_path: Path) -> None:
    done = abax("sample", tmp_path / "s.sqlite", "--scale", "0.01")
    assert done.code == 0
    assert "posted journal lines" in done.out
    assert done.out.count("abax close --url sqlite:////") == 2
    assert json.loads((tmp_path / "s.nordlicht-maschinenbau-gmbh.json").read_text())["1000"] == "inventory"


def test_the_version_is_printed(abax: Shell) -> None:
    from abax import __version__

    assert abax("--version").out.strip() == f"abax {__version__}"


COMMANDS = ("close", "explain", "jobs", "ledger", "erp", "queue", "secret", "key", "serve", "sample", "demo")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(abax: Shell, command: str) -> None:
    done = abax(command, "--help")
    assert done.code == 0
    assert "Usage" in done.out


@pytest.mark.parametrize("command", [("jobs",), ("key",), ("secret", "list")])
def test_a_home_that_is_no_folder_is_one_line_and_no_traceback(
    abax: Shell, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "home").write_text("a file in the way")
    done = abax(*command)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ") and "--home" in done.err


def test_no_figure_is_cut_in_a_narrow_terminal(closed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = closed("ledger", "trial-balance", "--json").json
    monkeypatch.setattr(terminal, "PIPE_WIDTH", 50)
    narrow = closed("ledger", "trial-balance").out
    for row in wide["rows"]:
        assert terminal.display(terminal.Decimal(row["closing"]), "EUR") in narrow


def test_a_statement_class_stays_whole_in_a_narrow_terminal(
    abax: Shell, sap_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    source = ("--url", sap_url, "--company", sap.COMPANY, "--set", "client=100")
    shown = abax("erp", "accounts", *source).out
    assert "other_current_liabilities" in shown
    assert "receivables" in shown


def test_a_question_to_a_database_ends_when_its_time_is_up(abax: Shell) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    done = abax("erp", "query", endless, "--url", sample.url(), "--seconds", "0.2")
    assert done.code == 1
    assert "ended after 0.2 s, the longest that this run may take" in done.err
    assert "1 row in" in abax("erp", "query", "SELECT 1", "--url", sample.url()).err
