import pytest
from abax.mail.classifier import Classifier
from abax.mail.learning import Example, train
from abax.mail.reading import Sentence
from abax.mail.telling import WEIGHINGS, Weighing, telling

LONG = (
    "We bought four hundred chairs in several lots last year and moved the bookkeeping to another town. "
    "The statement lists the invoices of March and April with their dates and numbers. "
)
ANGRY = "I am furious about this."


def sentences(*texts: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(text, place) for place, text in enumerate(texts))


@pytest.fixture(scope="module")
def feelings() -> Classifier:
    plain = (
        "the statement lists the invoices",
        "we bought chairs",
        "the bookkeeping moved",
        "dates and numbers",
    )
    angry = ("i am furious about this", "furious about the delay", "we are furious", "this makes me furious")
    return train(
        [
            Example(f"{text} {number}", label)
            for label, texts in (("neutral", plain), ("negative", angry))
            for text in texts
            for number in range(6)
        ],
        "feelings",
    )


def test_one_sentence_of_anger_counts_in_a_long_mail(feelings: Classifier) -> None:
    text = 4 * LONG + ANGRY
    parts = [sentences("", *4 * (LONG,), ANGRY)]
    (pooled,) = telling(feelings, [text], parts, Weighing("neutral", 0.5, 0.5))
    (whole,) = feelings.scores([text])
    assert pooled["negative"] > whole["negative"]
    assert sum(pooled.values()) == pytest.approx(1)


def test_a_greeting_tells_nothing_by_itself(feelings: Classifier) -> None:
    weighing = Weighing("neutral", 0.5, 0.5)
    (alone,) = telling(feelings, [LONG], [sentences("", LONG)], weighing)
    (greeted,) = telling(feelings, [LONG], [sentences("", "Furious greetings", LONG)], weighing)
    assert greeted == alone


def test_a_mail_without_sentences_is_told_by_all_of_it(feelings: Classifier) -> None:
    (found,) = telling(feelings, [ANGRY], [()], Weighing("neutral", 1.0, 0.0))
    (whole,) = feelings.scores([ANGRY])
    assert found == pytest.approx(whole, abs=1e-4)


def test_labels_of_ones_own_are_told_by_whole_texts(feelings: Classifier) -> None:
    found = telling(feelings, [LONG], [sentences("", LONG)], Weighing("calm", 1.0, 1.0))
    assert found == feelings.scores([LONG])


def test_no_texts_have_no_shares(feelings: Classifier) -> None:
    assert telling(feelings, [], [], WEIGHINGS["sentiment"]) == []


def test_weighings_are_of_labels_that_ship() -> None:
    for task, weighing in WEIGHINGS.items():
        labels = Classifier.load(task).labels
        assert weighing.plain in labels
        assert set(weighing.added) <= set(labels)
