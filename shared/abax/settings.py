"""Settings: read once, from the environment, into one typed object per function.

Each class lists exactly the variables that its function reads; ``tests/unit/test_settings.py`` compares
them with the template.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from abax.errors import InvalidRequest


@dataclass(frozen=True)
class Settings:
    """Base: a field ``jobs_table`` is read from the variable ``ABAX_JOBS_TABLE``."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read every field from the environment.

        Raises:
            InvalidRequest: a variable without a default is not set.
        """
        source = os.environ if environ is None else environ
        values = {
            name: source[variable] for name, variable in cls.variables().items() if source.get(variable)
        }
        try:
            return cls(**values)
        except TypeError:
            missing = [v for n, v in cls.variables().items() if n not in values]
            raise InvalidRequest(f"set the environment variable {' or '.join(missing)}") from None

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Field name to environment variable."""
        return {field.name: f"ABAX_{field.name.upper()}" for field in fields(cls)}


@dataclass(frozen=True)
class StepSettings(Settings):
    """What the functions behind the state machine read."""

    bucket: str
    jobs_table: str


@dataclass(frozen=True)
class ForecastSettings(StepSettings):
    """What the function that forecasts reads: how many methods it tries, as ``abax.forecast.toolbox`` names
    it, and whose public holidays are no working days (``DE``, ``US-CA``; empty: nobody's)."""

    forecast_methods: str = "usual"
    forecast_country: str = ""


@dataclass(frozen=True)
class StarterSettings(Settings):
    """What a function that starts the state machine reads."""

    bucket: str
    jobs_table: str
    close_state_machine: str


@dataclass(frozen=True)
class ApiSettings(StarterSettings):
    """What the HTTP API reads."""

    group_state_machine: str
    document_state_machine: str
    records_table: str
    text_function: str
    texts_queue: str
    mail_queue: str
    mail_outs_queue: str
    callback_network: str = "public"


@dataclass(frozen=True)
class DocumentStarterSettings(Settings):
    """What the function that takes documents off their queue reads."""

    bucket: str
    jobs_table: str
    records_table: str
    document_state_machine: str


@dataclass(frozen=True)
class DocumentSettings(Settings):
    """What the function that reads documents reads: where everything lies, how long a document may wait for a
    person, and which OCR engine (``rapidocr``, ``tesseract``, ``none``) and which language model help."""

    bucket: str
    jobs_table: str
    records_table: str
    review_seconds: str = "604800"
    ocr: str = ""
    model_url: str = "none:"
    model_name: str = ""
    adapters: str = ""


@dataclass(frozen=True)
class MailSettings(Settings):
    """What the function that takes mail in reads: where everything lies, where attachments and what leaves
    go, and which language models may be asked, as ``ModelSettings`` has them (none at all by ``none:``)."""

    bucket: str
    jobs_table: str
    records_table: str
    document_state_machine: str
    mail_outs_queue: str
    model_url: str = "none:"
    model_name: str = ""
    model_fast: str = ""
    model_balanced: str = ""
    model_prices: str = ""
    model_cache_seconds: str = "0"
    prompt_shares: str = ""
    adapters: str = ""


@dataclass(frozen=True)
class MailOutSettings(Settings):
    """What the function that tells tickets and sends replies reads. ``mail_sender`` picks who sends:
    ``ses:``, or ``smtp:NAME`` with the secret of that name."""

    bucket: str
    records_table: str
    mail_sender: str = "ses:"
    callback_network: str = "public"


@dataclass(frozen=True)
class LearningSettings(Settings):
    """What the function that lets adapters learn reads: ``trainer`` is how one is reached (``task``, a
    container task; ``queue``, a machine of the house; empty for nobody), ``learning`` when to train, and what
    a version on trial must hold (``abax.learning.practice``)."""

    bucket: str
    records_table: str
    trainer: str = ""
    learning: str = ""


@dataclass(frozen=True)
class WorkerSettings(Settings):
    """What a trainer of the cloud reads, which is a container task or a machine of the house: the bucket, the
    command that trains, and the ``order`` that it is to do (``extract/…``), or the queue that brings them."""

    bucket: str
    trainer: str
    order: str = ""
    trainings_queue: str = ""


@dataclass(frozen=True)
class ModelSettings(Settings):
    """Which language model writes. ``model_url`` picks it by its scheme:

    ==================  ==================================================================================
    empty, ``default``  the runtime of ours with the default model
    ``file:///PATH``    the runtime with that GGUF file, such as one on EFS
    ``object:KEY``      the runtime with a GGUF file out of the bucket, fetched to the scratch disk
    ``https://HOST/v1``  an OpenAI-compatible endpoint; ``model_name`` there, the key in the secret store
    ``script:PATH``     written answers for tests: JSON, a list of texts or of [pattern, text]
    ``none:``           no model: everything that can do without one does
    ==================  ==================================================================================
    """

    model_url: str = ""
    model_name: str = ""
    model_fast: str = ""
    """The model of prompts of that tier, if it is another one: as ``model_url``, and behind ``#`` its name
    at an endpoint; its key is ``key_fast`` in the secret of the default one's."""
    model_balanced: str = ""
    model_strong: str = ""
    model_prices: str = ""
    """What tokens cost, as JSON (``abax.writing.metrics.Prices``)."""
    model_cache_seconds: str = "0"
    """How long answers are kept, so that the same is not asked twice; 0 for not at all."""
    prompt_shares: str = ""
    """Versions of prompts side by side, as JSON (``abax.writing.prompts.Shares``)."""
    adapters: str = ""
    """``registry``: our own runtime answers with the versions of adapters that are live or on trial
    (``abax.learning``), elsewhere and else with those that ship."""

    @classmethod
    def of(cls, settings: Settings) -> ModelSettings:
        """The part of a function's settings that picks its models."""
        own = {field.name for field in fields(cls)} & {field.name for field in fields(settings)}
        return cls(**{name: getattr(settings, name) for name in own})


@dataclass(frozen=True)
class TextSettings(Settings):
    """What the function that writes text reads: where jobs are, models as ``ModelSettings`` has them, and
    where is kept what versions of adapters answer (``records_table``)."""

    bucket: str
    jobs_table: str
    records_table: str = ""
    model_url: str = ""
    model_name: str = ""
    model_fast: str = ""
    model_balanced: str = ""
    model_strong: str = ""
    model_prices: str = ""
    model_cache_seconds: str = "0"
    prompt_shares: str = ""
    callback_network: str = "public"
    adapters: str = ""


@dataclass(frozen=True)
class LocalSettings(Settings):
    """Edge mode: a folder for everything, the key that the API asks for (made up when not set), the model,
    whether callbacks may go to private addresses (``callback_network``: ``public`` or ``private``), how many
    seconds a document may wait for a person, which OCR engine reads pages, and which language model looks
    where nothing sure is found on them (``document_model``, as ``model_url``), which one helps with mail
    (``mail_model``), who sends mail (``mail_sender``: ``outbox:`` is a folder beside the rest, ``smtp:NAME``
    a server in the secret of that name, ``ses:`` Amazon SES), and the secret of the mailbox that is looked
    into (``mailbox``), its folders with commas, and every how many seconds; the command that trains adapters
    (``trainer``, see ``abax.learning.work``), when it does (``learning``, as ``abax.learning.practice`` has
    it), and every how many seconds that is looked at; how many methods forecasts try (``forecast_methods``:
    ``baseline``, ``usual`` or ``all``), and whose public holidays they know (``forecast_country``)."""

    home: str = str(Path.home() / ".abax")
    forecast_methods: str = "usual"
    forecast_country: str = ""
    api_key: str = ""
    model_url: str = ""
    model_name: str = ""
    model_fast: str = ""
    model_balanced: str = ""
    model_strong: str = ""
    model_prices: str = ""
    model_cache_seconds: str = "0"
    prompt_shares: str = ""
    adapters: str = "registry"
    callback_network: str = "public"
    review_seconds: str = "604800"
    ocr: str = ""
    document_model: str = "none:"
    mail_model: str = "none:"
    mail_sender: str = "outbox:"
    mailbox: str = ""
    mailbox_folders: str = "INBOX"
    mailbox_seconds: str = "60"
    trainer: str = ""
    learning: str = ""
    learning_seconds: str = "3600"
