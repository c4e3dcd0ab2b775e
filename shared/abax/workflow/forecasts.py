"""Forecasts that somebody asks for, of a close: assumed, compared, warned of, cut by segment; kept.

::

    close ──► forecast.json ──► what if ──► scenarios side by side, alerts ──► kept
              ledger ─────────────────────► segments ──────────────────────────┘

Nothing is fitted anew but where the command line asks for more months than the close's forecast has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from abax.dates import Granularity
from abax.errors import InvalidAssumption, InvalidRequest, NotFound, ObjectMissing, UnknownFigure
from abax.workflow import drafts
from abax.workflow.jobs import requested
from abax.workflow.outcome import forecast_of, open_ledger, package_of

if TYPE_CHECKING:
    from abax.forecast.segmented import SegmentForecast
    from abax.forecast.toolbox import Tools
    from abax.ledger.model import ClosePackage, Forecast, ForecastAssumption, ForecastLine
    from abax.ports import Job, ObjectStore

KEPT: Final = "forecasts/"
ASSUMED: Final = "assumed"
"""The scenario of what is assumed in all of them."""

Assumption = Annotated[str, Field(min_length=1, max_length=200)]


class Scenario(BaseModel):
    """Some assumptions under one name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    assumptions: Annotated[tuple[Assumption, ...], Field(min_length=1, max_length=50)]


class ForecastRequest(BaseModel):
    """Body of ``POST /v1/forecasts``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: Annotated[str, Field(max_length=100, description="A close; the newest where it is left out")] = ""
    horizon: Annotated[
        int | None, Field(ge=1, le=60, description="Months; as many as the close's forecast has")
    ] = None
    assumptions: Annotated[
        tuple[Assumption, ...],
        Field(max_length=50, description='What holds in every scenario, such as "revenue growth=+5%"'),
    ] = ()
    scenarios: Annotated[tuple[Scenario, ...], Field(max_length=10)] = ()
    floor: Annotated[Decimal | None, Field(description="Told where cash may fall below it")] = None
    covenants: Annotated[
        tuple[Assumption, ...], Field(max_length=20, description='Such as "current_ratio>=1.2"')
    ] = ()
    by: Granularity = Granularity.QUARTER
    segment: Annotated[
        str,
        Field(max_length=100, description="A dimension of the ledger; on the command line alone"),
    ] = ""


@dataclass(frozen=True)
class Outlooks:
    """The forecast that history gives, and what becomes of it."""

    package: ClosePackage
    base: Forecast
    scenarios: Mapping[str, Forecast]
    """By name; ``ASSUMED`` first where something is assumed in all."""

    @property
    def main(self) -> Forecast:
        """What was asked for: as assumed, else the base."""
        return self.scenarios.get(ASSUMED, self.base)


def ask(
    objects: ObjectStore, job: Job, request: ForecastRequest, tools: Tools | None = None
) -> dict[str, Any]:
    """The forecast of a close as it was asked for, kept under its ``id``, the same for the same request.

    ``tools`` are what methods may be fitted with, for more months than the close's forecast has; None: none
    may be.

    Raises:
        Conflict: the close has no forecast yet, or has failed.
        HorizonTooLong: the history is too short for it.
        InvalidRequest: an assumption or covenant that cannot be understood, two scenarios of one name, or
            more months than there are where nothing may be fitted.
        UnknownFigure: the ledger has no such dimension.
    """
    found = outlooks(objects, job, request, tools)
    main = _warned(found.package, found.main, request)
    scenarios = {name: _warned(found.package, one, request) for name, one in found.scenarios.items()}
    segments = _segments(objects, job, found, request.segment) if request.segment else None
    told = {
        "id": _id(job, request),
        "job_id": job.job_id,
        "company": found.package.company.name,
        "as_of": found.package.as_of.isoformat(),
        "forecast": main.model_dump(mode="json"),
        "comparison": _comparison(found, request.by),
        "scenarios": [
            {
                "name": name,
                "assumptions": [own.model_dump(mode="json") for own in one.assumptions],
                "notes": one.notes,
                "failed_checks": [check.label for check in one.checks if not check.passed],
                "alerts": [alert.model_dump(mode="json") for alert in one.alerts],
            }
            for name, one in scenarios.items()
        ],
        "segments": segments.model_dump(mode="json") if segments else None,
        "notes": _notes(job, found),
    }
    drafts.put_json(objects, f"{KEPT}{told['id']}.json", told)
    return told


def kept(objects: ObjectStore, forecast_id: str) -> dict[str, Any]:
    """A forecast that was asked for. Raises NotFound."""
    try:
        return drafts.get_json(objects, f"{KEPT}{forecast_id}.json")
    except ObjectMissing:
        raise NotFound(f"no forecast {forecast_id!r}") from None


def line_of(forecast: Forecast, name: str) -> ForecastLine:
    """The line of that name. Raises UnknownFigure, naming those there are."""
    for line in forecast.lines:
        if name in (line.line, line.label):
            return line
    raise UnknownFigure("forecast line", name, [line.line for line in forecast.lines])


# --- what is forecast -----------------------------------------------------------------------------------


def outlooks(
    objects: ObjectStore, job: Job, request: ForecastRequest, tools: Tools | None = None
) -> Outlooks:
    """The base and its scenarios. Raises what ``ask`` does."""
    package = package_of(objects, job)
    base = _base(forecast_of(objects, job), package, request.horizon, tools)
    _require_names(request)
    given = {ASSUMED: request.assumptions} if request.assumptions else {}
    given |= {one.name: (*request.assumptions, *one.assumptions) for one in request.scenarios}
    return Outlooks(package, base, {name: _assumed(package, base, own) for name, own in given.items()})


def _base(known: Forecast, package: ClosePackage, horizon: int | None, tools: Tools | None) -> Forecast:
    from abax.forecast.horizon import require
    from abax.forecast.series import monthly_history

    if horizon is None or horizon == known.horizon:
        return known
    require(horizon, monthly_history(package).months)
    if horizon < known.horizon:
        return cut(known, horizon)
    if tools is None:
        raise InvalidRequest(
            f"the close's forecast has {known.horizon} months; abax forecast --horizon {horizon} makes more"
            " where its command line is",
            "horizon",
        )
    from abax.forecast import forecast_package

    made = forecast_package(package, horizon, tools)
    note = f"made anew for {horizon} months: the first {known.horizon} may differ from the close's report"
    return made.model_copy(update={"notes": [*made.notes, note]})


def cut(forecast: Forecast, horizon: int) -> Forecast:
    """The first months of a forecast: the figures that the close's report has, and no others."""
    lines = [line.model_copy(update={"points": line.points[:horizon]}) for line in forecast.lines]
    statements = [
        one.model_copy(
            update={
                "periods": one.periods[:horizon],
                "lines": [row.model_copy(update={"values": row.values[:horizon]}) for row in one.lines],
            }
        )
        for one in forecast.statements
    ]
    first = {column.label for one in statements for column in one.periods}
    return forecast.model_copy(
        update={
            "horizon": horizon,
            "lines": lines,
            "statements": statements,
            "bridge": forecast.bridge if horizon >= _YEAR else [],
            "alerts": [alert for alert in forecast.alerts if alert.month in first],
        }
    )


_YEAR: Final = 12


def _require_names(request: ForecastRequest) -> None:
    names = [one.name for one in request.scenarios]
    for place, name in enumerate(names):
        if name in names[:place] or name == ASSUMED:
            reason = "is what all of them assume" if name == ASSUMED else "is there twice"
            raise InvalidRequest(f"{name!r} {reason}; call it otherwise", f"scenarios.{place}.name")


def _assumed(package: ClosePackage, base: Forecast, texts: Sequence[str]) -> Forecast:
    from abax.forecast.whatif import what_if

    return what_if(package, base, _parsed(base, texts))


def _parsed(base: Forecast, texts: Sequence[str]) -> list[ForecastAssumption]:
    from abax.forecast.assumptions import parse_assumption

    known = [line.line for line in base.lines]
    found = [parse_assumption(text, known) for text in texts]
    for place, one in enumerate(found):
        if (one.driver, one.start) in [(other.driver, other.start) for other in found[:place]]:
            raise InvalidAssumption(texts[place], f"{one.driver} is assumed twice from the same month on")
    return found


def _warned(package: ClosePackage, forecast: Forecast, request: ForecastRequest) -> Forecast:
    if request.floor is None and not request.covenants:
        return forecast.model_copy(update={"alerts": []})
    from abax.forecast.alerts import parse_covenant, with_alerts

    covenants = [parse_covenant(text) for text in request.covenants]
    if covenants and not forecast.statements:
        raise InvalidRequest(
            "this forecast has no balance sheet that a ratio could be made of; close again", "covenants"
        )
    return with_alerts(package, forecast, request.floor, covenants)


def _segments(objects: ObjectStore, job: Job, found: Outlooks, given: str) -> SegmentForecast:
    from abax.forecast.segmented import named, segment_forecast
    from abax.ledger.segments import Dimensions

    with open_ledger(objects, job) as ledger:
        names = Dimensions.of(ledger, found.package.as_of).names
        dimension = named(names, given)
        return segment_forecast(ledger, found.package, found.base, dimension, found.scenarios.get(ASSUMED))


# --- what is told ---------------------------------------------------------------------------------------


def _comparison(found: Outlooks, by: Granularity) -> dict[str, Any] | None:
    from abax.forecast.compare import compare

    if not found.scenarios:
        return None
    told = compare(found.package.company.calendar, found.base, found.scenarios, by)
    return told.model_dump(mode="json")


def _notes(job: Job, found: Outlooks) -> list[str]:
    notes = []
    today = date.today()
    if found.base.history_end > today:
        notes.append(
            f"the books reach to {found.package.as_of}, after {today}: postings of months to come count as"
            " history; abax close --as-of leaves them out"
        )
    if _MEMBER.match(job.client_token):
        notes.append(
            "closed as a member of a group: business with other members is in these figures, so that members'"
            " forecasts do not add up to one of the group"
        )
    if requested(job).as_of is not None:
        notes.append(f"the close is as of {requested(job).as_of}: later postings are not in it")
    return notes


_MEMBER: Final = re.compile(r"\d{8}T\d{6}-[0-9a-f]{10}-")
"""The token of a member's close: its group's job, and the member."""


def _id(job: Job, request: ForecastRequest) -> str:
    told = f"{job.job_id}\n{request.model_dump_json()}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]
