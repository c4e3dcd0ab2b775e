"""Generated documents: right to the cent, true about each word, the same each time."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from abax.documents.contracts import CONTRACT, DocumentType, TradeDocument, fields_of
from abax.documents.synthetic import generate, statistics, write
from abax.documents.synthetic.generate import Sample, split_of
from abax.documents.synthetic.noise import Noise, misread, noisy_reading, picture
from stdnum import iban
from stdnum.eu import vat


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(generate(90, seed=7))


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (next(generate(1, seed=3)) for _ in range(2))
    assert first.pdf == second.pdf
    assert first.contract == second.contract


def test_every_type_and_every_language_comes_up(samples: list[Sample]) -> None:
    told = statistics(samples)
    assert set(told["types"]) == {kind.value for kind in DocumentType}
    assert set(told["languages"]) == {"en", "de", "fr", "es", "it", "nl", "pl"}


def test_no_document_is_there_twice_and_no_issuer_in_two_splits(samples: list[Sample]) -> None:
    texts = [sample.reading.text for sample in samples]
    assert len(set(texts)) == len(texts)
    assert statistics(samples)["issuers_in_two_splits"] == 0


def test_a_split_keeps_to_its_issuers() -> None:
    for sample in generate(15, seed=1, split="test"):
        assert sample.split == "test"


def test_a_split_follows_from_the_issuers_name() -> None:
    assert split_of("Vox GmbH") == split_of("VOX GMBH")


def test_taxes_and_totals_add_up_to_the_cent(samples: list[Sample]) -> None:
    checked = 0
    for sample in samples:
        contract = sample.contract
        if (
            isinstance(contract, TradeDocument)
            and contract.totals.net is not None
            and contract.totals.tax is not None
        ):
            assert contract.totals.gross == contract.totals.net + contract.totals.tax
            checked += 1
    assert checked > 12


def test_each_field_of_the_contract_is_printed_on_some_page(samples: list[Sample]) -> None:
    for sample in samples:
        derived = {
            "type",
            "subtype",
            "currency",
            "language",
            "role",
            "totals.due",
            "totals.net",
            "totals.tax",
        }
        found = (path.replace("preceding[0]", "preceding") for path in fields_of(sample.contract))
        paths = {path for path in found if not path.endswith("is_charge")}
        printed = {path.replace("preceding[0]", "preceding") for path in sample.texts}
        assert paths - derived <= printed


def test_amounts_are_printed_in_the_digits_of_the_truth(samples: list[Sample]) -> None:
    checked = 0
    for sample in samples:
        if isinstance(sample.contract, TradeDocument) and isinstance(sample.contract.totals.gross, Decimal):
            digits = "".join(c for c in sample.texts["totals.gross"] if c.isdigit())
            assert digits == f"{abs(sample.contract.totals.gross):.2f}".replace(".", "")
            checked += 1
    assert checked > 20


def test_identifiers_pass_their_check_digits(samples: list[Sample]) -> None:
    for sample in samples:
        for path, value in fields_of(sample.contract).items():
            if path.endswith(".iban"):
                assert iban.is_valid(value), value
            elif path.endswith(".vat_id") and value[:2] != "CH" and value[:2] != "GB":
                assert vat.is_valid(value), value


def test_the_pdf_reads_as_the_words_say(samples: list[Sample]) -> None:
    import pypdfium2

    sample = samples[1]
    document = pypdfium2.PdfDocument(sample.pdf)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    for _, word, _ in sample.words[:20]:
        assert word.text in text


def test_a_bad_scan_is_greyer_than_a_good_one_and_as_large_as_the_page(samples: list[Sample]) -> None:
    sample = samples[11]
    clean = picture(sample, 1, Noise(dpi=72), random.Random(1))
    bad = picture(sample, 1, Noise(dpi=72, contrast=0.5, speckle=8, quality=30, shadow=0.3), random.Random(1))
    assert clean.size == bad.size
    assert sum(bad.tobytes()) < sum(clean.tobytes())


def test_misread_words_differ_by_about_the_rate_that_was_asked_for(samples: list[Sample]) -> None:
    words = [word for _, word, _ in samples[1].words]
    assert misread(words, random.Random(1), 0.0) != []
    same = {word.text for word in words} & {word.text for word in misread(words, random.Random(1), 0.02)}
    assert 0.6 < len(same) / len({word.text for word in words}) < 1.0


def test_a_noisy_reading_keeps_its_pages(samples: list[Sample]) -> None:
    reading = noisy_reading(samples[2], random.Random(4), degrees=1.5)
    assert len(reading.pages) == len(samples[2].leaves)
    assert reading.text != samples[2].reading.text


def test_a_folder_holds_files_words_pictures_and_the_truth(tmp_path: Path) -> None:
    told = write(tmp_path, generate(3, seed=9), pictures=True)
    rows = [json.loads(row) for row in (tmp_path / "documents.jsonl").read_text("utf-8").splitlines()]
    assert told["documents"] == len(rows) == 3
    for row in rows:
        assert (tmp_path / row["file"]).read_bytes().startswith(b"%PDF")
        pages = json.loads((tmp_path / row["words"]).read_text("utf-8"))
        assert len(pages) == len(row["pages"])
        assert pages[0]["words"]
        assert CONTRACT.validate_python(row["contract"]).type == row["contract"]["type"]


def test_papers_differ_in_what_is_hard_to_read() -> None:
    made = list(generate(120, seed=4, types=[DocumentType.SUPPLIER_INVOICE]))
    texts = [sample.reading.text for sample in made]
    assert sum("totals.due" in sample.texts for sample in made) > 4  # less is due than the whole
    subjects = (
        "Betreff:",
        "Betr.:",
        "Objet",
        "Asunto:",
        "Oggetto:",
        "Betreft:",
        "Dotyczy:",
        "Subject:",
        "Re:",
    )
    assert any(subject in text for text in texts for subject in subjects)
    shown = [sample.texts["seller.vat_id"] for sample in made if "seller.vat_id" in sample.texts]
    assert any(one[0].isdigit() for one in shown)  # without the country
    assert any(len(one.split()) > 1 or "." in one or "-" in one for one in shown)
    assert len({(leaf.width, leaf.height) for sample in made for leaf in sample.leaves}) >= 3


def test_what_is_due_is_told_only_where_it_is_printed_or_is_the_whole() -> None:
    for sample in generate(60, seed=5, types=[DocumentType.SUPPLIER_INVOICE]):
        totals = getattr(sample.contract, "totals", None)
        if totals and totals.due is not None and totals.gross is not None and totals.due != totals.gross:
            assert "totals.due" in sample.texts


def test_british_addresses_part_town_county_and_postcode() -> None:
    made = list(generate(150, seed=8, types=[DocumentType.SUPPLIER_INVOICE], languages=["en"]))
    assert any("seller.address.region" in one.texts for one in made)
    towns = [one.texts["seller.address.city"] for one in made if "seller.address.city" in one.texts]
    assert any(town.isupper() for town in towns)
    assert any("seller.address.additional" in one.texts for one in made)


def test_taxes_stand_in_a_row_over_the_page_with_the_whole_at_its_end() -> None:
    made = list(generate(150, seed=9, types=[DocumentType.SUPPLIER_INVOICE], languages=["es"]))
    rows = [
        [word.text for word in line.words]
        for one in made
        for page in one.reading.pages
        for line in page.lines
        if one.texts.get("taxes[0].base", "?") in line.text and one.texts["totals.gross"] in line.text
    ]
    assert len(rows) > 3
