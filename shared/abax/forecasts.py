"""The routes of forecasts. They join the app when first asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from abax.errors import InvalidRequest
from abax.web import FastAPI, PathParameter, Query, Response
from abax.workflow.context import Services
from abax.workflow.forecast_series import SeriesRequest, series_ahead
from abax.workflow.forecasts import ForecastRequest, ask, kept, line_of
from abax.workflow.outcome import close_asked, forecast_of

Id = Annotated[str, PathParameter(pattern="^[0-9a-f]{32}$")]


def add_forecast_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""

    @app.post("/v1/forecasts", tags=["forecasts"])
    def ask_forecast(body: ForecastRequest) -> dict[str, Any]:
        """What becomes of a close's forecast under the assumptions of the body, scenarios side by side, and
        where cash or a covenant may be crossed. The same request has the same id."""
        if body.segment:
            raise InvalidRequest(
                f"segments need the ledger and a minute; abax forecast --segment {body.segment} makes them on"
                " the command line, and GET /v1/forecasts/{id} then has them",
                "segment",
            )
        return ask(services.objects, close_asked(services.jobs, body.job_id), body)

    @app.post("/v1/forecasts/series", tags=["forecasts"])
    def forecast_series(body: SeriesRequest) -> list[dict[str, Any]]:
        """Monthly series of no close, each by the method that its backtest prefers, of those that need
        nothing but Python: with intervals, scores of all methods, and what was mended."""
        return series_ahead(body, datetime.now(UTC).date())

    @app.get("/v1/forecasts/{forecast_id}", tags=["forecasts"])
    def get_forecast(forecast_id: Id) -> dict[str, Any]:
        """A forecast that was asked for."""
        return kept(services.objects, forecast_id)

    @app.get("/v1/closes/{job_id}/forecast", tags=["forecasts"])
    def get_close_forecast(
        job_id: str, line: Annotated[str, Query(description="One line, such as revenue")] = ""
    ) -> Response:
        """The forecast that a close made, or one line of it."""
        found = forecast_of(services.objects, services.jobs.get(job_id))
        told = line_of(found, line) if line else found
        return Response(told.model_dump_json(), media_type="application/json")
