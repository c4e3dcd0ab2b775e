"""Settings are read once, and each class names exactly the variables that the template gives its function."""

from pathlib import Path

import pytest
import yaml
from abax.errors import InvalidRequest
from abax.settings import (
    ApiSettings,
    DocumentSettings,
    DocumentStarterSettings,
    ForecastSettings,
    LearningSettings,
    LocalSettings,
    MailOutSettings,
    MailSettings,
    Settings,
    StarterSettings,
    StepSettings,
    TextSettings,
)

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, type[Settings]] = {
    "extract_erp": StepSettings,
    "build_statements": StepSettings,
    "forecast_metrics": ForecastSettings,
    "render_report": StepSettings,
    "generate_text": TextSettings,
    "serve_api": ApiSettings,
    "start_close": StarterSettings,
    "start_document": DocumentStarterSettings,
    "process_document": DocumentSettings,
    "process_mail": MailSettings,
    "deliver_mail": MailOutSettings,
    "train_adapters": LearningSettings,
}


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as plain values."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: None)


def variables_in_templates() -> dict[str, set[str]]:
    """Function folder to the ABAX_ variables that a template sets for it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "infra").glob("*.yaml"):
        template = yaml.load(path.read_text(), _Loader)
        shared = template.get("Globals", {}).get("Function", {})
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                own = resource["Properties"]
                variables = {
                    **shared.get("Environment", {}).get("Variables", {}),
                    **own.get("Environment", {}).get("Variables", {}),
                }
                image = resource.get("Metadata", {}).get("Dockerfile", "")
                name = Path(own["CodeUri"]).name if "CodeUri" in own else Path(image).parent.name
                found[name] = {name for name in variables if name.startswith("ABAX_")}
    return found


def test_the_templates_set_exactly_what_each_function_reads() -> None:
    assert variables_in_templates() == {
        name: set(settings.variables().values()) for name, settings in SETTINGS.items()
    }


def test_every_function_folder_has_settings() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} == set(SETTINGS)


def test_settings_come_from_the_environment() -> None:
    read = StepSettings.from_env({"ABAX_BUCKET": "b", "ABAX_JOBS_TABLE": "t", "OTHER": "x"})
    assert read == StepSettings("b", "t")


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(InvalidRequest, match="ABAX_JOBS_TABLE"):
        StepSettings.from_env({"ABAX_BUCKET": "b", "ABAX_JOBS_TABLE": ""})


def test_edge_mode_has_defaults() -> None:
    assert LocalSettings.from_env({}).home.endswith(".abax")
    assert LocalSettings.from_env({"ABAX_HOME": "/srv/abax"}).home == "/srv/abax"
