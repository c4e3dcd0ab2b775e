import numpy as np
import pytest
from abax.errors import InvalidRequest
from abax.mail.classifier import SHIPPED, Classifier, shares_of
from abax.mail.features import Recipe
from abax.mail.learning import Example, Settings, Vectors, train

SETTINGS = Settings(Recipe(buckets=1 << 12))
TEXTS = {
    "invoice": [
        "please correct the invoice",
        "the invoice is wrong",
        "send a copy of the invoice",
        "invoice lost",
    ],
    "parcel": ["where is the parcel", "the parcel is late", "my parcel did not arrive", "parcel tracking"],
    "login": ["I cannot log in", "reset my password", "my login is locked", "password forgotten"],
}
EXAMPLES = [Example(text, label) for label, texts in TEXTS.items() for text in texts]


@pytest.fixture(scope="module")
def model():
    return train(EXAMPLES, "topics", SETTINGS)


def test_shares_sum_to_one_and_the_likeliest_is_right(model):
    [scores] = model.scores(["the parcel has still not arrived"])
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert max(scores, key=scores.get) == "parcel"


def test_no_texts_have_no_scores(model):
    assert model.scores([]) == []


def test_a_file_holds_the_whole_classifier(model):
    again = Classifier.restore(model.dump())
    texts = [one.text for one in EXAMPLES] + ["", "?"]
    assert again.labels == model.labels
    assert np.allclose(again.shares(texts), model.shares(texts), atol=1e-6)
    assert again.known["examples"] == len(EXAMPLES)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(InvalidRequest, match="holds no classifier"):
        Classifier.load(path)
    np.savez(path, told=np.frombuffer(b'{"form": 9}', np.uint8))
    with pytest.raises(InvalidRequest, match="form 9"):
        Classifier.load(path)


def test_a_name_that_is_nothing_is_refused_with_those_that_ship(tmp_path):
    with pytest.raises(InvalidRequest, match="category, spam"):
        Classifier.load(tmp_path / "none.npz")


def test_two_labels_need_one_column():
    two = train([one for one in EXAMPLES if one.label != "login"], "two", SETTINGS)
    assert two.weights.shape[1] == 1
    [scores] = two.scores(["where is my parcel"])
    assert scores["parcel"] > scores["invoice"]


def test_a_colder_temperature_makes_answers_surer():
    margins = np.array([[1.0, 0.2, -1.0]])
    assert shares_of(margins, 0.3).max() > shares_of(margins, 1.0).max()


class Letters:
    name = "letters"

    def __call__(self, texts):
        return np.array([[text.count(sign) for sign in "abcdefgh"] for text in texts], np.float32)


def test_what_learnt_from_embeddings_asks_for_them():
    embed = Letters()
    vectors = Vectors(embed.name, embed([one.text for one in EXAMPLES]))
    model = train(EXAMPLES, "dense", SETTINGS, vectors)
    with pytest.raises(InvalidRequest, match="embeddings of letters"):
        model.scores(["x"])
    again = Classifier.restore(model.dump())
    texts = ["where is the parcel"]
    assert np.allclose(again.shares(texts, embed), model.shares(texts, embed), atol=5e-3)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_classifier_is_small_and_says_what_it_learnt_from(name):
    model = Classifier.load(name)
    assert model.name == name
    assert len(model.dump()) < 1_000_000
    assert model.known["examples"] > 1000
    assert 0 <= model.known["generated_share"] <= 1


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Invoice 4711\nThe amount on this invoice is not right, could we get a corrected one?", "billing"),
        ("Lieferung\nDie Ware ist noch immer nicht bei uns angekommen, wo bleibt das Paket?", "delivery"),
        ("Contrat\nNous résilions notre contrat de maintenance à la fin de l'année.", "contract"),
        ("Olvidé la clave\nNo recuerdo mi contraseña y no puedo entrar en mi cuenta.", "account"),
        ("Reclamo\nLa merce è arrivata rotta e graffiata.", "complaint"),
        ("Betaling\nWe hebben het bedrag vorige week overgemaakt.", "payment"),
        ("Awaria\nPortal nie działa, wyświetla błąd przy logowaniu do systemu.", "technical"),
    ],
)
def test_the_shipped_categories_are_told_in_seven_languages(text, category):
    [scores] = Classifier.load("category").scores([text])
    assert category in sorted(scores, key=scores.get)[-2:]


def test_the_shipped_action_tells_a_request_from_a_statement():
    asks, tells = Classifier.load("action").scores(
        ["Could you please send me the signed contract by Friday?", "It rained all day in London."]
    )
    assert asks["yes"] > 0.7 > 0.5 > tells["yes"]
