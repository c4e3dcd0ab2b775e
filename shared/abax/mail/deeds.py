"""What a sentence that asks wants done: kinds of action by its verbs and by what these are about.

The first verb behind the form of asking says what is wanted (``please | let us know when you will pay``),
verbs that are joined to it say what else. Verbs such as ``send`` say too little: a copy that is sent is a
document, goods are a delivery, a corrected invoice is a correction.

================= ======================================================================================
``send_document`` an invoice, a quotation, a report, a signed paper, proof of something
``explain``       facts: when, why, which, how much, how; news of a matter; also ``please answer``
``confirm``       a yes, that something has come, a balance, a date or a price in writing
``decide``        a yes or no that is ours to give: time to pay, a limit, a release, an approval, a waiver
``correct``       a document, a booking, a fault or a defect is to be put right
``refund``        money back, or a credit for it; damages
``pay``           money that the writer claims
``deliver``       an order; what is missing or must be sent anew
``cancel``        an order, a contract, a mandate is withdrawn
``change_data``   master data: addresses, accounts, access, passwords, where invoices go
``call_back``     a call, a meeting, a visit
``other``         anything else: to pass something on, to change or fetch an order, to stop reminders
================= ======================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from abax.mail.phrases import Hit
from abax.mail.reading import Sentence
from abax.mail.wording import Wording, has_any

ASKING: Final = frozenset({"request", "need", "waiting"})
UNKNOWN: Final = ""
"""The kind of what asks for something and does not say what for."""
VAGUE: Final = "?"
"""The kind of what wants to be told and does not say what: ``please reply by Friday``."""
_CLAUSES: Final = frozenset({"confirm", "tell", "check"})
"""Verbs whose object may be a clause: ``confirm that you will pay and deliver``."""
_INVOICES: Final = ("invoice", "rechnung", "factu", "fattur", "faktur")
_LIGHT: Final = frozenset({"send", "pass", "do", "change", "check", "tell", "arrive"})
"""Verbs whose kind is that of what they are about."""
_PARTING: Final = re.compile(r"[,;:–—(]|\s-\s")
_VERBS_LAST: Final = ("de", "nl")
"""Languages whose verbs may stand at the end of what they ask."""
_VERB_WITHIN: Final = 4
"""Words behind ``and`` within which a verb stands in the others."""
_OPENING: Final = 3
"""Words of a question among which stands what it asks for: ``on which account``."""
_DENIED: Final = 3
"""Words before one that it is paid among which a negation denies it."""
_BESIDE: Final = frozenset({"deliver", "pay", "change_data"})
"""What a document may be about: ``the invoice for the order``."""
_BESIDE_ORDER: Final = frozenset({"confirm", "call_back", "cancel", "pay"})
"""What an order may ask for in one sentence with itself."""
_LEADS: Final = frozenset(
    {"send", "pass", "do", "check", "tell", "confirm", "call_back", "decide", "refund", "explain"}
)
"""What one asks leave for in asking for it: ``can we have``, ``may I ask``."""


@dataclass(frozen=True, slots=True)
class _Sign:
    label: str
    first: int
    last: int
    is_verb: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """A sentence taken apart."""

    sentence: Sentence
    wording: Wording
    forms: tuple[Hit[str], ...]
    signs: tuple[_Sign, ...]
    start: int
    """Where the form of asking begins."""

    def verbs(self, first: int = 0) -> list[_Sign]:
        return [sign for sign in self.signs if sign.is_verb and sign.first >= first]

    def objects(self, first: int, last: int) -> list[_Sign]:
        return [sign for sign in self.signs if not sign.is_verb and first <= sign.first < last]

    def places(self, words: frozenset[str]) -> list[int]:
        return [place for place, word in enumerate(self.sentence.words) if word.text in words]

    def has(self, form: str) -> bool:
        return any(hit.label == form for hit in self.forms)

    @property
    def end(self) -> int:
        return len(self.sentence.words)


@lru_cache(maxsize=4096)
def forms_of(sentence: Sentence, wording: Wording) -> frozenset[str]:
    """The forms of asking that a sentence has, and ``courtesy`` where it asks for nothing."""
    labels = frozenset(hit.label for hit in _forms(sentence, wording))
    return labels | {"courtesy"} if "aside" in labels and labels.isdisjoint(ASKING | {"placing"}) else labels


@lru_cache(maxsize=4096)
def _forms(sentence: Sentence, wording: Wording) -> tuple[Hit[str], ...]:
    """Forms without those that are part of an aside: ``please`` of ``please find attached``."""
    hits = list(wording.asks.find(sentence.words))
    asides = [hit for hit in hits if hit.label == "aside"]
    return tuple(
        hit
        for hit in hits
        if hit.label not in ASKING
        or not any(aside.first < hit.last and hit.first < aside.last for aside in asides)
    )


def deeds_of(sentence: Sentence, wording: Wording, before: Sequence[Sentence] = ()) -> tuple[str, ...]:
    """The kinds of action that a sentence asks for, in order. One that says nothing of it (``Could you do
    that?``) means what was said ``before``, the nearest first; else it is ``UNKNOWN``, or ``VAGUE``."""
    parts = _parts(sentence, wording)
    kinds = list(dict.fromkeys(_kinds(parts, before)))
    if parts.has("placing") and not sentence.is_question:
        joined = kinds[1:] if parts.has("request") else []
        return ("deliver", *(kind for kind in joined if kind in _BESIDE_ORDER))
    said = [kind for kind in kinds if kind not in (UNKNOWN, VAGUE)]
    if not said and VAGUE in kinds:
        return (VAGUE,)
    if not said:
        said = list(_said(before, wording))[:1]
    if said == ["pay"] and _is_paid((sentence, *before), wording):
        said = ["confirm"]
    return tuple(said) or (VAGUE if sentence.is_question and not parts.has("request") else UNKNOWN,)


def _said(sentences: Iterable[Sentence], wording: Wording) -> Iterator[str]:
    """What sentences speak of, where one refers to them."""
    for sentence in sentences:
        parts = _parts(sentence, wording)
        kinds = [_kind(parts, verb, parts.end, ()) for verb in parts.verbs()]
        kinds += [sign.label for sign in parts.objects(0, parts.end)]
        yield from (kind for kind in kinds if kind not in (UNKNOWN, VAGUE, "explain"))


@lru_cache(maxsize=4096)
def _parts(sentence: Sentence, wording: Wording) -> _Parts:
    forms = _forms(sentence, wording)
    outright = [hit.first for hit in forms if hit.label in ("request", "need")]
    start = min(outright or [hit.first for hit in forms if hit.label == "waiting"], default=0)
    return _Parts(sentence, wording, forms, tuple(_signs(sentence, wording)), start)


def _signs(sentence: Sentence, wording: Wording) -> Iterator[_Sign]:
    """Verbs and what they are about; of those that begin at one word the one that says most, and none of what
    is part of a longer one: ``note`` of ``credit note``."""
    best: dict[int, tuple[int, _Sign]] = {}
    within: set[int] = set()
    for phrases, is_verb in ((wording.doing, True), (wording.objects, False)):
        for hit in phrases.find(sentence.words):
            before = sentence.words[hit.first - 1].text if hit.first else ""
            if is_verb and before in wording.articles:
                continue
            length = len(hit.phrase)
            if "..." not in hit.phrase:
                within.update(range(hit.first + 1, hit.last))
            if hit.first not in best or length > best[hit.first][0]:
                best[hit.first] = (length, _Sign(hit.label, hit.first, hit.last, is_verb))
    yield from (best[place][1] for place in sorted(best) if place not in within)


# --- which verbs count ----------------------------------------------------------------------------------


def _kinds(parts: _Parts, before: Sequence[Sentence]) -> Iterator[str]:
    if parts.sentence.is_question and (_opens(parts) or not (parts.has("request") or parts.has("need"))):
        yield _of_question(parts, before)
        start = _joined_request(parts)
        if start is None:
            return
        parts = replace(parts, start=start)
    heads = _heads(parts)
    if _asks_to_be_told(parts, heads):
        yield "explain"
        return
    if not heads:
        yield _of_objects(parts)
        return
    ends = [head.first for head in heads[1:]] + [parts.end]
    for place, (head, end) in enumerate(zip(heads, ends, strict=True)):
        if len(heads) == 1 or not _yields(parts, head, end):
            yield _kind(parts, head, end, before if place == 0 else ())


def _asks_to_be_told(parts: _Parts, heads: Sequence[_Sign]) -> bool:
    """Whether information is asked for by name, and what follows only says which: ``information on when``."""
    first = next((sign for sign in parts.signs if sign.first >= parts.start), None)
    if first is None or first.is_verb or first.label != "explain" or not heads:
        return False
    return any(first.first < place < heads[0].first for place in parts.places(parts.wording.where))


def _opens(parts: _Parts) -> bool:
    """Whether a question opens with what it wants to know, and not with a form of asking for it."""
    opening = parts.places(parts.wording.where)[:1]
    request = min((hit.first for hit in parts.forms if hit.label == "request"), default=parts.end)
    return bool(opening) and opening[0] < _OPENING and opening[0] <= request


def _joined_request(parts: _Parts) -> int | None:
    """Where something is asked behind ``and`` in a question: ``When was it paid, and could you …?``"""
    starts = sorted(hit.first for hit in parts.forms if hit.label == "request")
    return next((start for start in starts if start > 1 and _breaks(parts, 1, start)), None)


def _breaks(parts: _Parts, first: int, last: int) -> bool:
    """Whether something joins or parts what stands between two words."""
    if any(first <= place < last for place in parts.places(parts.wording.joining)):
        return True
    words, text = parts.sentence.words, parts.sentence.text
    return any(_PARTING.search(text, words[at - 1].end, words[at].start) for at in range(first, last + 1))


def _heads(parts: _Parts) -> list[_Sign]:
    """The first verb behind the form of asking, and those that ``and`` joins to it."""
    verbs = parts.verbs(parts.start) or parts.verbs()
    heads = verbs[:1]
    for verb in verbs[1:]:
        joins = parts.places(parts.wording.joining)
        if _asked_anew(parts, heads[-1], verb) or any(_joins(parts, heads[-1], at, verb) for at in joins):
            heads.append(verb)
    return heads


def _asked_anew(parts: _Parts, head: _Sign, verb: _Sign) -> bool:
    """Whether another form of asking stands before a verb, parted from the verb before it."""
    starts = [hit.first for hit in parts.forms if hit.label in ("request", "need")]
    return any(head.last <= start <= verb.first and _breaks(parts, head.last, start) for start in starts)


def _joins(parts: _Parts, head: _Sign, place: int, verb: _Sign) -> bool:
    """Whether the word at ``place`` joins a verb to another: not in what is told, nor in what explains."""
    if not head.first < place < verb.first:
        return False
    clause = head.last if head.label in _CLAUSES else place + 1
    if any(hit.label == "subordinate" and clause <= hit.first <= verb.first for hit in parts.forms):
        return False
    asked = parts.wording.where | parts.wording.whether
    if any(head.last <= at < place for at in parts.places(asked - parts.wording.joining)):
        return False
    return parts.wording.language in _VERBS_LAST or verb.first - place <= _VERB_WITHIN


def _yields(parts: _Parts, head: _Sign, end: int) -> bool:
    """Whether a verb says nothing beside others: ``check and correct``, ``correct it and let us know``."""
    if head.label == "check":
        return True
    return head.label == "tell" and not any(
        head.last <= place < end for place in parts.places(parts.wording.where | parts.wording.whether)
    )


# --- what they want -------------------------------------------------------------------------------------


def _of_question(parts: _Parts, before: Sequence[Sentence]) -> str:
    """What a question wants that asks for nothing by its form."""
    verbs = {sign.label: sign for sign in reversed(parts.verbs())}
    if "call_back" in verbs or _opens(parts):
        return "call_back" if "call_back" in verbs else "explain"
    if parts.has("settled") or (parts.has("received") and not parts.has("permission")):
        return "confirm"
    if "decide" in {sign.label for sign in parts.signs} or parts.has("possible"):
        return "decide"
    first = next(iter(parts.verbs()), None)
    if parts.has("permission"):
        return _kind(parts, first, parts.end, before) if first and first.label in _LEADS else "decide"
    if first is not None and first.label == "send":
        return _kind(parts, first, parts.end, before)
    return "explain" if parts.signs else VAGUE


def _of_objects(parts: _Parts) -> str:
    """What is wanted where no verb says it: ``we still need the certificate``."""
    found = parts.objects(parts.start, parts.end) or parts.objects(0, parts.end)
    return _chief(found) or UNKNOWN


def _chief(about: Sequence[_Sign]) -> str | None:
    """What a verb is about: the first; of a document and what it is about the document, of a document and its
    correction the correction."""
    labels = [sign.label for sign in about]
    if not labels:
        return None
    if labels[0] in _BESIDE and not about[0].is_verb and "send_document" in labels:
        return "send_document"
    return "correct" if labels[0] == "send_document" and "correct" in labels else labels[0]


def _kind(parts: _Parts, head: _Sign, end: int, before: Sequence[Sentence]) -> str:
    """What one verb wants; ``end`` is where the next one begins."""
    if head.label not in _LEADS and parts.sentence.is_question and parts.has("permission"):
        return "decide"
    match head.label:
        case "pass":
            return _about(parts, head, end) or "other"
        case "send" | "do":
            kind = _about(parts, head, end) or next(_said(before, parts.wording), None)
            if kind == "send_document" and _is_wrong(parts, head, before):
                return "correct"
            return kind or ("send_document" if head.label == "send" else UNKNOWN)
        case "arrive":
            return _chief(parts.objects(0, parts.end)) or "deliver"
        case "change":
            return _changed(parts, head, end, before)
        case "check":
            return _checked(parts, head, end, before)
        case "tell":
            return _told(parts, head, end)
        case "pay":
            return _paid(parts, head)
        case _:
            return head.label


def _about(parts: _Parts, head: _Sign, end: int) -> str | None:
    """What a verb is about: what stands behind it, else before it, else what is wrong or missing there."""
    signs = [sign for sign in parts.signs if sign.label not in _LIGHT and sign is not head]
    if parts.wording.language in _VERBS_LAST:
        near = [sign for sign in signs if parts.start <= sign.first < end]
    else:
        near = [sign for sign in signs if head.first < sign.first < end]
        near = near or [sign for sign in signs if parts.start <= sign.first < head.first]
    if found := _chief(near):
        return found
    early = [sign for sign in signs if sign.first < parts.start]
    wrong = [sign.label for sign in early if sign.is_verb and sign.label in ("correct", "deliver", "refund")]
    return wrong[0] if wrong else _chief([sign for sign in early if not sign.is_verb])


def _is_wrong(parts: _Parts, head: _Sign, before: Sequence[Sentence]) -> bool:
    """Whether an invoice is to be sent of which something was said to be wrong."""
    if not any(word.text.startswith(_INVOICES) for word in parts.sentence.words[parts.start :]):
        return False
    said = [sign for sign in parts.signs if sign.first < min(head.first, parts.start)]
    return any(sign.is_verb and sign.label == "correct" for sign in said) or _are_wrong(before, parts.wording)


def _are_wrong(sentences: Iterable[Sentence], wording: Wording) -> bool:
    """Whether sentences say that something is wrong."""
    return any(sign.label == "correct" for one in sentences for sign in _parts(one, wording).verbs())


def _paid(parts: _Parts, head: _Sign) -> str:
    """What asks for money: also for it back, for leave to pay later, or to be paid elsewhere from now on."""
    labels = [sign.label for sign in parts.signs if sign is not head]
    if parts.has("back"):
        return "refund"
    return next((label for label in ("decide", "refund", "change_data") if label in labels), "pay")


def _changed(parts: _Parts, head: _Sign, end: int, before: Sequence[Sentence]) -> str:
    """What is to be changed: an invoice is corrected, an order is neither that nor a matter of records."""
    first = parts.start if parts.wording.language in _VERBS_LAST else head.first
    about = [sign.label for sign in parts.signs if sign.label not in _LIGHT and first <= sign.first < end]
    if any(word.text.startswith(_INVOICES) for word in parts.sentence.words[first:end]):
        return "correct" if "send_document" in about else "change_data"
    if "deliver" in about:
        return "other"
    if "change_data" in about:
        return "change_data"
    said = _about(parts, head, end) or next(_said(before, parts.wording), None)
    return "correct" if said in ("send_document", "correct", "refund") else UNKNOWN


def _checked(parts: _Parts, head: _Sign, end: int, before: Sequence[Sentence]) -> str:
    is_paid = _is_paid((parts.sentence, *before), parts.wording)
    if is_paid or parts.has("received") or _asks_whether(parts, head, end):
        return "confirm"
    faults = any(sign.label == "correct" for sign in parts.objects(head.first, end))
    return "correct" if faults or _are_wrong(before, parts.wording) else "explain"


def _told(parts: _Parts, head: _Sign, end: int) -> str:
    behind = {sign.label for sign in parts.signs if head.first < sign.first < end}
    if "decide" in behind:
        return "decide"
    if any(sign.label == "call_back" and head.first < sign.first < end for sign in parts.verbs()):
        return "call_back"
    if _asks_whether(parts, head, end):
        return "decide" if parts.has("possible") else "confirm"
    told = behind or any(place < end for place in parts.places(parts.wording.where))
    return "explain" if told or head.first < parts.start else VAGUE


def _asks_whether(parts: _Parts, head: _Sign, end: int) -> bool:
    return any(head.last <= place < end for place in parts.places(parts.wording.whether))


def _is_paid(sentences: Iterable[Sentence], wording: Wording) -> bool:
    """Whether the writer has paid what is spoken of: who says so wants it confirmed, and no money."""
    return any(
        hit.label == "paid"
        and not has_any(one.words[max(0, hit.first - _DENIED) : hit.last], wording.negations)
        for one in sentences
        for hit in wording.asks.find(one.words)
    )
