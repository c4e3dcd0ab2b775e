"""What a frozen evaluation says of an adapter, document by document, so that two can be compared in pairs::

    {"evaluation": "receipts", "set_sha256": "…", "adapter_sha256": "…", "units": [
      {"name": "a.pdf", "score": 0.75, "group": "company a"}, …]}

``score`` is from 0 to 1: right or not, the F1 of a document, the share of a mail's tasks. Documents of one
``group``, such as an issuer, stand and fall together, and are compared as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from abax.errors import InvalidRequest, listed


class Unit(BaseModel):
    """One document's, or one mail's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    score: Annotated[float, Field(ge=0, le=1)]
    group: str = ""
    """Empty: it stands alone."""


class Results(BaseModel):
    """One adapter's on one evaluation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluation: Annotated[str, Field(min_length=1)]
    set_sha256: Annotated[str, Field(min_length=1)]
    """Of the files that are judged by: results of another set are not compared."""
    adapter_sha256: str = ""
    """Of the file that was judged; empty for what ships, or for the model as it is."""
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]

    @property
    def mean(self) -> float:
        """Of all documents, each counting alike."""
        return fmean(one.score for one in self.units)


def paired(ours: Results, theirs: Results) -> list[float]:
    """How much better ours is, group by group. Raises InvalidRequest for results of different documents."""
    if ours.set_sha256 != theirs.set_sha256:
        raise InvalidRequest(
            f"{ours.evaluation} was judged on two different sets ({ours.set_sha256[:12]}… and"
            f" {theirs.set_sha256[:12]}…): judge both on the frozen one",
            "results",
        )
    mine, others = _by_name(ours), _by_name(theirs)
    if mine.keys() != others.keys():
        lacking = listed(sorted(mine.keys() ^ others.keys()), 5)
        raise InvalidRequest(f"{ours.evaluation}: only one of the two was judged on {lacking}", "results")
    groups: dict[str, list[float]] = defaultdict(list)
    for name, unit in mine.items():
        groups[unit.group or f"\0{name}"].append(unit.score - others[name].score)
    return [fmean(differences) for differences in groups.values()]


def _by_name(results: Results) -> dict[str, Unit]:
    found = {one.name: one for one in results.units}
    if len(found) != len(results.units):
        raise InvalidRequest(f"{results.evaluation}: a document is there twice", "results")
    return found


def require_of(found: Iterable[Results], sha256: str, what: str) -> None:
    """Raises InvalidRequest for results of another file than ``what``, whose hash this is; what ships has
    none."""
    for one in found:
        if one.adapter_sha256 != sha256:
            told = f"the file {one.adapter_sha256[:16]}…" if one.adapter_sha256 else "no file"
            raise InvalidRequest(f"{one.evaluation} judges {told}, and not {what}", "results")


def read_folder(folder: Path) -> list[Results]:
    """The results in a folder. Raises InvalidRequest where there are none."""
    found = read(sorted(folder.glob("*.json")))
    if not found:
        made = "python -m training.adapters judge NAME --from ADAPTER.gguf --to FOLDER"
        raise InvalidRequest(f"there are no results in {folder}; `{made}` writes them", "results")
    return found


def read(paths: Iterable[Path]) -> list[Results]:
    """The results in files, one each. Raises InvalidRequest, naming the file."""
    found = []
    for path in paths:
        try:
            found.append(Results.model_validate_json(path.read_bytes()))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidRequest(f"{path}: {where}: {first['msg']}", "results") from None
    return found
