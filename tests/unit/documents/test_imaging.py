import numpy as np
import pytest
from abax.documents import imaging
from abax.ports import PageImage
from PIL import Image, TiffImagePlugin

from tests.unit.documents.made import picture, saved

WORDS = [
    *("we", "thank", "you", "for", "your", "order", "of", "paper", "and", "pens", "which", "was"),
    *("sent", "with", "the", "goods", "within", "some", "days", "to", "all"),
]
LINES = [" ".join((WORDS * 2)[place : place + 4 + place % 3]) for place in range(16)]
PAGE = np.asarray(picture(LINES, (900, 1100), 28))


def pages(content: bytes, most_pixels: int = 10_000_000) -> list[PageImage | str]:
    return list(imaging.pictures_of(content, most_pixels))


@pytest.mark.parametrize("degrees", [-5, -1.5, 0, 0.8, 4])
def test_the_tilt_of_lines_is_found(degrees):
    assert imaging.skew_of(imaging.turned(PAGE, degrees)) == pytest.approx(degrees, abs=0.3)


@pytest.mark.parametrize("tilt", [0, 3])
def test_lines_that_run_down_are_told_from_lines_that_run_across(tilt):
    page = imaging.turned(PAGE, tilt)
    assert imaging.sidewaysness(page) < 1
    assert imaging.sidewaysness(imaging.turned(page, 90)) > 1


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_right_angles_lose_nothing(degrees):
    turned = imaging.turned(PAGE, degrees)
    assert turned.shape == (PAGE.shape if degrees % 180 == 0 else PAGE.shape[::-1])
    assert (imaging.turned(turned, -degrees) == PAGE).all()


def test_an_empty_page_has_no_tilt():
    assert imaging.skew_of(np.full((300, 200), 255, np.uint8)) == 0
    assert imaging.skew_of(np.zeros((3, 3), np.uint8)) == 0


def test_a_shadow_is_evened_out():
    shadow = np.linspace(0.45, 1.0, PAGE.shape[1])[None, :]
    cleaned = imaging.cleaned((PAGE * shadow).astype(np.uint8))
    paper = cleaned[PAGE == 255]
    assert np.percentile(paper, 5) > 200
    assert np.median(cleaned[PAGE < 60]) < 120


def test_specks_are_taken_away():
    rng = np.random.default_rng(1)
    noisy = np.where(rng.random(PAGE.shape) < 0.02, 0, PAGE).astype(np.uint8)
    cleaned = imaging.cleaned(noisy)
    assert (cleaned[PAGE == 255] < 100).mean() < 0.005


def test_a_clean_page_stays_as_it_is():
    assert (imaging.cleaned(PAGE) == PAGE).all()


def test_large_pictures_are_made_smaller_and_small_ones_are_not():
    smaller, scale = imaging.within(np.full((4000, 1000), 255, np.uint8), 2000)
    assert (smaller.shape, scale) == ((2000, 500), 0.5)
    assert imaging.within(PAGE, 2000)[0] is PAGE


def test_what_is_transparent_is_white():
    (page,) = pages(saved(Image.new("RGBA", (20, 10), (0, 0, 0, 0)), "PNG"))
    assert set(page.grey) == {255}


def test_pictures_of_sixteen_bits_keep_their_contrast():
    values = np.linspace(1000, 3000, 200).astype(np.uint16).reshape(10, 20)
    (page,) = pages(saved(Image.fromarray(values), "PNG"))
    assert (min(page.grey), max(page.grey)) == (0, 255)


def test_a_camera_that_was_held_sideways_says_so():
    exif = Image.Exif()
    exif[274] = 6
    (page,) = pages(saved(Image.new("L", (20, 10)), "JPEG", exif=exif))
    assert (page.width, page.height) == (10, 20)


def test_pages_of_a_tiff_that_are_too_large_are_told_and_the_others_are_shown():
    more = [Image.new("L", (900, 900))]
    content = saved(Image.new("L", (20, 10)), "TIFF", save_all=True, append_images=more)
    small, large = pages(content, 10_000)
    assert isinstance(small, PageImage)
    assert "megapixels" in large


def test_the_lines_of_a_fax_are_drawn_out_until_letters_have_their_shape():
    content = saved(Image.new("1", (816, 539), 1), "TIFF", dpi=(204, 98), compression="group4")
    [page] = pages(content)
    assert (page.width, page.height, page.dpi) == (816, 1122, 204)


def test_a_smaller_copy_of_a_page_in_a_tiff_is_no_page():
    preview = Image.new("L", (30, 20))
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[254] = 1
    preview.encoderinfo = {"tiffinfo": info}
    content = saved(Image.new("L", (300, 200)), "TIFF", save_all=True, append_images=[preview])
    assert [page.width for page in pages(content)] == [300]
