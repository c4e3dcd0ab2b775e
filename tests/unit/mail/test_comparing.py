import numpy as np
import pytest
from abax.errors import InvalidRequest
from abax.mail import learning
from abax.mail.classifier import Classifier
from abax.mail.comparing import Compared, raised
from abax.mail.features import Recipe, rows_of
from abax.mail.learning import Example, Settings, Vectors, train

SETTINGS = Settings(Recipe(buckets=1 << 12), strength=3.0, power=3)
WORDS = {
    "billing": ("invoice", "credit", "vat", "charged", "amount"),
    "delivery": ("parcel", "truck", "pallet", "courier", "late"),
    "account": ("login", "password", "address", "user", "locked"),
}


def examples(count=120, seed=3):
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label = list(WORDS)[number % len(WORDS)]
        words = list(rng.choice(WORDS[label], 2)) + list(rng.choice(["please", "the", "our", "we", "is"], 4))
        found.append(Example(" ".join(rng.permutation(words)), label))
    return found


@pytest.fixture(scope="module")
def model():
    return train(examples(), "topics", SETTINGS)


def test_a_power_is_one_where_texts_are_the_same_and_small_where_they_share_nothing():
    inner = np.array([[2.0, 0.0, 1.0]], np.float32)
    assert np.allclose(raised(inner.copy(), 2.0, 3), [[1.0, 0.125, 0.421875]])
    assert np.allclose(raised(inner.copy(), 2.0, 1), [[1.0, 0.5, 0.75]])


def test_inner_products_are_those_of_the_rows():
    recipe = Recipe(buckets=1 << 10)
    seen, asked = (rows_of([one.text for one in examples(40, seed)], recipe) for seed in (1, 2))
    dense = [np.zeros((len(rows), recipe.width), np.float32) for rows in (seen, asked)]
    for rows, table in zip((seen, asked), dense, strict=True):
        table[np.repeat(np.arange(len(rows)), np.diff(rows.starts)), rows.places] = rows.values
    compared = Compared.of(seen, 3, 1.0, np.zeros((40, 2), np.float32))
    assert np.allclose(compared.inner(asked), dense[1] @ dense[0].T, atol=2e-3)


def test_a_text_of_nothing_that_was_seen_is_compared_with_all(model):
    shares = model.shares(["", "zzz qqq", "?" * 9])
    assert np.isfinite(shares).all()
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)


def test_what_is_learnt_holds_for_texts_that_were_not_seen(model):
    unseen = examples(60, seed=9)
    found = model.shares([one.text for one in unseen]).argmax(axis=1)
    assert np.mean([model.labels[best] == one.label for best, one in zip(found, unseen, strict=True)]) > 0.95


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("dense", [True, False])
def test_what_is_kept_says_what_the_inner_products_say(centred, dense):
    listed = examples()
    values = np.random.default_rng(1).normal(size=(len(listed), 8)).astype(np.float32)
    vectors = Vectors("toy", values) if dense else None
    problem = learning._Problem.of([one.text for one in listed], SETTINGS, vectors, centred=centred)
    labels = learning._labels(listed)
    signs = learning._signs(listed, labels)
    prior = learning._prior(signs)
    coefficients = learning.fit(problem.gram, signs, prior, 3.0)
    model = problem.classifier("x", labels, (coefficients, prior), 1.0, {})
    inside = problem.gram @ coefficients + prior
    given = Given(values) if dense else None
    assert np.allclose(model.margins([one.text for one in listed], given), inside, atol=0.02)


class Given:
    name = "toy"

    def __init__(self, values):
        self.values = values

    def __call__(self, texts):
        return self.values[: len(texts)]


def test_small_coefficients_of_many_examples_are_kept_beside_a_few_large_ones():
    rows = rows_of([f"w{at}" for at in range(3000)], Recipe(buckets=1 << 14))
    coefficients = np.full((3000, 1), -0.004, np.float32)
    coefficients[:10] = 1.0
    compared = Compared.of(rows, 1, 1.0, coefficients)
    assert compared.scores(np.zeros((1, 3000), np.float32)) == pytest.approx(
        0.5 * coefficients.sum(), abs=1e-2
    )


def test_a_file_holds_the_whole_classifier(model):
    again = Classifier.restore(model.dump())
    texts = [one.text for one in examples(30, seed=5)]
    assert np.allclose(again.shares(texts), model.shares(texts), atol=1e-6)


def test_a_file_with_embeddings_holds_the_whole_classifier():
    listed = examples()
    values = np.random.default_rng(1).normal(size=(len(listed), 8)).astype(np.float32)
    model = train(listed, "dense", SETTINGS, Vectors("toy", values))
    again = Classifier.restore(model.dump())
    texts = [one.text for one in listed[:20]]
    given = Given(values)
    assert np.allclose(again.shares(texts, given), model.shares(texts, given), atol=5e-3)


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("seen_places", lambda part: part[::-1]),
        ("seen_places", lambda part: part + 3 * (1 << 12)),
        ("seen_starts", lambda part: part[:-1]),
        ("seen_starts", lambda part: part[::-1]),
        ("seen_starts", lambda part: part + 1),
        ("seen_owners", lambda part: part + np.uint16(1000)),
        ("seen_owners", lambda part: part[1:]),
        ("seen_values", lambda part: part + np.float16("inf")),
        ("seen_values", lambda part: part.astype(np.float32)),
        ("coefficients", lambda part: part[:, :1]),
        ("coefficients", lambda part: part[:5]),
        ("power", lambda part: part * 0),
        ("power", lambda part: part * 50),
        ("most", lambda part: part * 0),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(model, name, harm):
    parts = model.compared.parts()
    Compared.restored(parts, SETTINGS.recipe.width, 3)
    with pytest.raises(ValueError, match=r"^its? "):
        Compared.restored(parts | {name: np.ascontiguousarray(harm(parts[name]))}, SETTINGS.recipe.width, 3)


def test_a_file_without_its_examples_is_refused(model, tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(model.dump())
    with np.load(path) as parts:
        kept = {name: parts[name] for name in parts.files if name != "seen_owners"}
    np.savez(path, **kept)
    with pytest.raises(InvalidRequest, match="seen_owners"):
        Classifier.load(path)


def test_examples_that_would_make_a_large_file_are_learnt_a_weight_a_place(monkeypatch):
    monkeypatch.setattr(learning, "_MOST_COMPARED", 100)
    model = train(examples(), "topics", SETTINGS)
    assert model.compared is None
    assert model.known["strength"] == SETTINGS.strength / learning._STEEPER
    assert len(model.places)
