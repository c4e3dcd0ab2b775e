import os
import signal
import subprocess
import sys
import time

import pytest
from abax.documents import isolated
from abax.documents.isolated import PageFailed, PdfFile
from abax.errors import DamagedFile, EncryptedFile

from tests.unit.documents.made import pdf_of

TWO_PAGES = pdf_of(["Invoice 1", "Total 12.50"], ["Terms"])


def texts(file: PdfFile, page: int) -> list[str]:
    return [word.text for word in file.layer(page).words]


def stopped(file: PdfFile) -> None:
    """The child hangs, as on a page that PDFium does not come back from."""
    assert file._child is not None
    os.kill(file._child._process.pid, signal.SIGSTOP)


def test_pages_are_read_with_what_the_file_says_of_itself():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        assert file.pages == 2
        assert texts(file, 1) == ["Invoice", "1", "Total", "12.50"]
        assert texts(file, 2) == ["Terms"]
        assert "ReportLab" in file.properties["producer"]


def test_a_picture_of_a_page_has_its_size_at_the_resolution():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        image = file.picture(1, 100, 10_000_000)
        assert (image.width, image.height) == (827, 1170)
        assert len(image.grey) == image.width * image.height
        assert min(image.grey) < 60 and max(image.grey) == 255


def test_a_picture_has_no_more_pixels_than_it_may():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        image = file.picture(1, 600, 1_000_000)
        assert image.width * image.height < 1_010_000
        assert image.dpi < 110


def test_a_page_that_hangs_fails_alone():
    with PdfFile(TWO_PAGES, "a.pdf", seconds=5) as file:
        file._seconds = 0.3
        stopped(file)
        with pytest.raises(PageFailed, match=r"more than 0\.9 s"):
            file.layer(1)
        file._seconds = 10
        assert texts(file, 2) == ["Terms"]


def test_a_page_is_tried_once_more_where_its_process_has_crashed():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        assert file._child is not None
        file._child._process.kill()
        assert texts(file, 2) == ["Terms"]


def test_a_page_that_crashes_pdfium_twice_fails_alone(monkeypatch):
    tries = []

    def crashes(child, request, content, seconds):
        if request.get("page") == 1:
            tries.append(request["do"])
            child._process.kill()
        return ask(child, request, content, seconds)

    ask = isolated._Child.ask
    monkeypatch.setattr(isolated._Child, "ask", crashes)
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        with pytest.raises(PageFailed, match="crashed"):
            file.layer(1)
        assert tries == ["layer", "layer"]
        assert texts(file, 2) == ["Terms"]


def test_a_page_that_takes_too_much_of_the_processor_fails_and_is_not_tried_again():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        assert file._child is not None
        os.kill(file._child._process.pid, signal.SIGXCPU)
        with pytest.raises(PageFailed, match="more than 20 s of processor time"):
            file.layer(1)
        assert texts(file, 2) == ["Terms"]


def test_a_process_ends_itself_when_its_time_on_the_processor_is_over():
    endless = "from abax.documents import isolated; isolated._limit(0.1)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", endless]).returncode == -signal.SIGXCPU


def test_an_idle_process_that_has_died_is_not_used():
    children = isolated._Children()
    child = children.take()
    children.give_back(child)
    child._process.kill()
    child._process.wait()
    assert children.take() is not child


def test_a_file_is_not_waited_for_that_the_process_does_not_take():
    content = pdf_of(["x"]) + b" " * 4_000_000
    child = isolated._Child()
    os.kill(child._process.pid, signal.SIGSTOP)
    with pytest.raises(isolated._TookTooLong):
        child.ask({"do": "open"}, content, 0.1)


def test_a_page_that_is_not_there_fails():
    with PdfFile(TWO_PAGES, "a.pdf") as file, pytest.raises(PageFailed):
        file.layer(3)


def test_what_cannot_be_opened_is_refused_and_the_child_stays():
    with pytest.raises(DamagedFile):
        PdfFile(b"%PDF-1.7 nothing", "a.pdf")
    with pytest.raises(EncryptedFile):
        PdfFile(pdf_of(["x"], password="p"), "a.pdf")
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        assert file.pages == 2


def test_one_child_serves_many_files():
    with PdfFile(TWO_PAGES, "a.pdf") as file:
        first = file._child
    with PdfFile(TWO_PAGES, "b.pdf") as file:
        assert file._child is first


def test_two_files_open_at_once_have_a_child_each():
    with PdfFile(TWO_PAGES, "a.pdf") as one, PdfFile(pdf_of(["Other"]), "b.pdf") as other:
        assert texts(one, 2) == ["Terms"]
        assert texts(other, 1) == ["Other"]


def test_children_end_with_their_parent():
    children = isolated._Children()
    child = children.take()
    children.give_back(child)
    children.end()
    begun = time.monotonic()
    assert child._process.wait(5) != 0
    assert time.monotonic() - begun < 5
