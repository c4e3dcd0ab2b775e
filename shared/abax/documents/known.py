"""What is known of suppliers, documents, orders and receipts, kept in a ``RecordStore``.

====================  ===========================================  ==========================
space                 key                                          item
====================  ===========================================  ==========================
``suppliers``         the supplier's key                           ``KnownSupplier``
``supplier_index``    ``vat:``, ``tax:``, ``account:``, ``name:``  the supplier's key
``seen``              document id                                  ``SeenDocument``, its keys, when
``seen_index``        number, or supplier and amount; document id  ``SeenDocument``
``orders``            order number                                 ``KnownOrder``
``receipts``          order number, receipt number                 ``KnownReceipt``
``invoiced``          order number, document id                    lines that were charged
``claims``            issuer, number, amount                       the first document's id
====================  ===========================================  ==========================

Numbers and names in keys are made plain, so that they are found however a document writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from abax.documents.bookings import plain_name
from abax.documents.classify import Ourselves
from abax.documents.contracts import Contract, DocumentType, Party, TradeDocument
from abax.documents.rules.keys import (
    accounts_of,
    amount_of,
    issuer_of,
    plain_id,
    plain_number,
    supplier_key,
    supplier_keys,
)
from abax.documents.rules.kinds import PAID_BY_BANK
from abax.documents.rules.known import (
    Known,
    KnownOrder,
    KnownReceipt,
    KnownSupplier,
    OrderLine,
    SeenDocument,
    Tolerances,
)
from abax.ports import RecordStore

_ALIKE = 0.9
"""Names at least so much alike are taken for the same company's."""
_STEM = 4
"""Letters by which names are looked up before they are compared."""
_CHARGES = frozenset(
    {DocumentType.SUPPLIER_INVOICE, DocumentType.CREDIT_MEMO, DocumentType.DEBIT_MEMO, DocumentType.RECEIPT}
)


def put_supplier(store: RecordStore, supplier: KnownSupplier) -> None:
    """Keep a supplier, and all that it is found by."""
    store.put("suppliers", supplier.key, supplier.model_dump(mode="json"))
    keys = [
        *(f"vat:{plain_id(one)}" for one in supplier.vat_ids),
        *(f"tax:{plain_id(one)}" for one in supplier.tax_numbers),
        *(f"name:{plain_name(one)}" for one in (supplier.name, *supplier.names) if one),
        *(f"account:{plain_id(one)}" for one in supplier.ibans),
    ]
    for key in keys:
        store.put("supplier_index", key, {"supplier": supplier.key})


def approve_supplier(store: RecordStore, contract: Contract) -> KnownSupplier | None:
    """Keep a document's issuer with the ids and accounts that the document gives, since a person has approved
    them; a form may block it, too. None where the document names nobody, or nobody who is paid."""
    if contract.type not in PAID_BY_BANK or getattr(contract, "role", None) == "customer":
        return None
    party, accounts = issuer_of(contract), accounts_of(contract)
    known, _ = find_supplier(store, party)
    key = known.key if known else supplier_key(party, accounts)
    if key is None:
        return None
    old = known or KnownSupplier(key=key, name=party.name)
    supplier = old.model_copy(
        update={
            "names": _joined(old.names, [party.trading_name, party.name if party.name != old.name else None]),
            "vat_ids": _joined(old.vat_ids, [plain_id(party.vat_id) if party.vat_id else None]),
            "tax_numbers": _joined(old.tax_numbers, [party.tax_number]),
            "ibans": _joined(old.ibans, accounts),
            "country": old.country or party.address.country,
            "blocked": old.blocked or getattr(contract, "action", None) == "block",
        }
    )
    put_supplier(store, supplier)
    return supplier


def _joined(old: tuple[str, ...], new: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *(one for one in new if one))))


def find_supplier(
    store: RecordStore, party: Party, accounts: Iterable[str] = ()
) -> tuple[KnownSupplier | None, KnownSupplier | None]:
    """The supplier that a party is, and another one whose name it bears. Who has a supplier's name with
    another VAT id is not that supplier. Who says nothing of itself is known by its account."""
    if party == Party():
        owners = (_indexed(store, f"account:{account}") for account in accounts)
        return next((_supplier(store, owner) for owner in owners if owner), None), None
    keys = [_indexed(store, key) for key in supplier_keys(party)]
    found = [supplier for key in dict.fromkeys(keys) if key and (supplier := _supplier(store, key))]
    if not found:
        alike = _alike(store, party.name or "")
        if alike is None or (party.vat_id and alike.vat_ids):
            return None, alike
        return alike, None
    if _contradicts(found[0], party):
        return None, found[0]
    return found[0], found[1] if len(found) > 1 else None


def _contradicts(supplier: KnownSupplier, party: Party) -> bool:
    given = plain_id(party.vat_id) if party.vat_id else None
    return bool(given and supplier.vat_ids and given not in map(plain_id, supplier.vat_ids))


def _indexed(store: RecordStore, key: str) -> str | None:
    entry = store.get("supplier_index", key)
    return str(entry["supplier"]) if entry else None


def _supplier(store: RecordStore, key: str) -> KnownSupplier | None:
    item = store.get("suppliers", key)
    return KnownSupplier.model_validate(item) if item else None


def _alike(store: RecordStore, name: str) -> KnownSupplier | None:
    """The supplier whose name is nearest, if it is near."""
    plain = plain_name(name) if name else ""
    if len(plain) < _STEM:
        return None
    best: tuple[float, str] = (_ALIKE, "")
    for key, entry in store.items("supplier_index", f"name:{plain[:_STEM]}"):
        ratio = SequenceMatcher(None, plain, key.removeprefix("name:")).ratio()
        if ratio >= best[0]:
            best = (ratio, entry["supplier"])
    return _supplier(store, best[1]) if best[1] else None


class _Issuer(NamedTuple):
    """Whose document it is."""

    supplier: KnownSupplier | None
    namesake: KnownSupplier | None
    key: str | None


def _issuer(store: RecordStore, contract: Contract) -> _Issuer:
    party, accounts = issuer_of(contract), accounts_of(contract)
    supplier, namesake = find_supplier(store, party, accounts)
    return _Issuer(supplier, namesake, supplier.key if supplier else supplier_key(party, accounts))


def meet(
    store: RecordStore,
    contract: Contract,
    document_id: str,
    *,
    ourselves: Ourselves | None = None,
    today: date | None = None,
    tolerances: Tolerances | None = None,
) -> Known:
    """``remember``, then ``gather``: of two copies that come at once, each sees the other. Asks the store
    less than the two apart."""
    issuer = _issuer(store, contract)
    _remember(store, document_id, contract, issuer)
    return _gather(store, contract, document_id, issuer, ourselves, today, tolerances)


def gather(
    store: RecordStore,
    contract: Contract,
    document_id: str = "",
    *,
    ourselves: Ourselves | None = None,
    today: date | None = None,
    tolerances: Tolerances | None = None,
) -> Known:
    """All that a document can be compared with. ``document_id`` keeps it from being its own copy."""
    issuer = _issuer(store, contract)
    return _gather(store, contract, document_id, issuer, ourselves, today, tolerances)


def _gather(
    store: RecordStore,
    contract: Contract,
    document_id: str,
    issuer: _Issuer,
    ourselves: Ourselves | None,
    today: date | None,
    tolerances: Tolerances | None,
) -> Known:
    number = contract.references.order_number if isinstance(contract, TradeDocument) else None
    order = _order(store, number)
    return Known(
        today=today or date.today(),
        ourselves=ourselves or Ourselves(),
        suppliers_kept=issuer.supplier is not None or _any(store, "suppliers"),
        supplier=issuer.supplier,
        namesake=issuer.namesake,
        account_owners=_owners(store, contract),
        documents=tuple(_candidates(store, contract, issuer.key, document_id)),
        orders_kept=order is not None or (number is not None and _any(store, "orders")),
        order=order,
        receipts=tuple(_receipts(store, number)) if order else (),
        invoiced=tuple(_invoiced(store, number, document_id)) if order else (),
        tolerances=tolerances or Tolerances(),
    )


def _any(store: RecordStore, space: str) -> bool:
    return next(iter(store.items(space)), None) is not None


def _owners(store: RecordStore, contract: Contract) -> dict[str, str]:
    found = {account: _indexed(store, f"account:{account}") for account in accounts_of(contract)}
    return {account: owner for account, owner in found.items() if owner}


def _candidates(
    store: RecordStore, contract: Contract, issuer: str | None, document_id: str
) -> Iterator[SeenDocument]:
    seen = {document_id}
    for key in _seen_keys(contract, issuer, ""):
        for _, item in store.items("seen_index", key):
            document = SeenDocument.model_validate(item)
            if document.document_id not in seen:
                seen.add(document.document_id)
                yield document


def _seen_keys(contract: Contract, issuer: str | None, document_id: str) -> list[str]:
    """By number, and by issuer with amount."""
    keys = []
    if contract.number and (number := plain_number(contract.number)):
        keys.append(f"number:{number}|{document_id}")
    amount = amount_of(contract)
    if issuer and amount:
        keys.append(f"amount:{issuer}|{amount.normalize():f}|{document_id}")
    return keys


def remember(store: RecordStore, document_id: str, contract: Contract) -> bool:
    """Keep that a document was seen, what it charges for its order, or the order or receipt that it is.
    False where this very document was kept before. Whoever was interrupted may do it again."""
    return _remember(store, document_id, contract, _issuer(store, contract))


def _remember(store: RecordStore, document_id: str, contract: Contract, issuer: _Issuer) -> bool:
    document = SeenDocument(
        document_id=document_id,
        type=contract.type,
        issuer=issuer.key or "",
        number=contract.number,
        amount=amount_of(contract),
        currency=contract.currency,
        issue_date=contract.issue_date,
    )
    item = document.model_dump(mode="json")
    keys = _seen_keys(contract, issuer.key, document_id)
    for key in keys:
        store.put("seen_index", key, item)
    if isinstance(contract, TradeDocument):
        _remember_goods(store, document_id, contract, issuer.supplier)
    charged = _charge_key(contract, document_id)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {**item, "keys": keys, "charged": charged, "at": at}
    return store.put("seen", document_id, kept, if_absent=True)


def _remember_goods(
    store: RecordStore, document_id: str, contract: TradeDocument, supplier: KnownSupplier | None
) -> None:
    order_number = contract.references.order_number
    if contract.type is DocumentType.PURCHASE_ORDER and contract.number:
        put_order(store, order_of(contract, supplier.key if supplier else None))
    elif contract.type is DocumentType.GOODS_RECEIPT and order_number:
        put_receipt(store, receipt_of(contract, document_id))
    elif key := _charge_key(contract, document_id):
        lines = [line.model_dump(mode="json") for line in lines_of(contract)]
        sign = -1 if contract.type is DocumentType.CREDIT_MEMO else 1
        net = contract.totals.net
        charged = {"lines": lines, "sign": sign, "net": str(net) if net is not None else None}
        store.put("invoiced", key, charged)


def _charge_key(contract: Contract, document_id: str) -> str | None:
    if not isinstance(contract, TradeDocument) or contract.type not in _CHARGES:
        return None
    order_number = contract.references.order_number
    return f"{plain_number(order_number)}|{document_id}" if order_number else None


def claim(store: RecordStore, document_id: str, contract: Contract) -> str:
    """The document that was the first with this issuer, number and amount: ``document_id`` itself, or the one
    that it is a copy of. Of several that ask at once, one is the first."""
    issuer = _issuer(store, contract).key
    amount = amount_of(contract)
    if not issuer or not contract.number or amount is None:
        return document_id
    key = f"{issuer}|{plain_id(contract.number)}|{amount.normalize():f}|{contract.currency or ''}"
    store.put("claims", key, {"document_id": document_id}, if_absent=True)
    held = store.get("claims", key)
    return str(held["document_id"]) if held else document_id


def forget(store: RecordStore, document_id: str) -> None:
    """Take back what ``remember`` kept of a document: it was rejected, or will be read again."""
    item = store.get("seen", document_id)
    if item is None:
        return
    for key in item.get("keys", ()):
        store.delete("seen_index", key)
    if item.get("charged"):
        store.delete("invoiced", item["charged"])
    store.delete("seen", document_id)


def put_order(store: RecordStore, order: KnownOrder) -> None:
    """Keep an order, in place of one of the same number."""
    store.put("orders", plain_number(order.number), order.model_dump(mode="json"))


def put_receipt(store: RecordStore, receipt: KnownReceipt) -> None:
    """Keep a goods receipt."""
    key = f"{plain_number(receipt.order_number or '')}|{plain_number(receipt.number)}"
    store.put("receipts", key, receipt.model_dump(mode="json"))


def order_of(contract: TradeDocument, supplier: str | None = None) -> KnownOrder:
    """What a purchase order says, for later invoices."""
    return KnownOrder(
        number=contract.number or "",
        supplier=supplier,
        currency=contract.currency,
        net=contract.totals.net,
        lines=tuple(lines_of(contract)),
    )


def receipt_of(contract: TradeDocument, document_id: str) -> KnownReceipt:
    """What a goods receipt says, for later invoices."""
    return KnownReceipt(
        number=contract.number or document_id,
        order_number=contract.references.order_number,
        lines=tuple(lines_of(contract)),
    )


def lines_of(contract: TradeDocument) -> Iterator[OrderLine]:
    """A document's lines as they compare with an order's."""
    for line in contract.lines:
        if line.parent is None:
            yield OrderLine(
                position=line.order_line or line.position,
                item_number=line.item_number,
                description=line.description,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
                price_quantity=line.price_quantity,
                net_amount=line.net_amount,
            )


def _order(store: RecordStore, number: str | None) -> KnownOrder | None:
    item = store.get("orders", plain_number(number)) if number else None
    return KnownOrder.model_validate(item) if item else None


def _receipts(store: RecordStore, number: str | None) -> Iterator[KnownReceipt]:
    if number:
        for _, item in store.items("receipts", f"{plain_number(number)}|"):
            yield KnownReceipt.model_validate(item)


def _invoiced(store: RecordStore, number: str | None, document_id: str) -> Iterator[OrderLine]:
    if not number:
        return
    for key, item in store.items("invoiced", f"{plain_number(number)}|"):
        if key.endswith(f"|{document_id}"):
            continue
        for line in item["lines"]:
            yield _signed(OrderLine.model_validate(line), item["sign"])


def _signed(line: OrderLine, sign: int) -> OrderLine:
    quantity, net = line.quantity, line.net_amount
    changes = {
        "quantity": quantity * sign if quantity is not None else None,
        "net_amount": net * sign if net is not None else None,
    }
    return line.model_copy(update=changes)
