"""Train the mail classifiers that ship.

python -m training.mail ship --data FOLDER [--only category …]   writes shared/abax/mail/models/*.npz
python -m training.mail show --count 20                          prints generated mails

``--data`` holds ``email_intent`` and ``spamassassin`` as they are published. Whatever is generated is dealt
into parts that share no wording, and calibration is by wordings that were kept out.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from abax.mail import classifier, learning
from abax.mail.datasets import dataset_of
from abax.mail.features import MARK, Recipe, bare_text
from abax.mail.learning import Example, Settings

from training.mail.generate import FINISHED, Made, Takes, generate, phrases_apart, staged
from training.mail.scenes import BY, Scene, scenes

MODELS = Path(classifier.__file__).parent / "models"
SEED = 6
MAILS = 7000
TELLINGS = 2
"""How often a scene is told, with other names, typing errors and greetings."""
TELLINGS_SEED = 1
MOST_BYTES = 900_000
ALL = tuple(scenes())


def category(mails: Sequence[Made], data: Path, heard: Sequence[Scene] = ALL) -> list[Example]:
    """Topics of generated mails and of scenes."""
    del data
    return [*(_example(mail, mail.category) for mail in mails), *_of_scenes("category", heard)]


def sentiment(
    mails: Sequence[Made], data: Path, heard: Sequence[Scene] = ALL, takes: Takes | None = None
) -> list[Example]:
    """Moods of generated mails and scenes, as far as people wrote them, and of phrases by themselves."""
    del data
    whole = [_example(mail, mail.sentiment) for mail in mails if _is_written(mail)]
    alone = [
        Example(text, label, f"generated {part}", language, generated=True)
        for language, part, kind, label, text in phrases_apart(takes)
        if kind in ("mood", "says", "threat")
    ]
    return [*whole, *alone, *_of_scenes("sentiment", heard)]


def urgency(
    mails: Sequence[Made], data: Path, heard: Sequence[Scene] = ALL, takes: Takes | None = None
) -> list[Example]:
    """Paces of generated mails and scenes that people wrote, and of phrases by themselves: what machines send
    waits for its category's sake."""
    del data
    alone = [
        Example(text, "high" if kind == "threat" else label, f"generated {part}", language, generated=True)
        for language, part, kind, label, text in phrases_apart(takes)
        if kind in ("pace", "asks", "threat")
    ]
    whole = [_example(mail, mail.urgency) for mail in mails if _is_written(mail)]
    return [*whole, *alone, *_of_scenes("urgency", heard)]


def action(mails: Sequence[Made], data: Path) -> list[Example]:
    """Sentences that ask for something, and that do not: real ones of English, generated ones of all."""
    real = list(dataset_of(data / "email_intent").examples)
    made = {
        text: Example(text, "yes" if asks else "no", mail.group, mail.language, generated=True)
        for mail in mails
        for text, asks in mail.sentences
        if asks is not None and _is_written(mail)
    }
    return [*real, *_balanced(list(made.values()), len(real))]


def spam(mails: Sequence[Made], data: Path) -> list[Example]:
    """Real mails with what their headers tell and without, and generated ones."""
    real = list(dataset_of(data / "spamassassin").examples)
    made = [_example(mail, "spam" if mail.category == "spam" else "ham") for mail in mails]
    return [
        *real,
        *(replace(one, text=_without_headers(one.text)) for one in (*real, *_balanced(made, 3000))),
    ]


def _without_headers(text: str) -> str:
    """A mail with the traits of its text alone."""
    subject, _, body = text.partition(MARK)[0].partition("\n")
    return bare_text(subject, body)


TASKS: dict[str, tuple[Callable[[Sequence[Made], Path], list[Example]], Settings]] = {
    "category": (category, Settings(Recipe(buckets=1 << 16), most_places=40_000)),
    "sentiment": (sentiment, Settings(Recipe(buckets=1 << 16), most_places=60_000)),
    "urgency": (urgency, Settings(Recipe(buckets=1 << 16), most_places=60_000)),
    "action": (
        action,
        Settings(Recipe(3, 3, 5, piece_share=0.15, buckets=1 << 16), strength=2.0, most_places=100_000),
    ),
    "spam": (spam, replace(learning.settings_for("spam"), most_places=100_000)),
}


def _of_scenes(task: str, heard: Sequence[Scene]) -> Iterator[Example]:
    """Mails that were written whole, each told several times; of mood and pace those that people wrote."""
    rng = random.Random(TELLINGS_SEED)
    for scene in heard:
        for _ in range(TELLINGS):
            text = BY.sub(r"\1", scene.text)
            made = staged(scene.language, scene.subject, text, scene.category, rng)
            if task == "category" or _is_written(made):
                label = str(getattr(scene, task))
                yield Example(made.text, label, f"scene {scene.name}", scene.language, generated=True)


def _example(mail: Made, label: str) -> Example:
    return Example(mail.text, label, mail.group, mail.language, generated=True)


def _is_written(mail: Made) -> bool:
    """Whether a person with a matter wrote it."""
    return mail.category not in FINISHED


def _balanced(examples: Sequence[Example], count: int) -> list[Example]:
    """So many of them at most, evenly from all of their places."""
    step = max(1, -(-len(examples) // count))
    return list(examples[::step])


def ship(names: Sequence[str], data: Path) -> None:
    """Train and write."""
    mails = list(generate(MAILS, SEED))
    for name in names:
        gather, settings = TASKS[name]
        begun = time.perf_counter()
        examples = gather(mails, data)
        model = learning.train(examples, name, settings)
        content = model.dump()
        if len(content) > MOST_BYTES:
            raise SystemExit(f"{name}: {len(content):,} bytes are too many; keep fewer places")
        (MODELS / f"{name}.npz").write_bytes(content)
        told = {key: model.known[key] for key in model.known if not key.startswith(("by_", "lang"))}
        print(f"{name}: {len(content):,} bytes, {time.perf_counter() - begun:.1f} s, {told}", flush=True)


def show(count: int) -> None:
    """Print generated mails."""
    for mail in generate(count, SEED):
        print(f"--- {mail.language} {mail.category} {mail.sentiment} {mail.urgency}\n{mail.text}\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=("ship", "show"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="*", choices=tuple(TASKS), default=tuple(TASKS))
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    if options.task == "show":
        show(options.count)
    elif options.data is None:
        parser.error("--data is needed")
    else:
        ship(options.only, options.data)


if __name__ == "__main__":
    main()
