"""Charts as files: whole pictures that need nothing else, in SVG and PNG."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from abax.errors import FontNeeded, InvalidRequest, PackageNeeded
from abax.ledger.model import ClosePackage, Forecast
from abax.report import LineIndex, chart_files, write_charts

from tests.golden.outlook import golden_outlook

Closed = tuple[ClosePackage, Forecast, LineIndex]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pictures(closed: Closed) -> dict[str, str]:
    return chart_files.chart_files(golden_outlook(closed[0]), closed[0])


def test_there_is_a_picture_of_every_line_and_of_all(closed: Closed, pictures: dict[str, str]) -> None:
    lines = [line.line for line in golden_outlook(closed[0]).lines]
    wanted = {"bridge", "scores", "overview", *lines, *(f"{line}-backtest" for line in lines)}
    assert set(pictures) == wanted


def test_a_picture_is_well_formed_and_needs_nothing_else(pictures: dict[str, str]) -> None:
    for name, drawn in pictures.items():
        root = ElementTree.fromstring(drawn)
        assert root.tag == f"{SVG}svg", name
        assert root.find(f"{SVG}title") is not None
        assert "var(" not in drawn
        addresses = set(re.findall(r"https?://[^\s\"']+", drawn))
        assert addresses == {"http://www.w3.org/2000/svg"}
        assert "@import" not in drawn and "href" not in drawn
        identifiers = re.findall(r' id="([^"]+)"', drawn)
        assert len(identifiers) == len(set(identifiers))


def test_a_picture_names_its_company_currency_and_last_month(pictures: dict[str, str]) -> None:
    words = "".join(ElementTree.fromstring(pictures["revenue"]).itertext())
    assert "Kestrel & Rowe <Instruments> Ltd · EUR · known up to 30 Sep 2026" in words
    assert "95% interval" in words and "Next 12 months 151k" in words


def test_its_words_lie_inside_the_sheet(pictures: dict[str, str]) -> None:
    """By the widths of DejaVu Sans, which is wider than most: 0.64 of the size on average."""
    for name in ("revenue", "cash-backtest", "bridge", "scores"):
        root = ElementTree.fromstring(pictures[name])
        width = float(root.attrib["width"])
        for words in root.findall(f"{SVG}text"):
            size = 17 if words.attrib["class"] == "heading" else 12
            assert float(words.attrib["x"]) + 0.64 * size * len(words.text or "") <= width, (name, words.text)


def test_svg_alone_is_written_without_any_package(
    closed: Closed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_files, "find_spec", lambda name: None)
    written = write_charts(golden_outlook(closed[0]), closed[0], tmp_path / "new", {"svg"})
    assert written and {path.suffix for path in written} == {".svg"}
    assert all(path.read_text(encoding="utf-8").startswith("<svg xmlns=") for path in written)


def test_an_unknown_format_is_refused_by_name(closed: Closed, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="there is no gif; use svg, png"):
        write_charts(closed[1], closed[0], tmp_path, {"gif", "svg"})
    assert list(tmp_path.iterdir()) == []


def test_png_without_its_package_says_what_to_install(
    closed: Closed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_files, "find_spec", lambda name: None)
    with pytest.raises(PackageNeeded, match=r"resvg_py.*\[charts\]"):
        write_charts(closed[1], closed[0], tmp_path, {"png"})


def test_png_without_any_font_says_what_to_install(
    closed: Closed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        chart_files, "find_spec", lambda name: find_spec("json") if name == "resvg_py" else None
    )
    monkeypatch.setattr(chart_files, "_SYSTEM_FONTS", (tmp_path / "none",))
    with pytest.raises(FontNeeded, match="install matplotlib"):
        write_charts(closed[1], closed[0], tmp_path, {"png"})


def test_a_forecast_without_anything_gives_no_pictures(closed: Closed, tmp_path: Path) -> None:
    bare = closed[1].model_copy(update={"lines": []})
    assert write_charts(bare, closed[0], tmp_path, {"svg"}) == []


@pytest.mark.skipif(find_spec("resvg_py") is None, reason="resvg_py is not installed (extra charts)")
def test_a_png_is_its_svg_with_words_in_three_dots_a_unit(
    tmp_path: Path, closed: Closed, pictures: dict[str, str]
) -> None:
    from PIL import Image

    one = golden_outlook(closed[0])
    only = one.model_copy(update={"lines": one.lines[:1], "bridge": []})
    written = write_charts(only, closed[0], tmp_path, {"png", "svg"})
    assert sorted(path.name for path in written if path.suffix == ".png") == [
        "overview.png",
        "revenue-backtest.png",
        "revenue.png",
        "scores.png",
    ]
    root = ElementTree.fromstring(pictures["revenue"])
    drawn = Image.open(io.BytesIO((tmp_path / "revenue.png").read_bytes())).convert("L")
    assert drawn.size == tuple(3 * int(root.attrib[side]) for side in ("width", "height"))
    heading = drawn.crop((60, 40, 400, 100))
    assert heading.getextrema()[0] < 60, "the heading has no letters"
    assert drawn.getpixel((5, 5)) == 255
