"""The routes of cash to come. They join the app when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from abax.errors import ModelUnavailable
from abax.web import FastAPI, PathParameter, Query
from abax.workflow.cashflow import CashflowRequest, explained, kept, predict
from abax.workflow.context import Services
from abax.workflow.outcome import close_asked

if TYPE_CHECKING:
    from abax.writing.client import Client

SECONDS: Final = 20.0
"""How long notes may be read by a model: the gateway gives up after 30."""
TOKENS: Final = 20_000

Id = Annotated[str, PathParameter(pattern="^[0-9a-f]{32}$")]


def add_cashflow_routes(app: FastAPI, services: Services) -> None:
    """Declare the routes."""

    @app.post("/v1/cashflow/predict", tags=["cash flow"])
    def predict_cashflow(body: CashflowRequest) -> dict[str, Any]:
        """When the open items of a close and the deals of the body are paid, learnt from how each partner
        paid before, and what that leaves in the bank by week or month. The same request has the same id.

        Notes are read where the rules are unsure: by rules where they name one day plainly, and with
        ``model`` by the language model for up to 20 seconds. What it does not answer in time is told, and
        left to the rules.
        """
        job = close_asked(services.jobs, body.job_id)
        return predict(services.objects, job, body, _client(services) if body.model else None)

    @app.get("/v1/cashflow/{cashflow_id}", tags=["cash flow"])
    def get_cashflow(cashflow_id: Id) -> dict[str, Any]:
        """A prediction that was made."""
        return kept(services.objects, cashflow_id)

    @app.get("/v1/cashflow/{cashflow_id}/explain", tags=["cash flow"])
    def explain_cashflow(
        cashflow_id: Id, item: Annotated[str, Query(description="The number of one item")] = ""
    ) -> dict[str, Any]:
        """What a prediction rests on: its assumptions, how good it would have been, and the reasons of each
        item."""
        return explained(services.objects, cashflow_id, item)


def _client(services: Services) -> Client:
    from abax.workflow.ordered_texts import model_of
    from abax.writing.client import Budget, Client

    if services.texts is None:
        raise ModelUnavailable("nothing here writes texts")
    return Client(model_of(services, services.texts), Budget(SECONDS, TOKENS), attempts=1)
