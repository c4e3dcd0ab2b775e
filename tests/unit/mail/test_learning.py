import numpy as np
import pytest
from abax.errors import InvalidRequest
from abax.mail import learning
from abax.mail.features import Recipe
from abax.mail.learning import Example, Settings, Vectors, best_cut, calibrated, fit, folds_of, train

SETTINGS = Settings(Recipe(buckets=1 << 12))
WORDS = {
    "billing": ("invoice", "credit", "vat", "charged", "amount"),
    "delivery": ("parcel", "truck", "pallet", "courier", "late"),
    "account": ("login", "password", "address", "user", "locked"),
}


def examples(count=120, seed=3, noise=0.0):
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label = list(WORDS)[number % len(WORDS)]
        words = list(rng.choice(WORDS[label], 3)) + list(rng.choice(["please", "the", "our", "we", "is"], 4))
        if rng.random() < noise:
            label = str(rng.choice(list(WORDS)))
        found.append(Example(" ".join(rng.permutation(words)), label))
    return found


def test_what_is_learnt_holds_for_texts_that_were_not_seen():
    model = train(examples(), "topics", SETTINGS)
    unseen = examples(60, seed=9)
    found = model.shares([one.text for one in unseen]).argmax(axis=1)
    assert np.mean([model.labels[best] == one.label for best, one in zip(found, unseen, strict=True)]) > 0.95


def test_the_same_examples_make_the_same_classifier():
    one, other = (train(examples(), "topics", SETTINGS).dump() for _ in range(2))
    assert one == other


def test_noise_in_the_labels_makes_the_classifier_less_sure():
    clean, noisy = (train(examples(300, noise=noise), "topics", SETTINGS) for noise in (0.0, 0.4))
    text = ["invoice credit vat please"]
    assert clean.shares(text).max() > noisy.shares(text).max() + 0.1
    assert noisy.known["ece"] < 0.1
    assert noisy.known["accuracy"] < clean.known["accuracy"]


@pytest.mark.parametrize("centred", [True, False])
def test_weights_that_are_kept_say_what_the_inner_products_say(centred):
    listed = examples()
    problem = learning._Problem.of([one.text for one in listed], SETTINGS, None, centred=centred)
    labels = learning._labels(listed)
    signs = learning._signs(listed, labels)
    prior = learning._prior(signs)
    coefficients = fit(problem.gram, signs, prior, 1.0)
    model = problem.classifier("x", labels, (coefficients, prior), 1.0, {})
    inside = problem.gram @ coefficients + prior
    assert np.allclose(model.margins([one.text for one in listed]), inside, atol=0.03)


def test_the_machine_is_at_the_least_of_its_loss():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 6)).astype(np.float32)
    signs = np.sign(rows[:, :1] + 0.5 * rng.normal(size=(40, 1))).astype(np.float32)
    gram = rows @ rows.T
    prior = np.zeros(1, np.float32)

    def loss(coefficients):
        reach = gram @ coefficients
        missed = np.maximum(0, 1 - signs * reach)
        return float(0.5 * (coefficients * reach).sum() + 0.5 * (missed**2).sum())

    found = fit(gram, signs, prior, 1.0)
    least = loss(found)
    for step in range(20):
        other = found + 0.02 * np.random.default_rng(step).normal(size=found.shape).astype(np.float32)
        assert loss(other) > least - 1e-3


def test_of_many_labels_the_least_loss_is_reached_in_few_steps(monkeypatch):
    rng = np.random.default_rng(0)
    wanted = np.arange(400) % 25
    rows = rng.normal(size=(25, 30))[wanted] + rng.normal(size=(400, 30)) + 5  # all of them point one way
    gram = (rows @ rows.T / 30).astype(np.float32)
    signs = np.where(wanted[:, None] == np.arange(25), 1, -1).astype(np.float32)
    prior = np.full(25, -1, np.float32)

    def loss(coefficients):
        reach = gram @ coefficients
        missed = np.maximum(0, 1 - signs * (reach + prior))
        return float(0.5 * (coefficients * reach).sum() + 2.5 * (missed**2).sum())

    def reached(steps, directions):
        monkeypatch.setattr(learning, "_CLOSE", 1e-4)
        monkeypatch.setattr(learning, "_STEPS", steps)
        monkeypatch.setattr(learning, "_DIRECTIONS", directions)
        return loss(fit(gram, signs, prior, 5.0))

    least = reached(1500, 0)
    assert reached(60, 20) < 1.01 * least < reached(60, 0)


def test_no_group_is_in_two_folds_and_labels_are_spread():
    listed = [Example(f"text {at}", "ab"[at % 2], group=f"g{at // 3}") for at in range(90)]
    folds = folds_of(listed, 5)
    by_group = {}
    for one, fold in zip(listed, folds, strict=True):
        by_group.setdefault(one.group, set()).add(int(fold))
    assert all(len(found) == 1 for found in by_group.values())
    assert np.bincount(folds).min() >= 15
    assert (folds == folds_of(listed, 5)).all()


def test_large_groups_of_several_labels_leave_every_label_in_every_fold():
    large = [
        Example(f"{group} {at}", "a" if at else "b", f"large {group}")
        for group in range(3)
        for at in range(40)
    ]
    alone = [Example(f"alone {at}", "ab"[at % 2]) for at in range(60)]
    listed = large + alone
    folds = folds_of(listed, 3)
    own = folds[len(large) :]
    assert all(set(own[label::2]) == {0, 1, 2} for label in (0, 1))


def test_fewer_than_two_labels_teach_nothing():
    with pytest.raises(InvalidRequest, match="two labels"):
        train([Example("a b", "x"), Example("c d", "x")], "one", SETTINGS)
    with pytest.raises(InvalidRequest, match="two examples or more: y"):
        train([Example("a b", "x"), Example("c d", "x"), Example("e", "y")], "rare", SETTINGS)


def test_of_too_many_examples_each_label_keeps_its_share(monkeypatch):
    monkeypatch.setattr(learning, "MOST", 60)
    model = train(examples(150), "topics", SETTINGS)
    assert model.known["examples"] == 60
    assert set(model.known["by_label"].values()) == {20}


def test_calibration_finds_the_scale_and_the_shift_of_margins():
    rng = np.random.default_rng(5)
    margins = rng.normal(size=(4000, 1))
    share = 1 / (1 + np.exp(-(4 * margins[:, 0] + 1)))
    temperature, shift = calibrated(margins, (rng.random(4000) < share).astype(int))
    assert 2 / temperature == pytest.approx(4, rel=0.1)
    assert shift == pytest.approx(0.25, abs=0.05)


def test_the_best_cut_has_the_best_f1():
    shares = np.array([0.9, 0.8, 0.45, 0.4, 0.3, 0.1])
    wanted = np.array([True, False, True, True, False, False])
    assert best_cut(shares, wanted) == pytest.approx(0.4)


def test_embeddings_help_where_words_say_nothing():
    rng = np.random.default_rng(2)
    labels = ["odd" if at % 2 else "even" for at in range(120)]
    listed = [Example(f"w{rng.integers(10_000)}q{at}", label) for at, label in enumerate(labels)]
    values = rng.normal(size=(120, 8)).astype(np.float32)
    values[:, 0] += np.where(np.arange(120) % 2, 3, -3)
    blind = train(listed, "blind", SETTINGS)
    seeing = train(listed, "seeing", SETTINGS, Vectors("toy", values))
    assert seeing.known["accuracy"] > 0.9 > blind.known["accuracy"]


def test_no_confidence_has_no_calibration_error_when_borne_out():
    sure = np.array([0.8] * 10)
    assert learning.calibration_error(sure, np.arange(10) < 8) == pytest.approx(0)
    assert learning.calibration_error(sure, np.arange(10) < 3) == pytest.approx(0.5)


def test_examples_that_come_in_even_groups_are_learned_and_nothing_overflows():
    texts = {
        "invoice": "invoice amount credit",
        "login": "password login locked",
        "parcel": "parcel truck late",
    }
    grouped = [Example(f"{words} {number}", label) for label, words in texts.items() for number in range(4)]
    model = train(grouped, "grouped", Settings(Recipe(buckets=1 << 8)))
    assert np.isfinite(model.scales).all() and np.isfinite(model.offsets).all()
    for label, words in texts.items():
        [scores] = model.scores([words])
        assert max(scores, key=scores.get) == label
