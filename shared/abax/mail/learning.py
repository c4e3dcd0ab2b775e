"""How classifiers learn: support vector machines over all inner products of the examples, then a temperature.

::

    examples ──► rows ──► inner products ──► one machine a label (squared hinge) ──► weights a place
                                  └──► the same without each third ──► temperature, accuracy, calibration

The squared hinge is minimised in the space of the examples' own coefficients by Nesterov's accelerated
gradient with O'Donoghue and Candès's restarts (Adaptive restart for accelerated gradient schemes, 2015): each
step is one dense product, which is quick on any CPU. Of many labels, the steepest directions are found first:
steps are shorter in these, and longer in all others. Temperature: Guo et al., On calibration of modern neural
networks (2017).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from abax.errors import InvalidRequest, listed
from abax.mail.classifier import Classifier, Dense, shares_of, unit
from abax.mail.comparing import Compared, raised
from abax.mail.features import Recipe, Rows, rarity_of, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST: Final = 12_000
"""Examples that are learned from; of more, as many are drawn, each label by its share."""
_MOST_COMPARED: Final = 3_000_000
"""Signs of all examples up to which a classifier may keep them; more would be too large and too slow."""
_STEEPER: Final = 5.0
"""How many times as strong examples must be for a power of inner products, of which most are near nought."""
_STEPS: Final = 300
_CLOSE: Final = 0.03
"""Part of the residual that the last step may leave."""
_INNER: Final = 3
"""Parts of the examples, each of which is kept out once to calibrate by."""
_MANY: Final = 100_000
"""Examples times labels from which on one part alone is kept out: it is large enough, and time counts."""
_COLDEST, _HOTTEST = 0.02, 5.0


@dataclass(frozen=True)
class Example:
    """A text and its label."""

    text: str
    label: str
    group: str = ""
    """Examples of one group are never parted: copies, or mails of one template. Empty: it stands alone."""
    language: str = ""
    generated: bool = False


@dataclass(frozen=True)
class Settings:
    """How to learn."""

    recipe: Recipe = field(default_factory=Recipe)
    strength: float = 1.0
    """How much a misplaced example costs against large weights (C of a support vector machine)."""
    dense_share: float = 1.0
    """What embeddings weigh against words and pieces, where there are embeddings."""
    parts: int = 512
    """Independent parts of the embeddings that are looked at."""
    most_places: int = 200_000
    """Places that keep weights: those with the largest."""
    power: int = 1
    """What inner products are raised to. Above one, a classifier keeps its examples to compare texts with."""
    seek: Literal["accuracy", "f1"] = "accuracy"
    """What the decision between two labels is to be best at; ``f1`` is that of the second label."""

    def most(self, dense: bool) -> float:
        """A text's inner product with itself, traits left out, where there are embeddings or none."""
        return 1 + self.dense_share * dense


_BY_TASK: Final = {
    "label": Settings(Recipe(shortest=3, piece_share=0.4), strength=5.0, power=3),
    "action": Settings(Recipe(run=3, piece_share=0.0), strength=2.0, seek="f1"),
    "spam": Settings(
        Recipe(run=1, shortest=3, longest=4, piece_share=0.3, trait_share=2.3, buckets=1 << 16), strength=3.0
    ),
}


def settings_for(task: str) -> Settings:
    """What has proved good for a task, by cross-validation on public sets."""
    return _BY_TASK.get(task, Settings())


@dataclass(frozen=True, eq=False)
class Vectors:
    """Embeddings of the examples, and whose they are."""

    name: str
    values: NDArray[np.float32]
    """[examples, width]"""

    def take(self, chosen: NDArray[Any]) -> Vectors:
        """Those of some examples."""
        return Vectors(self.name, self.values[chosen])


def train(
    examples: Sequence[Example], name: str, settings: Settings | None = None, vectors: Vectors | None = None
) -> Classifier:
    """A calibrated classifier. Raises InvalidRequest for fewer than two labels, or one with one example."""
    settings = settings or Settings()
    chosen = _drawn(examples)
    examples = [examples[at] for at in chosen]
    if settings.power > 1 and sum(len(one.text) for one in examples) > _MOST_COMPARED:
        settings = replace(settings, power=1, strength=settings.strength / _STEEPER)
    vectors = vectors.take(chosen) if vectors is not None else None
    labels = _labels(examples)
    texts = [one.text for one in examples]
    problem = _Problem.of(texts, settings, vectors, centred=len(labels) <= _FEW_LABELS)
    signs = _signs(examples, labels)
    folds = folds_of(examples, _INNER)
    apart = range(1) if len(examples) * len(labels) > _MANY else range(_INNER)
    inside = out_of_fold(problem.gram, signs, folds, settings.strength, apart)
    judged = np.isin(folds, apart)
    wanted = np.array([labels.index(one.label) for one in examples])[judged]
    temperature, shift = calibrated(inside[judged], wanted)
    shares = shares_of(inside[judged] + shift, temperature)
    cut = best_cut(shares[:, 1], wanted == 1) if settings.seek == "f1" and len(labels) == 2 else 0.5
    known = _known(examples, shares, wanted, judged) | {"strength": settings.strength, "cut": cut}
    prior = _prior(signs)
    coefficients = fit(problem.gram, signs, prior, settings.strength)
    return problem.classifier(name, labels, (coefficients, prior + np.float32(shift)), temperature, known)


def _drawn(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Which examples are learned from: all, or ``MOST`` of them with every label by its share."""
    if len(examples) <= MOST:
        return np.arange(len(examples))
    mixed = sorted(range(len(examples)), key=lambda at: _mixed(f"{at} {examples[at].text}"))
    sizes = Counter(one.label for one in examples)
    taken: Counter[str] = Counter()
    found = []
    for at in mixed:
        label = examples[at].label
        if taken[label] < max(2, MOST * sizes[label] // len(examples)):
            taken[label] += 1
            found.append(at)
    return np.array(sorted(found))


def _mixed(text: str) -> bytes:
    """A key to sort by that has nothing to do with what it is the key of."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _labels(examples: Sequence[Example]) -> tuple[str, ...]:
    counts = Counter(one.label for one in examples)
    if len(counts) < 2:
        raise InvalidRequest(f"there must be two labels or more, and there is {listed(counts)}", "examples")
    rare = sorted(label for label, count in counts.items() if count < 2)
    if rare:
        raise InvalidRequest(f"a label needs two examples or more: {listed(rare)}", "examples")
    return tuple(sorted(counts))


def _signs(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """1 where an example has a column's label, else -1: [examples, columns]."""
    columns = labels[1:] if len(labels) == 2 else labels
    own = np.array([one.label for one in examples])
    return np.stack([np.where(own == label, 1, -1) for label in columns], axis=1).astype(np.float32)


_FEW_LABELS: Final = 20
"""Up to so many labels, examples are looked at from their mean; for more that proved worse."""


def _prior(signs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where each column starts from, so that weights need not say it: that a text has not the label, or, of
    few labels, how many have which."""
    if signs.shape[1] > _FEW_LABELS:
        return np.full(signs.shape[1], -1, np.float32)
    mean: NDArray[np.float32] = signs.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


# --- the problem ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Problem:
    """Examples as rows and all their inner products, about their mean where ``centred``."""

    settings: Settings
    centred: bool
    rarity: NDArray[np.uint8]
    most_rare: float
    rows: Rows
    gram: NDArray[np.float32]
    means: NDArray[np.float32]
    """Each example's mean inner product with all: [examples]."""
    dense: _DenseRows | None

    @classmethod
    def of(
        cls, texts: Sequence[str], settings: Settings, vectors: Vectors | None, *, centred: bool = True
    ) -> _Problem:
        rarity = rarity_of(rows_of(texts, settings.recipe)) - 1
        most_rare = float(np.log(1 + len(texts)))
        traits = rarity[2 * settings.recipe.buckets :]
        traits[traits >= most_rare] = 0  # one that no example has tells nothing, and takes no others' room
        codes = np.clip(np.round(255 / most_rare * rarity), 0, 255).astype(np.uint8)
        rows = rows_of(texts, settings.recipe, (1 + most_rare / 255 * codes).astype(np.float32))
        gram = rows.gram()
        dense = _DenseRows.of(vectors, settings) if vectors is not None else None
        if dense is not None:
            gram += dense.rows @ dense.rows.T
        if settings.power > 1:
            gram = raised(gram, settings.most(dense is not None), settings.power)
        means = gram.mean(axis=0)
        if centred:
            gram -= means
            gram -= means[:, None]
            gram += means.mean()
        return cls(settings, centred, codes, most_rare, rows, gram, means, dense)

    def classifier(
        self,
        name: str,
        labels: tuple[str, ...],
        solution: tuple[NDArray[np.float32], NDArray[np.float32]],
        temperature: float,
        known: dict[str, Any],
    ) -> Classifier:
        """What the coefficients mean for each place. ``solution``: them, and where the columns start from."""
        coefficients, prior = solution
        if self.centred:
            coefficients = coefficients - coefficients.mean(axis=0)
            prior = prior - self.means @ coefficients
        if self.settings.power > 1:
            return self._comparing(name, labels, coefficients, prior, temperature, known)
        places, weights = self.rows.turned_times(coefficients)
        places, codes, scales = _small(places, weights, self.settings.most_places)
        return Classifier(
            name,
            labels,
            self.settings.recipe,
            self.rarity,
            self.most_rare,
            places,
            codes,
            scales,
            prior.astype(np.float32),
            temperature,
            self.dense.part(coefficients) if self.dense is not None else None,
            known,
        )

    def _comparing(
        self,
        name: str,
        labels: tuple[str, ...],
        coefficients: NDArray[np.float32],
        offsets: NDArray[np.float32],
        temperature: float,
        known: dict[str, Any],
    ) -> Classifier:
        """A classifier that keeps the examples."""
        settings, dense = self.settings, self.dense
        return Classifier(
            name,
            labels,
            settings.recipe,
            self.rarity,
            self.most_rare,
            np.zeros(0, np.int32),
            np.zeros((0, len(offsets)), np.int8),
            np.ones(len(offsets), np.float32),
            offsets.astype(np.float32),
            temperature,
            dense.of_examples() if dense is not None else None,
            known,
            Compared.of(self.rows, settings.power, settings.most(dense is not None), coefficients),
        )


def _small(
    places: NDArray[np.int32], weights: NDArray[np.float32], most: int
) -> tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.float32]]:
    """The places with the largest weights, in 8 bits a weight."""
    if len(places) > most:
        size = np.abs(weights).max(axis=1)
        kept = np.sort(np.argpartition(size, -most)[-most:])
        places, weights = places[kept], weights[kept]
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    codes = np.round(weights / scales).astype(np.int8)
    felt = codes.any(axis=1)
    return places[felt], codes[felt], scales.astype(np.float32)


@dataclass(frozen=True, eq=False)
class _DenseRows:
    """Embeddings about their centre, turned to independent parts, each row of one length."""

    embedder: str
    centre: NDArray[np.float32]
    turn: NDArray[np.float32]
    share: float
    rows: NDArray[np.float32]
    """[examples, parts]"""

    @classmethod
    def of(cls, vectors: Vectors, settings: Settings) -> _DenseRows:
        centre = vectors.values.mean(axis=0)
        centred = vectors.values - centre
        spread, axes = np.linalg.eigh(centred.T @ centred / len(centred))
        kept = slice(max(0, len(spread) - settings.parts), None)
        floor = spread[-1] * 1e-4
        turn = (axes[:, kept] / np.sqrt(np.maximum(spread[kept], floor)) ** _WHITENED).astype(np.float32)
        rows = (unit(centred @ turn) * np.sqrt(settings.dense_share)).astype(np.float32)
        return cls(vectors.name, centre, turn, settings.dense_share, rows)

    def part(self, coefficients: NDArray[np.float32]) -> Dense:
        """The part of a classifier that looks at embeddings."""
        weights = np.sqrt(self.share) * (self.rows.T @ coefficients)
        return Dense(self.embedder, self.centre, self.turn, weights.astype(np.float32))

    def of_examples(self) -> Dense:
        """That of one that compares texts with the examples."""
        weights = np.sqrt(self.share) * self.rows.T
        return Dense(self.embedder, self.centre, self.turn, weights.astype(np.float32))


_WHITENED: Final = 0.75
"""How far the parts' spreads are made equal: 0 leaves them, 1 makes them all one."""


# --- the machine ----------------------------------------------------------------------------------------


def fit(
    gram: NDArray[np.float32], signs: NDArray[np.float32], prior: NDArray[np.float32], strength: float
) -> NDArray[np.float32]:
    """Coefficients [examples, columns] that minimise, for each column,
    ``|f|² / 2 + strength / 2 * sum(max(0, 1 - sign * (f + prior))²)`` with ``f = gram @ coefficients``."""
    ridge = 1 / strength
    step = _Step.of(gram, ridge, _DIRECTIONS if signs.shape[1] > _FEW_LABELS else 0)
    found = ahead = np.zeros_like(signs)
    speed = np.ones(signs.shape[1], np.float32)
    for _ in range(_STEPS):
        residual = signs * np.maximum(0, 1 - signs * (gram @ ahead + prior))
        push = residual - np.float32(ridge) * ahead
        updated = ahead + step(push)
        moved = updated - found
        turned = np.einsum("ij,ij->j", ahead - updated, moved) > 0
        faster = np.where(turned, 1, (1 + np.sqrt(1 + 4 * speed**2)) / 2).astype(np.float32)
        ahead = updated + np.where(turned, 0, (speed - 1) / faster).astype(np.float32) * moved
        found, speed = updated, faster
        if float(np.linalg.norm(push)) < _CLOSE * float(np.linalg.norm(residual)):
            break
    return found


_DIRECTIONS: Final = 64
"""Directions in which examples that are not looked at from their mean differ by far more than in the rest."""


@dataclass(frozen=True, eq=False)
class _Step:
    """How far to go where: less far in the steepest directions, so that it may be further in all others."""

    pace: np.float32
    directions: NDArray[np.float32]
    """The steepest: [examples, directions]."""
    slower: NDArray[np.float32]
    """What is to be taken off the pace in each of them: [directions, 1]."""

    @classmethod
    def of(cls, gram: NDArray[np.float32], ridge: float, count: int) -> _Step:
        count = min(count, len(gram) // 8)
        if not count:
            return cls(np.float32(1 / (ridge + _largest(gram))), gram[:, :0], np.zeros((0, 1), np.float32))
        directions, sizes = _steepest(gram, count)
        least = float(sizes[0])
        pace = 1 / (ridge + _LEEWAY * least)
        slower = pace - 1 / (ridge + _LEEWAY * sizes)
        return cls(np.float32(pace), directions, slower.astype(np.float32)[:, None])

    def __call__(self, push: NDArray[np.float32]) -> NDArray[np.float32]:
        """A step: [examples, columns]."""
        gone: NDArray[np.float32] = self.pace * push
        if len(self.slower):
            gone -= self.directions @ (self.slower * (self.directions.T @ push))
        return gone


_LEEWAY: Final = 1.25
"""Sizes of directions are found a little too small."""


def _steepest(gram: NDArray[np.float32], count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The eigenvectors of the largest eigenvalues [examples, count] and these, ascending, by subspace
    iteration (Halko, Martinsson and Tropp, Finding structure with randomness, 2011)."""
    found = np.random.default_rng(0).standard_normal((len(gram), 2 * count)).astype(np.float32)
    for _ in range(4):
        found = np.linalg.qr(gram @ found)[0]
    sizes, turn = np.linalg.eigh(found.T @ (gram @ found))
    return found @ turn[:, count:], sizes[count:]


def _largest(gram: NDArray[np.float32]) -> float:
    """The largest eigenvalue, a little above it, by the power method. From a second beginning too: examples
    that come in groups can leave the first without any part of the vector that it should grow to."""
    turns = np.ones(len(gram), np.float32)
    turns[::2] = -1
    mixed = np.random.default_rng(0).standard_normal(len(gram)).astype(np.float32)
    size = _grown(gram, turns, 30)
    if _grown(gram, mixed, 8) > 1.05 * size:
        size = _grown(gram, mixed, 30)
    return 1.05 * size


def _grown(gram: NDArray[np.float32], vector: NDArray[np.float32], steps: int) -> float:
    """How far a matrix stretches a vector that it has been applied to so often."""
    size = 1.0
    for _ in range(steps):
        vector = gram @ vector
        size = float(np.linalg.norm(vector))
        if size == 0:
            return 0.0
        vector = vector / np.float32(size)
    return size


def out_of_fold(
    gram: NDArray[np.float32],
    signs: NDArray[np.float32],
    folds: NDArray[np.int64],
    strength: float,
    apart: Iterable[int],
) -> NDArray[np.float32]:
    """What machines that were fitted on all other folds say of each example of the folds ``apart``, nought of
    the others: [examples, columns]."""
    found = np.zeros_like(signs)
    for fold in apart:
        out, kept = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        prior = _prior(signs[kept])
        coefficients = fit(gram[np.ix_(kept, kept)], signs[kept], prior, strength)
        found[out] = gram[np.ix_(out, kept)] @ coefficients + prior
    return found


def folds_of(examples: Sequence[Example], count: int, seed: int = 0) -> NDArray[np.int64]:
    """A fold for each example: every label spread evenly, no group in two folds, the same each time."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(examples):
        groups[one.group or f"\x00{at}"].append(at)
    sizes = Counter(one.label for one in examples)
    load: dict[int, Counter[str]] = defaultdict(Counter)
    folds = np.zeros(len(examples), np.int64)
    mixed = sorted(groups, key=lambda group: _mixed(f"{seed} {group} {examples[groups[group][0]].text}"))
    for group in sorted(mixed, key=lambda group: -len(groups[group])):
        labels = Counter(examples[at].label for at in groups[group])
        full = [
            sum(load[fold][one] * part / sizes[one] for one, part in labels.items()) for fold in range(count)
        ]
        fold = min(range(count), key=lambda at: (full[at], load[at].total(), at))
        load[fold] += labels
        folds[groups[group]] = fold
    return folds


def calibrated(margins: NDArray[Any], wanted: NDArray[np.int64]) -> tuple[float, float]:
    """The temperature that makes the labels likeliest and, of two labels, what is to be added to the margin
    (Platt, Probabilistic outputs for support vector machines, 1999)."""
    if margins.shape[1] > 1:
        return temperature_of(margins, wanted), 0.0
    design = np.stack((margins[:, 0], np.ones(len(margins))), axis=1).astype(np.float64)
    slope = np.array([1.0, 0.0])
    for _ in range(30):
        share = 1 / (1 + np.exp(-np.clip(design @ slope, -30, 30)))
        bent = (design * (share * (1 - share))[:, None]).T @ design + 1e-3 * np.eye(2)
        slope += np.linalg.solve(bent, design.T @ ((wanted == 1) - share) - 1e-3 * slope)
    steep = min(max(float(slope[0]), 2 / _HOTTEST), 2 / _COLDEST)
    return 2 / steep, float(slope[1]) / steep


def best_cut(shares: NDArray[Any], wanted: NDArray[np.bool_]) -> float:
    """The share from which on saying yes has the best F1."""
    order = np.argsort(-shares)
    right = np.cumsum(wanted[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + wanted.sum())
    return round(float(shares[order][int(f1.argmax())]), 4)


def temperature_of(margins: NDArray[Any], wanted: NDArray[np.int64]) -> float:
    """The temperature that makes the labels likeliest, by golden section over its logarithm."""
    ratio = (np.sqrt(5) - 1) / 2
    low, high = float(np.log(_COLDEST)), float(np.log(_HOTTEST))
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _unlikeliness(margins, wanted, left) < _unlikeliness(margins, wanted, right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _unlikeliness(margins: NDArray[Any], wanted: NDArray[np.int64], logarithm: float) -> float:
    shares = shares_of(margins, float(np.exp(logarithm)))
    own = shares[np.arange(len(wanted)), wanted].astype(np.float64)
    return float(-np.log(np.maximum(own, 1e-12)).mean())


def _known(
    examples: Sequence[Example],
    shares: NDArray[np.float32],
    wanted: NDArray[np.int64],
    judged: NDArray[np.bool_],
) -> dict[str, Any]:
    """What is known of the training; ``shares`` and ``wanted`` are those of the examples ``judged``."""
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == wanted
    made = np.array([one.generated for one in examples])[judged]
    by_origin = {
        f"accuracy_{name}": round(float(right[own].mean()), 4)
        for name, own in (("real", ~made), ("generated", made))
        if own.any()
    }
    return by_origin | {
        "examples": len(examples),
        "generated_share": round(sum(one.generated for one in examples) / len(examples), 4),
        "by_label": dict(sorted(Counter(one.label for one in examples).items())),
        "languages": dict(sorted(Counter(one.language for one in examples if one.language).items())),
        "judged": len(wanted),
        "accuracy": round(float(right.mean()), 4),
        "ece": round(calibration_error(sure, right), 4),
    }


def calibration_error(sure: NDArray[Any], right: NDArray[Any], bins: int = 10) -> float:
    """The expected calibration error over bins of equal width: how far confidence and rightness are apart."""
    return sum(share * abs(held - borne) for _, share, held, borne in calibration(sure, right, bins))


def calibration(
    sure: NDArray[Any], right: NDArray[Any], bins: int = 10
) -> Iterator[tuple[int, float, float, float]]:
    """For each bin that is not empty: its number, its share of all, the mean confidence, the share right."""
    at = np.minimum((np.asarray(sure) * bins).astype(int), bins - 1)
    for number in range(bins):
        inside = at == number
        if inside.any():
            held, borne = float(np.asarray(sure)[inside].mean()), float(np.asarray(right)[inside].mean())
            yield number, float(inside.mean()), held, borne
