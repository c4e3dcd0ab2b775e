"""Lines that may name a party, and how their blocks stand to each other."""

from __future__ import annotations

from abax.documents import parties
from abax.documents.spans import look

from tests.unit.documents.made import reading_of

BLOCKS = "\n\n".join(
    f"Nordwind {name} GmbH            Vox {name} AG\n"
    f"Hafenweg {number}                      Lange Gasse {number}\n"
    f"2045{number} Hamburg                    1011{number} Berlin"
    for number, name in enumerate(("Holz", "Stahl", "Glas", "Stein", "Papier"))
)


def test_a_block_is_counted_among_those_above_it_and_seen_beside_others() -> None:
    lines = parties.lines_of(look(reading_of(BLOCKS)))
    housed = {id(line.seg): line.seg for line in lines if line.features[parties._WITHIN] <= 4}
    assert len(housed) > 8
    for line in lines:
        seg = line.seg
        others = [one for one in housed.values() if one is not seg]
        beside = [one for one in others if abs(one.y0 - seg.y0) < 5 * seg.height]
        assert line.features[-6:-2] == [
            float(sum(one.y0 < seg.y0 for one in others)),
            float(len(others)),
            float(any(one.x0 > seg.x1 for one in beside)),
            float(any(one.x1 < seg.x0 for one in beside)),
        ]


def test_a_full_stop_within_a_legal_form_ends_no_name() -> None:
    assert parties._first_piece("SANJUNG SDN. BHD. (CO. NO: 10231-K)").startswith("SANJUNG SDN. BHD.")
    assert parties._first_piece("Bramble Ltd. Registered in England") == "Bramble Ltd"
