"""Built functions are weighed with their layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import sizes

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.handler}}
Resources:
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Layer}}
  Big: {Type: AWS::Serverless::Function, Properties: {CodeUri: Big, Layers: [!Ref Layer]}}
  Small: {Type: AWS::Serverless::Function, Properties: {CodeUri: Small}}
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name, size in {"Layer/python/a.py": 10, "Big/x/b.so": 1000, "Big/c.py": 7, "Small/d.py": 5}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    return template


def test_layers_count_for_the_functions_that_use_them(built: Path) -> None:
    measured = {size.name: (size.code, size.layers, size.total) for size in sizes.sizes(built)}
    assert measured == {"big": (1007, 10, 1017), "small": (5, 0, 5)}


def test_a_function_over_the_limit_fails_the_check(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sizes, "BUILT", built)
    assert sizes.main() == 0
    monkeypatch.setattr(sizes, "LIMIT", 1017)
    assert sizes.main() == 1
    assert "big" in capsys.readouterr().out.splitlines()[-1]


def test_without_a_build_the_check_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sizes, "BUILT", tmp_path / "template.yaml")
    assert sizes.main() == 2
    assert "infra/sam build" in capsys.readouterr().out
