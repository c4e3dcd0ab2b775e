"""Addresses whose parts have labels of their own, as on forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from abax.documents import lexicon, towns
from abax.documents.contracts import Address
from abax.documents.spans import Seg

_PARTS: Final = {
    "street": "street|street address|address|address line 1|indirizzo|stra\u00dfe|strasse|anschrift|adresse"
    "|rue|calle|direcci\u00f3n|domicilio|adres|ulica|straat|morada",
    "city": "city|town|comune|citt\u00e0|localit\u00e0|ort|plz/ort|plz, ort|stadt|ville|commune|ciudad"
    "|poblaci\u00f3n|localidad|municipio|plaats|woonplaats|miasto|miejscowo\u015b\u0107|localidade",
    "postcode": "postcode|post code|postal code|zip|zip code|plz|postleitzahl|cap|code postal|cp|c.p."
    "|c\u00f3digo postal|kod pocztowy",
    "region": "provincia|prov|prov.|state|county|province|region|bundesland|r\u00e9gion|estado"
    "|wojew\u00f3dztwo",
    "country": "country|nazione|paese|stato|land|pays|pa\u00eds|kraj",
}
"""How forms call the parts of an address."""


def _any(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words.split("|"), key=len, reverse=True))


_KEY: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{part}>{_any(words)})" for part, words in _PARTS.items()) + r")\s*:",
    re.IGNORECASE,
)


def told(column: Sequence[Seg]) -> tuple[Address, list[Seg]] | None:
    """An address whose parts have labels of their own: ``Comune: Perugia Provincia: PG``."""
    found: dict[str, str] = {}
    segs: list[Seg] = []
    for seg in column:
        before = f"{seg.left.text.rstrip(' :')}:" if seg.left is not None and seg.left.labels else ""
        text = f"{before} {seg.text}" if _KEY.fullmatch(before) else seg.text
        keys = list(_KEY.finditer(text))
        for key, after in zip(keys, [*keys[1:], None], strict=False):
            value = text[key.end() : after.start() if after else len(text)].strip(" ,;")
            if value:
                found.setdefault(key.lastgroup or "", value)
                segs += [seg] if seg not in segs[-1:] else []
    town = towns.town_of(found.get("city", "")) if len(found) > 1 else None
    city, postcode = (town.city, town.postcode) if town else (found.get("city"), found.get("postcode"))
    if not city or not postcode:
        return None
    land = found.get("country", "")
    country = (
        land.upper() if land.upper() in lexicon.COUNTRIES else lexicon.countries().get(lexicon.plain(land))
    )
    address = Address(
        text=", ".join(found.values()),
        street=found.get("street"),
        city=city,
        postcode=postcode,
        region=found.get("region"),
        country=country,
    )
    return address, segs
