from abax.mail.features import Recipe
from abax.mail.learning import Example, Settings, train
from abax.mail.suggest import suggest

TEXTS = {
    "billing": [
        "the invoice is wrong",
        "please correct the invoice",
        "invoice copy please",
        "invoice amount",
    ],
    "delivery": ["the parcel is late", "where is the parcel", "parcel tracking please", "parcel missing"],
}
MODEL = train(
    [Example(text, label) for label, texts in TEXTS.items() for text in texts],
    "topics",
    Settings(Recipe(buckets=1 << 12)),
)


def test_what_is_in_doubt_comes_first():
    found = suggest(["the invoice is wrong", "the invoice for the parcel", "where is the parcel"], MODEL, 1)
    assert found[0].text == "the invoice for the parcel"
    assert {label for label, _ in found[0].likeliest} == {"billing", "delivery"}
    assert 0 <= found[0].doubt <= 1


def test_no_two_suggestions_are_alike():
    texts = ["our new office dog"] * 5 + ["holiday greetings from us"]
    found = suggest(texts, MODEL, 6)
    assert sorted(one.text for one in found) == ["holiday greetings from us", "our new office dog"]


def test_a_text_unlike_those_that_are_taken_goes_before_one_that_is_like_them():
    doubtful = ["invoice for parcel one", "invoice for parcel two", "something else entirely"]
    found = suggest(doubtful, MODEL, 2)
    assert found[0].place != found[1].place
    assert 2 in (found[0].place, found[1].place)


def test_nothing_is_suggested_of_nothing():
    assert suggest([], MODEL, 3) == []
    assert suggest(["a"], MODEL, 0) == []
