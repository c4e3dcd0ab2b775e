"""Stage 3, classification: which type of document this is to us.

A linear model weighs what ``traits`` sees: titles in seven languages, labels, columns, figures, words. It
tells the type without its direction; who we are tells an invoice that we wrote from one that we got.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from abax.documents import lexicon, titles, traits
from abax.documents.contracts import DocumentType, Model, Subtype
from abax.documents.pages import Page, PageSource, Reading, TextLine
from abax.documents.parts import split

__all__ = ["Classification", "Ourselves", "classify", "party_label", "side_of", "split"]

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MODEL: Final = "types.npz"
_FEW_WORDS: Final = 4
_ALIKE: Final = 0.8
_DIRECTED: Final = (
    DocumentType.SUPPLIER_INVOICE,
    DocumentType.CUSTOMER_INVOICE,
    DocumentType.PURCHASE_ORDER,
    DocumentType.SALES_ORDER,
)
_SHOWN: Final = 4


class Ourselves(Model):
    """Who we are, so that our own invoices are told from our suppliers'. All may be empty."""

    names: tuple[str, ...] = ()
    vat_ids: tuple[str, ...] = ()
    tax_numbers: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()


class Classification(Model):
    """A document's type, how sure we are, and why."""

    type: DocumentType
    confidence: float
    scores: dict[DocumentType, float] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()


def classify(reading: Reading, ourselves: Ourselves | None = None) -> Classification:
    """The document's type. ``ourselves`` tells the direction; without it an invoice is a supplier's."""
    if sum(len(page.words) for page in reading.pages) < _FEW_WORDS:
        scores = {DocumentType.UNKNOWN: 0.9}
        return Classification(
            type=DocumentType.UNKNOWN, confidence=0.9, scores=scores, reasons=("there are next to no words",)
        )
    seen = traits.sightings(reading)
    named = traits.named(reading, seen)
    kinds, weights = _scores(named, traits.hashed(reading))
    kinds = _entitled(_called(kinds, seen, named), seen, None if _is_printed_sheet(reading, named) else named)
    kinds = _lessened(_cleared(kinds, seen, reading), seen, reading)
    side = side_of(reading, ourselves or Ourselves())
    scores, told = _directed(kinds, side, seen)
    if side is None and ourselves is not None and ourselves.names:
        scores, told = _doubted(scores)
    best = max(scores, key=lambda kind: scores[kind])
    return Classification(
        type=best,
        confidence=round(scores[best], 4),
        scores={kind: round(score, 4) for kind, score in scores.items() if score >= 0.0005},
        reasons=(*_reasons(seen, weights), *(told if best in _DIRECTED else ())),
    )


# ---------------------------------------------------------------- the learned model


@dataclass(frozen=True)
class _Learned:
    """Exported weights: one row for each kind, one column for each named trait and then each bucket."""

    kinds: tuple[str, ...]
    names: dict[str, int]
    weights: NDArray[Any]
    offsets: NDArray[Any]
    temperature: float


@lru_cache(maxsize=1)
def _learned() -> _Learned:
    import numpy as np

    with (resources.files("abax.documents.models") / _MODEL).open("rb") as stream, np.load(stream) as parts:
        told = json.loads(bytes(parts["told"]).decode())
        return _Learned(
            tuple(told["kinds"]),
            {name: place for place, name in enumerate(told["names"])},
            parts["weights"].astype(np.float32),
            parts["offsets"].astype(np.float32),
            float(told["temperature"]),
        )


def _scores(
    named: dict[str, float], buckets: Sequence[int]
) -> tuple[dict[str, float], list[tuple[str, float]]]:
    """Probability by kind, and what spoke most for the likeliest."""
    import numpy as np

    learned = _learned()
    known = {learned.names[name]: (name, value) for name, value in named.items() if name in learned.names}
    places = list(known)
    values = np.array([known[place][1] for place in places], dtype=np.float32)
    words = np.array(buckets, dtype=np.int64) + len(learned.names)
    logits = learned.offsets + learned.weights[:, places] @ values
    if len(words):
        logits = logits + learned.weights[:, words].sum(axis=1) / np.sqrt(len(words))
    logits = logits / learned.temperature
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    best = int(shares.argmax())
    against = learned.weights[:, places].mean(axis=0)
    pulls = (learned.weights[best, places] - against) * values
    weighed = sorted(
        ((known[place][0], float(pull)) for place, pull in zip(places, pulls, strict=True)),
        key=lambda one: -one[1],
    )
    return dict(zip(learned.kinds, map(float, shares), strict=True)), weighed


def _reasons(seen: list[traits.Sighting], weighed: list[tuple[str, float]]) -> tuple[str, ...]:
    """What spoke for the type, in words."""
    told = []
    strong = [one for one in seen if one.standing in (*traits.NAMING, "leading")]
    if strong:
        told.append(f"the title “{strong[0].text}” on page {strong[0].page}")
    for name, pull in weighed:
        words = _in_words(name)
        if pull > 0.25 and words and words not in told:
            told.append(words)
        if len(told) >= _SHOWN:
            break
    return tuple(told) or ("no title that we know and few labels",)


_FIGURES: Final = {
    "narrow": "the paper is as narrow as a till's",
    "no amounts": "there are no amounts",
    "prose": "much of it is running text",
    "amounts": "there are many amounts",
    "amount share": "there are many amounts",
    "iban": "there is a bank account",
    "percent": "there are percentages",
}


def _in_words(name: str) -> str:
    kind, _, rest = name.partition("/")
    if kind == "label":
        return f"a label for {_spelled(rest)}"
    if kind == "column":
        return f"a column for {_spelled(rest)}"
    return _FIGURES.get(rest, "") if kind == "figure" else ""


def _spelled(name: str) -> str:
    return name.replace(".", " ").replace("_", " ")


def _called(
    kinds: dict[str, float], seen: list[traits.Sighting], named: dict[str, float]
) -> dict[str, float]:
    """Memos are told by their names alone: where no title and no label says one, it hardly is one."""
    said = {one.kind for one in seen} | (
        {"credit_memo", "debit_memo"} if "label/number.credit" in named else set()
    )
    doubted = {
        kind: share * (1.0 if kind in said or kind not in _BY_NAME else _NAMELESS)
        for kind, share in kinds.items()
    }
    whole = sum(doubted.values())
    return {kind: share / whole for kind, share in doubted.items()}


_BY_NAME: Final = ("credit_memo", "debit_memo")
_NAMELESS: Final = 0.1


def _is_printed_sheet(reading: Reading, named: dict[str, float]) -> bool:
    """A sheet of paper from a program, which no till has printed."""
    written = reading.pages[0].source in (PageSource.TEXT, PageSource.MARKUP)
    return written and named.get("figure/sheet", 0.0) > 0


def _entitled(
    kinds: dict[str, float], seen: list[traits.Sighting], of_till: dict[str, float] | None
) -> dict[str, float]:
    """A title that stands out by itself says the type, whatever the rest is like. What a till prints may call
    itself an invoice, and a credit note to the seller may be a self-billed invoice: these stay open.
    ``of_till`` has the traits of what a till may have printed, None where none has."""
    shown = [one for one in seen if one.standing in (*traits.NAMING, "leading") and one.page == 1]
    if of_till is None and _is_called_invoice(seen):
        kinds = kinds | {"invoice": kinds["invoice"] + kinds["receipt"], "receipt": 0.0}
    if not shown and of_till is None and _is_numbered_invoice(seen, kinds):
        return _favoured(kinds, {"invoice"})
    if not shown or not _stands_out(shown[0], seen, kinds):
        return kinds
    kind = shown[0].kind
    rivals = {one.kind for one in shown if one.score > shown[0].score * _RIVALS}
    if any(one.subtype is Subtype.SELF_BILLED for one in seen):
        rivals |= {"invoice", "credit_memo"}
    if of_till is not None:
        posted = "figure/by post" in of_till
        paid = "label/cash" in of_till or of_till.get("figure/narrow")
        if paid or (kind == "invoice" and not posted):
            rivals.add("receipt")
    return _favoured(kinds, {_UNTYPED.get(one, one) for one in rivals | {kind}})


def _cleared(kinds: dict[str, float], seen: list[traits.Sighting], reading: Reading) -> dict[str, float]:
    """What bears the mark of a tax authority's register of invoices is one, where no title says otherwise;
    its kind, ``E - Egreso``, makes a credit memo of it."""
    if any(
        one.standing in (*traits.NAMING, "leading") and one.score > _PLAIN_TITLE["leading"] for one in seen
    ):
        return kinds
    text = "\n".join(traits.first_text(page) for page in reading.pages)
    if _REGISTERED.search(text) is None:
        return kinds
    kind = _KIND_OF_VOUCHER.search(text)
    meant = {"I": "invoice", "E": "credit_memo"}.get(kind["kind"].upper() if kind else "I")
    return _favoured(kinds, {meant}) if meant is not None else kinds


_REGISTERED: Final = re.compile(
    r"folio fiscal|\buso (?:de )?cfdi|sello digital del (?:cfdi|sat|emisor)|comprobante fiscal digital"
    r"|\bcufe\b\W|clave de acceso\W+\d{8}|chave de acesso|\b(?:nr|numer) ksef\b|\bcae n",
    re.IGNORECASE,
)
_KIND_OF_VOUCHER: Final = re.compile(
    r"tipo (?:de )?(?:comprobante|cfdi)\W{1,3}(?P<kind>[IETPN])\b", re.IGNORECASE
)


def _is_called_invoice(seen: list[traits.Sighting]) -> bool:
    """Its foremost title or label on the first page says so, and none that it is a receipt."""
    told = [
        one for one in seen if one.page == 1 and one.standing != "sentence" and one.score > traits.OWN_LABEL
    ]
    return bool(told) and told[0].kind == "invoice" and not any(one.kind == "receipt" for one in told)


def _is_numbered_invoice(seen: list[traits.Sighting], kinds: dict[str, float]) -> bool:
    """Whether nothing names the document but the label of an invoice's number: ``Faktura nr FV/12``."""
    labels = {one.kind for one in seen if one.standing == "label" and one.score > traits.OWN_LABEL}
    return labels == {"invoice"} and kinds["invoice"] >= _NOT_EXCLUDED


def _favoured(kinds: dict[str, float], meant: set[str]) -> dict[str, float]:
    """With most of the whole for these kinds."""
    share = sum(kinds[one] for one in meant)
    if share >= _ENTITLED or not share:
        return kinds
    of_meant, of_rest = _ENTITLED / share, (1 - _ENTITLED) / (1 - share)
    return {one: score * (of_meant if one in meant else of_rest) for one, score in kinds.items()}


def _stands_out(title: traits.Sighting, seen: list[traits.Sighting], kinds: dict[str, float]) -> bool:
    """A title in ordinary letters, or before other words, does where the rest speaks for it a little; one
    in two languages, ``Rechnung / Invoice``, in any case."""
    if sum((one.kind, one.text, one.page) == (title.kind, title.text, title.page) for one in seen) > 1:
        return title.score >= _IN_TWO_LANGUAGES
    least = _PLAIN_TITLE[title.standing]
    if kinds[_UNTYPED.get(title.kind, title.kind)] >= _SPOKEN_FOR:
        least *= _ORDINARY
    return title.score >= least


_IN_TWO_LANGUAGES: Final = 0.45
_SPOKEN_FOR: Final = 0.1
_NOT_EXCLUDED: Final = 0.01
_ORDINARY: Final = 0.88


def _lessened(kinds: dict[str, float], seen: list[traits.Sighting], reading: Reading) -> dict[str, float]:
    """A correction that gives money back is a credit memo: ``Faktura korygująca``, ``Do zwrotu``."""
    if not traits.is_correction(seen) or not traits.gives_back(reading):
        return kinds
    moved = kinds["invoice"] * _GIVEN_BACK
    return kinds | {"invoice": kinds["invoice"] - moved, "credit_memo": kinds["credit_memo"] + moved}


_GIVEN_BACK: Final = 0.95
_PLAIN_TITLE: Final = {"alone": 0.95, "numbered": 0.78, "subject": 0.78, "leading": 0.7}
"""How strong a title must be, by how it stands."""
_RIVALS: Final = 0.7
_ENTITLED: Final = 0.85
_UNTYPED: Final = {"quotation": "unknown", "letter": "unknown"}


# ---------------------------------------------------------------- whose document it is


def _directed(
    kinds: dict[str, float], side: str | None, seen: list[traits.Sighting]
) -> tuple[dict[DocumentType, float], tuple[str, ...]]:
    """Scores by type: an invoice is a supplier's or a customer's by who sells, and an order likewise."""
    scores = {DocumentType(kind): share for kind, share in kinds.items() if kind in _TYPES}
    invoice = kinds.get("invoice", 0.0)
    self_billed = any(one.subtype is Subtype.SELF_BILLED for one in seen[:3])
    we_sell = side == "seller" or side == ("reader" if self_billed else "writer")
    scores[DocumentType.CUSTOMER_INVOICE if we_sell else DocumentType.SUPPLIER_INVOICE] = invoice
    scores[DocumentType.SUPPLIER_INVOICE if we_sell else DocumentType.CUSTOMER_INVOICE] = 0.0
    order, confirmation = scores[DocumentType.PURCHASE_ORDER], scores[DocumentType.SALES_ORDER]
    ordered_of_us = side in ("seller", "reader")
    confirmed_to_us = side in ("buyer", "reader")
    scores[DocumentType.PURCHASE_ORDER] = (0 if ordered_of_us else order) + (
        confirmation if confirmed_to_us else 0
    )
    scores[DocumentType.SALES_ORDER] = (order if ordered_of_us else 0) + (
        0 if confirmed_to_us else confirmation
    )
    return scores, (_SIDES[side],)


def _doubted(scores: dict[DocumentType, float]) -> tuple[dict[DocumentType, float], tuple[str, ...]]:
    """Scores of a document that does not name us, though we have told who we are."""
    invoice = scores[DocumentType.SUPPLIER_INVOICE]
    doubted = scores | {
        DocumentType.SUPPLIER_INVOICE: invoice * (1 - _NOT_OURS),
        DocumentType.CUSTOMER_INVOICE: invoice * _NOT_OURS,
    }
    return doubted, ("it does not name us: taken as one that we got",)


_NOT_OURS: Final = 0.2
_SIDES: Final = {
    "seller": "we are named as the seller",
    "buyer": "we are named as the buyer",
    "writer": "we are the one who wrote it",
    "reader": "we are the one who got it",
    None: "nothing says which side we are on: taken as one that we got",
}
_TYPES: Final = frozenset(kind.value for kind in DocumentType)


def side_of(reading: Reading, ourselves: Ourselves) -> str | None:
    """``seller`` or ``buyer`` where a label says so or the bank account is ours; else ``writer`` where the
    letterhead or the footer is ours, ``reader`` where we stand elsewhere, and None where we do not."""
    if not reading.pages:
        return None
    page = reading.pages[0]
    if any(_tight(iban) in _joined(page) for iban in ourselves.ibans if iban):
        return "seller"
    marks = [_tight(one) for one in (*ourselves.vat_ids, *ourselves.tax_numbers) if len(one) > 5]
    marks += [mark[2:] for mark in marks if mark[:2].isalpha()]
    names = [plain for name in ourselves.names if len(plain := lexicon.plain(name)) > 2]
    found = set()
    for place, line in enumerate(page.lines):
        tight, plain = _tight(line.text), lexicon.plain(line.text)
        if any(mark in tight for mark in marks) or any(_says(plain, name) for name in names):
            start = _start_of(line, names)
            labelled = party_label(page, place, start)
            found.add(labelled or ("writer" if _is_edge(line, page, place) else "reader"))
    if found == {"writer"} and _foot_is_anothers(page, names, marks):
        return "reader"
    return next((side for side in ("buyer", "seller", "writer", "reader") if side in found), None)


def _says(plain: str, name: str) -> bool:
    """Whether a name is in a line, or misread at its start or end."""
    if name in plain:
        return True
    if len(name) < 8 or len(plain) < len(name) - 1:
        return False
    pairs = titles.pairs_of(name)
    ends = (plain[: len(name)], plain[-len(name) :])
    return any(titles.likeness(pairs, titles.pairs_of(end)) > _ALIKE for end in ends)


def _start_of(line: TextLine, names: Sequence[str]) -> int:
    """The word that one of the names begins with, rightly written or else misread."""
    rests = [lexicon.plain("".join(word.text for word in line.words[at:])) for at in range(len(line.words))]
    for start, rest in enumerate(rests):
        if any(rest.startswith(name) for name in names):
            return start
    pairs = [(len(name), titles.pairs_of(name)) for name in names]
    likest = [
        max((titles.likeness(titles.pairs_of(rest[:count]), name) for count, name in pairs), default=0.0)
        for rest in rests
    ]
    best = max(range(len(likest)), key=lambda at: likest[at], default=0)
    return best if likest and likest[best] > _ALIKE else 0


def _foot_is_anothers(page: Page, names: Sequence[str], marks: Sequence[str]) -> bool:
    """Whether the footer names a company, and not us."""
    feet = [line for line in page.lines if line.words[0].y0 > page.height * 0.88]
    if any(any(_says(lexicon.plain(line.text), name) for name in names) for line in feet):
        return False
    if any(any(mark in _tight(line.text) for mark in marks) for line in feet):
        return False
    return any(lexicon.plain(word.text) in lexicon.LEGAL_FORMS for line in feet for word in line.words)


def party_label(page: Page, place: int, start: int = 0) -> str | None:
    """``seller`` or ``buyer`` where a label before this word of this line, or right above it, says so."""
    line = page.lines[place]
    before = [word.text for word in line.words[: start or 4]]
    for count in range(1, len(before) + 1):
        ends = before[count - 1].endswith(":") or count == start
        if ends and (side := _side_named("".join(before[:count]))):
            return side
    first = line.words[start]
    height = first.y1 - first.y0
    for other in page.lines[max(0, place - 9) : place]:
        for at, word in enumerate(other.words):
            if abs(word.x0 - first.x0) < height * 1.5 and 0 < first.y0 - word.y0 < height * 2.4:
                for count in range(1, 4):
                    side = _side_named("".join(one.text for one in other.words[at : at + count]))
                    if side:
                        return side
    return None


def _side_named(text: str) -> str | None:
    kinds = lexicon.labels().get(lexicon.plain(text), ())
    if any(kind.split(".")[0] in ("buyer", "ship_to") for kind in kinds):
        return "buyer"
    return "seller" if any(kind.split(".")[0] == "seller" for kind in kinds) else None


def _is_edge(line: TextLine, page: Page, place: int) -> bool:
    """In the letterhead or the footer."""
    top = min(word.y0 for word in line.words) / (page.height or 1.0)
    first = min(word.y0 for one in page.lines for word in one.words) / (page.height or 1.0)
    return top > 0.88 or top < first + 0.03 or place == 0


@lru_cache(maxsize=4096)
def _tight(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _joined(page: Page) -> str:
    return "|".join(_tight(line.text) for line in page.lines)
