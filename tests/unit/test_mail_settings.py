"""``abax mail settings``: what makes no sense is refused with what was meant; defaults can be had back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from abax.cli import app
from abax.commands.mail_settings import ABOUT, SAMPLES, example_file
from abax.compose import edge
from abax.mail.classifier import Classifier
from abax.mail.desk import Policy
from abax.mail.learning import Example, train
from abax.mail.replies import _HOW_SURE
from abax.mail.sending import SendPolicy
from abax.workflow import mail_practice
from abax.workflow.mail_practice import Practice, practice_of, set_practice
from abax.workflow.mail_settings import KNOWN_BY, LABELS
from typer.testing import CliRunner, Result

TAXONOMY = """
name = "club"
version = 3
unsure = "rest"
[[department]]
name = "office"
[[category]]
name = "dues"
department = "office"
words = {en = ["membership fee"]}
[[category]]
name = "rest"
department = "office"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ABAX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ABAX_CALLBACK_NETWORK", raising=False)
    mail_practice.forget()
    yield tmp_path / "home"
    mail_practice.forget()


def given(folder: Path, toml: str) -> Result:
    (folder / "mail.toml").write_text(toml, encoding="utf-8")
    return CliRunner().invoke(app, ["mail", "settings", str(folder / "mail.toml")])


def set_to(folder: Path, toml: str) -> dict[str, Any]:
    done = given(folder, toml)
    assert done.exit_code == 0, done.exception
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('ownn = "x"', "ownn: there is no such field; did you mean own?"),
        ('own = "not an address"', "own: 'not an address' is no mail address"),
        ('own_addresses = ["ar@house.example", "x"]', "own_addresses: 'x' is no mail address"),
        ("[answers]\nkind = {}", "answers.kind: there is no such field; did you mean kinds?"),
        (
            '[answers]\nknown_by = ["psychic"]',
            "answers.known_by: 'psychic': there is no such way to be known",
        ),
        ("[answers.kinds]\nreceit = 0.9", "answers.kinds: 'receit': there is no such kind of reply; did you"),
        ("[answers.kinds]\nreceipt = 7", "answers.kinds.receipt: is 7"),
        ("[policy]\nsuer = 0.7", "policy: suer: there is no such field; did you mean sure?"),
        ("[policy]\nsure = 2", "policy: sure: is 2"),
        ('[tickets]\nurl = "https://desk.example/x"', "tickets.url: there is no such queue; there are "),
        (
            '[tickets]\nsuport = "https://desk.example/x"',
            "tickets.suport: there is no such queue; did you mean",
        ),
        (
            '[tickets]\n"*" = "http://desk.example/x"',
            "tickets.*: 'http://desk.example/x' must be an https URL",
        ),
        ('[tickets]\n"*" = "https://10.0.0.7/x"', "is no public address"),
        ('[tickets]\n"*" = "mailto:nobody"', "tickets.*: 'nobody' is no mail address"),
        ('[contacts]\n"customer.example" = "Customer"', "contacts: 'customer.example' is no mail address"),
        ('[contacts]\n"@customer.example" = " "', "contacts: @customer.example names no partner"),
        ('[classifiers]\nfoo = "x.npz"', "classifiers: 'foo': there is no such task"),
        ('[classifiers]\ncategory = "x.npz"', "classifiers: there is no "),
        ('taxonomy = "nosuch.toml"', "nosuch.toml"),
        ("taxonomy = 5", "taxonomy: is 5"),
        ("own = ", "is no TOML"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_its_name_and_what_was_meant(
    tmp_path: Path, home: Path, toml: str, said: str
) -> None:
    done = given(tmp_path, toml)
    assert done.exit_code != 0 and said in str(done.exception)
    assert practice_of(edge(home).mail.records) == Practice()


def test_tickets_go_to_addresses_of_the_house_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABAX_CALLBACK_NETWORK", "private")
    assert set_to(tmp_path, '[tickets]\n"*" = "http://10.0.0.7/x"')["tickets"] == {"*": "http://10.0.0.7/x"}


def test_who_names_a_webhook_is_told_of_the_secret_that_signs(tmp_path: Path, home: Path) -> None:
    toml = '[tickets]\n"*" = "https://desk.example/tickets"'
    assert "abax secret put abax/mail/tickets --key" in given(tmp_path, toml).stderr
    edge(home).secrets.put("abax/mail/tickets", {"key": "k"})
    assert "abax/mail/tickets" not in given(tmp_path, toml).stderr


# --- what must go together ------------------------------------------------------------------------------


def club(folder: Path) -> None:
    """A taxonomy, rules for it, and a classifier that has learnt its categories."""
    (folder / "club.toml").write_text(TAXONOMY, encoding="utf-8")
    rule = '[[rule]]\nid = "dues"\nwhen = {words = ["dues"]}\nthen = {category = "dues"}\n'
    (folder / "rules.toml").write_text(rule, encoding="utf-8")
    pairs = [("my membership fee", "dues"), ("good morning to all", "rest")]
    examples = [Example(f"{text} {at}", label) for at in range(4) for text, label in pairs]
    (folder / "club.npz").write_bytes(train(examples, "club").dump())


OWN_KIND = 'taxonomy = "club.toml"\nrules = "rules.toml"\n[classifiers]\ncategory = "club.npz"\n'


def test_a_classifier_needs_the_taxonomy_whose_categories_it_tells(tmp_path: Path) -> None:
    club(tmp_path)
    alone = given(tmp_path, '[classifiers]\ncategory = "club.npz"')
    assert "labels dues, rest are not in the taxonomy finance-operations" in str(alone.exception)
    assert "name the taxonomy that it was trained for" in str(alone.exception)
    assert set_to(tmp_path, OWN_KIND)["classifiers"]["category"]
    (tmp_path / "wrong.npz").write_bytes(Classifier.load("sentiment").dump())
    wrong = given(tmp_path, '[classifiers]\nurgency = "wrong.npz"')
    assert "are not in what a classifier of urgency says" in str(wrong.exception)


def test_rules_must_name_what_the_taxonomy_has(tmp_path: Path) -> None:
    club(tmp_path)
    assert "dues" in str(given(tmp_path, 'rules = "rules.toml"').exception)
    assert set_to(tmp_path, 'taxonomy = "club.toml"\nrules = "rules.toml"')["rules"]


def test_an_empty_name_is_the_default_again(tmp_path: Path, home: Path) -> None:
    club(tmp_path)
    set_to(tmp_path, OWN_KIND)
    halfway = given(tmp_path, 'taxonomy = ""')
    assert halfway.exit_code != 0  # its rules and its classifier would stay
    back = set_to(tmp_path, 'taxonomy = ""\nrules = ""\n[classifiers]\ncategory = ""\n')
    assert (back["taxonomy"], back["rules"], back["classifiers"]) == ("", "", {})
    assert practice_of(edge(home).mail.records) == Practice()


def test_what_was_set_before_it_was_looked_at_so_closely_is_still_read(home: Path) -> None:
    records = edge(home).mail.records
    records.put("settings", "mail", {"own": "not an address", "classifiers": {"foo": "key"}})
    assert set_practice(records, {"own_name": "Receivables"}).own == "not an address"


# --- the example ----------------------------------------------------------------------------------------


def uncommented(prefix: str = "#", samples: bool = False) -> dict[str, Any]:
    """The example with its keys, and its samples where wanted, no longer behind ``#``."""
    lines = []
    for line in example_file().splitlines():
        if line.startswith("#   "):
            lines += [line[4:]] if samples else []
        elif line.startswith(prefix) and not line.startswith("# "):
            lines.append(line[1:])
    return tomllib.loads("\n".join(lines))


def test_the_example_has_every_key_with_its_default() -> None:
    found = uncommented()
    policy = Policy().model_dump(mode="json")
    assert float(found["policy"].pop("large_amount")) == float(policy.pop("large_amount"))
    assert found.pop("policy") == policy
    assert found == {key: one for key, one in Practice().model_dump(mode="json").items() if key != "policy"}


def test_every_key_of_the_settings_is_explained() -> None:
    inner = [f"answers.{key}" for key in SendPolicy.model_fields] + [
        f"policy.{key}" for key in Policy.model_fields
    ]
    assert set(ABOUT) == {*Practice.model_fields, *inner}
    assert set(SAMPLES) <= set(ABOUT)


def test_the_example_changes_nothing_as_it_is_and_its_samples_can_be_set(tmp_path: Path, home: Path) -> None:
    shown = CliRunner().invoke(app, ["mail", "settings", "--example"])
    assert shown.exit_code == 0 and shown.stdout == example_file() and not home.exists()
    assert set_to(tmp_path, shown.stdout) == Practice().model_dump(mode="json")
    samples = uncommented(samples=True)
    samples.pop("classifiers")
    set_practice(edge(home).mail.records, samples)


def test_ways_to_be_known_and_labels_of_tasks_are_those_that_there_are() -> None:
    assert set(KNOWN_BY) <= set(_HOW_SURE)
    for task, labels in LABELS.items():
        assert set(Classifier.load(task).labels) <= set(labels)
