"""Titles found in rows of words, right or misread."""

from __future__ import annotations

import pytest
from abax.documents import titles
from abax.documents.contracts import Subtype
from abax.documents.lexicon import plain
from abax.documents.title_words import SUBTITLES, TITLES


@pytest.mark.parametrize(
    ("row", "kind", "subtype"),
    [
        ("tax invoice", "invoice", None),
        ("pro forma invoice", "invoice", Subtype.PRO_FORMA),
        ("schlussrechnung", "invoice", Subtype.FINAL),
        ("baustellenrechnung", "invoice", None),
        ("bon de livraison", "delivery_note", None),
        ("nota di credito", "credit_memo", None),
        ("pedido marco", "purchase_order", Subtype.BLANKET),
        ("potwierdzenie zamowienia", "sales_order", None),
        ("faktura danovy doklad", "invoice", None),
        ("zalohova faktura", "invoice", Subtype.DOWN_PAYMENT),
        ("kreditfaktura", "credit_memo", None),
        ("elregning", "invoice", None),
        ("rykker", "invoice", Subtype.REMINDER),
        ("fatura recibo", "invoice", None),
        ("dijbekero", "invoice", Subtype.PRO_FORMA),
        ("factura fiscala", "invoice", None),
        ("faktura vat rr", "invoice", Subtype.SELF_BILLED),
        ("avviso di parcella", "invoice", Subtype.PRO_FORMA),
        ("datos de la factura", "invoice", None),
    ],
)
def test_a_row_that_begins_with_a_title_says_it(row: str, kind: str, subtype: Subtype | None) -> None:
    found = titles.find(row.split(), 0)
    assert found is not None
    assert (found.kind, found.subtype) == (kind, subtype)


def test_the_longest_title_wins() -> None:
    found = titles.find(["confirmation", "de", "commande", "12"], 0)
    assert found is not None
    assert (found.kind, found.words) == ("sales_order", 3)


def test_other_words_are_no_titles() -> None:
    assert titles.find(["hello", "world"], 0) is None
    assert titles.misread("helloworldagain") is None
    assert titles.resembling("helloworldagain") is None


@pytest.mark.parametrize("said", ["purchaseorde", "purch4seorder", "purchasse0rder", "urchaseorder"])
def test_one_wrong_letter_hides_no_long_title(said: str) -> None:
    found = titles.misread(said)
    assert found is not None
    assert found.kind == "purchase_order"


def test_many_wrong_letters_still_resemble_the_title() -> None:
    found = titles.resembling("potwlerdzeniezamowlenia")
    assert found is not None
    assert found.kind == "sales_order"


def test_likeness_is_the_share_of_common_pairs_of_letters() -> None:
    one, other = titles.pairs_of("invoice"), titles.pairs_of("involce")
    assert titles.likeness(one, one) == 1.0
    assert 0.5 < titles.likeness(one, other) < 1.0
    assert titles.likeness(titles.pairs_of(""), titles.pairs_of("")) == 0.0


def test_every_title_is_plain_and_every_kind_has_seven_languages() -> None:
    for kind, by_language in TITLES.items():
        assert kind in titles.KINDS
        assert {"en", "de", "fr", "es", "it", "nl", "pl"} <= set(by_language)
        for said in by_language.values():
            for title in said.split("|"):
                assert all(plain(word) == word for word in title.split()), title


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("rechnungsnummer", "invoice"),
        ("rechnungs nr", "invoice"),
        ("factuurnummer", "invoice"),
        ("n factura", "invoice"),
        ("numero de factura", "invoice"),
        ("nr faktury", "invoice"),
        ("cislo faktury", "invoice"),
        ("creditnotanummer", "credit_memo"),
    ],
)
def test_the_label_of_a_number_says_what_it_numbers(label: str, kind: str) -> None:
    found = titles.numbered(label.split())
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("label", ["rekeningnummer", "kundennummer", "nr klienta", "numero", "telefonnummer"])
def test_the_label_of_another_number_names_no_document(label: str) -> None:
    assert titles.numbered(label.split()) is None


def test_no_title_stands_for_two_kinds() -> None:
    kinds: dict[str, object] = {}
    for kind, by_language in {**TITLES, **SUBTITLES}.items():
        for said in by_language.values():
            for title in said.split("|"):
                assert kinds.setdefault(title, kind) == kind, title
