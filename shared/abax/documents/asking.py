"""The language model reads what rules and rankers did not find, or are not sure of.

A model with the adapter of ``answering`` is asked, for each window of the document, for the fields that its
type should have and that are missing or weak, and for its list of lines, entries or payments where none was
found or its sums do not add up. All windows are asked at once. Every value that it names stands in the
source, is read by the parsers that read everything else (``meaning``), gets its place on the page
(``locating``), and is weighed against what was there before (``weighing``).

Nobody is asked by default: with an adapter of a part of a pass nothing was better for it, and nothing worse.
Of 40 receipts of SROIE by companies that neither rankers nor adapter had seen, 28 were asked about; 109 of
the 120 companies, dates and totals were right with it and without it (F1 0.908). A question took 0.56 s of
one core in the median, 1.1 s at the 95th percentile. Where rules and model differed on what was weak, rules
were right in 25 of 32 cases, the model in 2: counted so, it is hardly believed there.

A model without the adapter picks among candidates (``picking``), if it is any good at that. A model that
fails, or takes too long, costs the document nothing: ``Extraction.notes`` say so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from abax.documents import answering, picking
from abax.documents.contracts import DocumentType, Evidence
from abax.documents.extract import Extraction
from abax.documents.locating import Place, Source
from abax.documents.meaning import Ways
from abax.errors import InvalidRequest, ModelError
from abax.ports import TextResult

if TYPE_CHECKING:
    from abax.documents.answering import Window
    from abax.documents.fields import Fields
    from abax.documents.pages import Reading
    from abax.documents.spans import Sight
    from abax.ports import TextModel

logger = logging.getLogger("abax.documents")

SECONDS: Final = picking.SECONDS
MOST_WINDOWS: Final = 8
"""Of a longer document its beginning and its last window are read, and no list: there is no time for all."""
LISTS: Final = ("lines", "entries", "remittances")
OF_RECEIPTS: Final = ("issue_date", "seller.name", "seller.address.text", "totals.gross")
"""What is asked of a receipt together, as the model was taught."""


_NOTHING: Final = Evidence(method="model", confidence=0.0)


@dataclass(frozen=True)
class Said:
    """A value that a model read."""

    value: Any
    text: str
    """As printed."""
    place: Place
    likelihood: float | None
    """What the model gave it; None where it does not tell."""


def ask(fields: Fields, model: TextModel, seconds: float = SECONDS, key: str = "") -> tuple[str, ...]:
    """Fill what is missing or weak; notes for a person where the model could not help. ``key`` is the
    document's id (``TextRequest.key``)."""
    from abax.documents import weighing

    wanted = lacking(fields)
    if not wanted or answering.ADAPTER not in model.adapters:
        if picking.is_useful(model):
            return picking.ask(fields, model, seconds)
        unable = f"the model {model.name} has no adapter {answering.ADAPTER!r}, so that it was not asked"
        return (unable,) if wanted else ()
    windows = answering.windows(fields.reading)
    if len(windows) > MOST_WINDOWS:
        windows = [*windows[: MOST_WINDOWS - 1], windows[-1]]
        wanted = tuple(only for only in wanted if not set(only) & set(LISTS))
    said, notes = answers(
        fields.reading, fields.type, wanted, model, ways_of(fields.sight), seconds, windows=windows, key=key
    )
    weighing.weigh(fields, said)
    return notes


def lacking(fields: Fields) -> tuple[tuple[str, ...], ...]:
    """What to ask for: the fields that are missing or weak, then the list that is missing or does not add
    up. Nothing where all is well. What a document need not have, and has not, is not asked for: most often it
    is not there."""
    from abax.documents import weighing
    from abax.documents.quality import REQUIRED, TOUCHLESS, calibrated

    known, every = askable(fields.type)
    required = REQUIRED.get(fields.type, ())
    lists = tuple(path for path in every if weighing.is_lacking(path, fields))
    single = {
        path
        for path in known
        if (path in fields.values or path in required)
        and calibrated(path, fields.evidence.get(path, _NOTHING), fields.type) < TOUCHLESS
    }
    if fields.type is DocumentType.RECEIPT and single & set(OF_RECEIPTS):
        single |= set(OF_RECEIPTS)
    parts = (tuple(path for path in known if path in single), lists)
    return tuple(part for part in parts if part)


def askable(kind: DocumentType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a document of a type can be asked for, each in the order of the answer: the single fields, and the
    lists. Training asks the same, so that a model is taught what it will be asked."""
    from abax.documents.quality import EXPECTED, REQUIRED

    named = (*REQUIRED.get(kind, ()), *EXPECTED.get(kind, ()))
    single = tuple(path for path in answering.answerable(kind) if path in named)
    return single, tuple(path for path in named if path in LISTS)


def answers(
    reading: Reading,
    kind: DocumentType,
    wanted: Sequence[tuple[str, ...]],
    model: TextModel,
    ways: Ways,
    seconds: float,
    *,
    windows: Sequence[Window] | None = None,
    key: str = "",
) -> tuple[dict[str, Said], tuple[str, ...]]:
    """What a model reads of a document: for each group of fields, all windows, joined. Notes tell of windows
    that were not answered; a list of which some window is missing is left out as a whole."""
    windows = answering.windows(reading) if windows is None else windows
    requests = [answering.request(kind, window, reading, only, key) for only in wanted for window in windows]
    results = model.generate_all(requests, time.monotonic() + seconds)
    found: dict[str, tuple[str, float | None]] = {}
    problems: list[str] = []
    for at in range(0, len(results), max(len(windows), 1)):
        told = [_told(result) for result in results[at : at + len(windows)]]
        problems += [one for one in told if isinstance(one, str)]
        whole = answering.joined(one for one in told if not isinstance(one, str))
        gaps = any(isinstance(one, str) for one in told)
        found.update({path: one for path, one in whole.items() if not (gaps and "]." in path)})
    for problem in problems:
        logger.warning("the model %s gave no answer: %s", model.name, problem)
    notes = (f"the model {model.name} gave no answer ({problems[0]})",) if problems else ()
    return _located(Source(reading, windows), kind, found, ways), notes


def _told(result: TextResult | InvalidRequest | ModelError) -> dict[str, tuple[str, float | None]] | str:
    """Printed values with their likelihoods by path, or why there are none."""
    if not isinstance(result, TextResult):
        return str(result)
    if not isinstance(result.parsed, dict):
        return picking.why(result)
    likely = answering.likelihoods(result.text, result.pieces)
    return {path: (text, likely.get(path)) for path, text in answering.values_of(result.parsed).items()}


def _located(
    source: Source, kind: DocumentType, found: Mapping[str, tuple[str, float | None]], ways: Ways
) -> dict[str, Said]:
    """What stands on the page; a model that keeps to no grammar may have said more."""
    places = source.located({path: text for path, (text, _) in found.items()})
    texts = {path: text for path, (text, _) in found.items() if path in places}
    return {
        path: Said(value, texts[path], places[path], found[path][1])
        for path, value in answering.read(kind, texts, ways).items()
    }


def alone(
    reading: Reading, kind: DocumentType, only: tuple[str, ...], model: TextModel, seconds: float
) -> Extraction:
    """What the model alone makes of a document, without rules and rankers: the fields ``only``, or all that
    the pipeline may ask for. For evaluation, and to count how often it is right."""
    from abax.documents import spans, weighing

    sight = spans.look(reading)
    wanted = (only,) if only else tuple(filter(None, askable(kind)))
    said, notes = answers(reading, kind, wanted, model, ways_of(sight), seconds)
    contract = answering.contract_of(kind, {path: one.value for path, one in said.items()})
    dense = dict(zip(said, weighing.dense(said), strict=True))
    evidence = {dense[path]: weighing.evidence_of(path, one, kind) for path, one in said.items()}
    return Extraction(contract=contract, evidence=evidence, notes=notes)


def ways_of(sight: Sight) -> Ways:
    """How a document writes its numbers and days."""
    return Ways(sight.mark, sight.order, sight.language, sight.currency, sight.recognised)
