import json
import random
from datetime import UTC, date, datetime

import pytest
from abax.mail import evaluate as module
from abax.mail.contracts import (
    Action,
    Asked,
    Claim,
    Entity,
    Priority,
    Sentiment,
    Triage,
    Urgency,
)
from abax.mail.evaluate import Judged, Told, evaluate, figures_of, page, set_figures, wilson
from abax.mail.features import Recipe
from abax.mail.learning import Settings


def test_wilsons_interval_is_the_published_one():
    found = wilson(8, 10)
    assert (found["low"], found["high"]) == (pytest.approx(0.4902, abs=1e-3), pytest.approx(0.9433, abs=1e-3))
    assert wilson(0, 0)["share"] is None
    assert wilson(10, 10)["high"] == 1


def test_figures_count_each_label_and_what_it_was_taken_for():
    judged = [
        Judged("a", "a", 0.9),
        Judged("a", "b", 0.8),
        Judged("b", "b", 0.7),
        Judged("b", "b", 0.6),
    ]
    figures = figures_of(judged)
    assert figures["accuracy"]["right"] == 3
    assert figures["labels"]["a"] == {
        "precision": 1.0, "recall": 0.5, "f1": 0.6667, "right": 1, "of": 2, "found": 1,
    }  # fmt: skip
    assert figures["labels"]["b"]["f1"] == pytest.approx(0.8)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert figures["matrix"] == {"a": {"a": 1, "b": 1}, "b": {"b": 2}}
    assert figures["confused"] == [{"wanted": "a", "found": "b", "count": 1}]
    assert figures["calibration"]["ece"] == pytest.approx((0.1 + 0.8 + 0.3 + 0.4) / 4, abs=1e-4)


def test_languages_are_told_apart():
    judged = [Judged("a", "a", 0.9, "en"), Judged("a", "b", 0.8, "de"), Judged("b", "b", 0.8, "de")]
    by_language = figures_of(judged)["by_language"]
    assert by_language["en"]["share"] == 1
    assert (by_language["de"]["right"], by_language["de"]["of"]) == (1, 2)


FILLING = ["we", "our", "the", "please", "it", "was", "not", "and", "is", "to", "of", "for"]


@pytest.fixture
def table(tmp_path):
    rng = random.Random(4)
    words = {
        "billing": ["invoice", "vat", "charged", "credit", "amount", "price"],
        "delivery": ["parcel", "truck", "pallet", "courier", "ramp", "tracking"],
        "account": ["login", "password", "user", "locked", "address", "portal"],
    }
    rows = ["text,category"]
    for number in range(90):
        label = sorted(words)[number % 3]
        filling = rng.sample(FILLING, 4)
        text = " ".join(rng.sample([*rng.sample(words[label], 3), *filling], 7))
        rows.append(f"{text},{label}")
    (tmp_path / "train.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_texts_are_judged_by_classifiers_that_have_not_seen_them(table, monkeypatch):
    seen = []
    train = module.learning.train

    def watched(examples, *rest):
        seen.append({one.text for one in examples})
        return train(examples, *rest)

    monkeypatch.setattr(module.learning, "train", watched)
    figures = evaluate(table, folds=3, settings=Settings(Recipe(buckets=1 << 12)))
    assert len(seen) == 3
    assert figures["texts"] == 90
    assert figures["tasks"]["label"]["accuracy"]["share"] > 0.9
    assert set.intersection(*seen) == set()


class Counting:
    name = "counting"

    def __init__(self):
        self.texts = 0

    def __call__(self, texts):
        import numpy as np

        self.texts += len(texts)
        return np.array([[len(text), text.count("e"), text.count("i")] for text in texts], np.float32)


def test_embeddings_are_made_once_for_all_folds(table):
    embed = Counting()
    figures = evaluate(table, folds=3, embed=embed, settings=Settings(Recipe(buckets=1 << 12)))
    assert embed.texts == 90
    assert figures["embeddings"] == "counting"


def claim(value):
    return Claim(value=value, confidence=0.8)


def triaged(message):
    """A triage that thinks that all is billing, and that everything is asked by 10 March."""
    action = Action(kind="correct", text="x", due=date(2026, 3, 10), evidence="x", confidence=0.9)
    entity = Entity(kind="invoice", value="INV 4711", text="x", evidence="x", confidence=0.9)
    return Triage(
        message_id=message.message_id,
        thread_id=message.thread_id,
        taxonomy="t",
        language=claim("en"),
        category=claim("billing"),
        department=claim("accounts_receivable"),
        sentiment=claim(Sentiment.NEUTRAL),
        urgency=claim(Urgency.NORMAL),
        priority=claim(Priority.P3),
        queue="q",
        asked=Asked(wanted=claim(True), actions=(action,)),
        entities=(entity,),
        next_step=claim("x"),
        answerable=True,
    )


@pytest.fixture
def mails(tmp_path):
    truths = [
        {
            "category": "billing",
            "sentiment": "neutral",
            "action": True,
            "actions": [{"kind": "correct", "by": "2026-03-10"}],
            "entities": [{"kind": "invoice", "value": "INV-4711"}, {"kind": "order", "value": "9"}],
            "answerable": True,
        },
        {"category": "delivery", "action": False, "actions": [], "answerable": True},
    ]
    lines = [
        {"id": str(number), "language": "en", "from": "a@b.example", "to": "c@d.example", "subject": "s"}
        | {"date": f"2026-03-0{number + 3}T10:00:00Z", "body": "b", "truth": truth}
        for number, truth in enumerate(truths)
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


def test_the_whole_triage_is_judged_as_of_each_mails_day(mails):
    days = []

    def triager(messages, now):
        days.append(now)
        return [triaged(message) for message in messages]

    figures = evaluate(mails, triager=triager)
    assert days == [datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC)]
    assert figures["tasks"]["category"]["accuracy"]["right"] == 1
    assert figures["tasks"]["sentiment"]["accuracy"]["of"] == 1
    assert figures["tasks"]["action"]["matrix"] == {"no": {"yes": 1}, "yes": {"yes": 1}}
    assert figures["tasks"]["answerable"]["accuracy"]["share"] == 1
    assert "urgency" not in figures["tasks"]
    by_when = figures["sets"]["by_when"]
    assert (by_when["right"], by_when["of"], by_when["found"]) == (1, 1, 2)
    entities = figures["sets"]["entities"]
    assert (entities["mails"], entities["right"], entities["of"], entities["found"]) == (1, 1, 2, 1)


def told(language, wanted, found):
    return Told(language, *(frozenset((kind, "") for kind in kinds.split()) for kinds in (wanted, found)))


def test_sets_are_told_apart_by_kind_and_by_language():
    sets = [told("en", "pay confirm", "pay"), told("de", "refund", "explain"), told("de", "", "")]
    figures = set_figures(sets)
    assert figures["labels"]["pay"] == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 1, "of": 1, "found": 1,
    }  # fmt: skip
    assert (figures["labels"]["confirm"]["recall"], figures["labels"]["explain"]["precision"]) == (0.0, 0.0)
    assert (figures["by_language"]["en"]["precision"], figures["by_language"]["en"]["recall"]) == (1.0, 0.5)
    assert (figures["by_language"]["de"]["mails"], figures["by_language"]["de"]["right"]) == (2, 0)


def test_what_was_found_in_the_place_of_what_is_counted_by_mail():
    figures = set_figures([told("en", "pay", "explain"), told("en", "pay", "explain"), told("en", "pay", "")])
    assert figures["confused"] == [
        {"wanted": "pay", "found": "explain", "count": 2},
        {"wanted": "pay", "found": "", "count": 1},
    ]
    assert figures["errors"] == {"missed": 1, "invented": 0, "other": 2}


def test_mails_whose_set_nobody_has_told_are_not_counted():
    figures = set_figures([Told("en", None, frozenset({("pay", "")})), told("en", "", "pay")])
    assert (figures["mails"], figures["errors"]["invented"]) == (1, 1)


def test_the_page_shows_figures_and_hides_no_markup(mails):
    figures = evaluate(mails, triager=lambda messages, now: [triaged(one) for one in messages])
    figures["dataset"] = "<script>"
    shown = page(figures)
    assert "<script>" not in shown
    assert "category" in shown
    assert "1 of 2" in shown
    assert "found in its place" in shown


def test_the_page_of_texts_shows_its_labels(table):
    shown = page(evaluate(table, folds=2, settings=Settings(Recipe(buckets=1 << 12))))
    assert "billing" in shown
    assert "90 texts" in shown


def test_mails_without_a_triage_cannot_be_judged(mails):
    with pytest.raises(ValueError, match="triage"):
        evaluate(mails)
