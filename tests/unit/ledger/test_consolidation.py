"""Several companies as one: by hand, and what holds for any group whatever."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from abax.dates import FiscalCalendar, Granularity
from abax.errors import InvalidRequest, MissingRate
from abax.ledger import Ledger
from abax.ledger.consolidation import check_adjustments, consolidate
from abax.ledger.elimination import Entry as Step
from abax.ledger.group import Group, Key, Member, MemberBooks, kin_of, read_member, require_sound
from abax.ledger.model import Company, LineKind, StatementClass
from abax.ledger.translation import Rates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import Entry, rewrite
from tests.unit.ledger.conftest import Opener

D = Decimal
JANUARY, FEBRUARY, MARCH = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)
Moves = Sequence[tuple[date, Mapping[str | Key, str | int | Decimal]]]


def books(
    name: str, moves: Moves, currency: str = "EUR", rates: Rates | None = None, year_end: int = 12
) -> MemberBooks:
    """Books of entries: the month's end, and class or key to amount."""
    cells: dict[tuple[Key, date], Decimal] = {}
    for end, entry in moves:
        assert sum(D(amount) for amount in entry.values()) == 0
        for key, amount in entry.items():
            place = (key if isinstance(key, Key) else Key(key), end)
            cells[place] = cells.get(place, D(0)) + D(amount)
    company = Company(company_id=name, name=f"{name} Ltd", currency=currency, fiscal_year_end_month=year_end)
    return MemberBooks(company, f"source of {name}", f"hash of {name}", rates or Rates(currency), cells)


def member(name: str, **more: object) -> Member:
    return Member.model_validate({"name": name, **more})


def group(*members: Member, **more: object) -> Group:
    return Group.model_validate(
        {"name": "All", "currency": "EUR", "parent": "top", "members": list(members), **more}
    )


def figures(found, report, granularity="month"):
    return {
        row.line: [str(value) for value in row.values] for row in found.statement(report, granularity).lines
    }


def passed(found) -> bool:
    return all(check.passed for check in found.checks)


TOP = [
    (JANUARY, {"cash": 1000, "equity": -1000}),
    (FEBRUARY, {"cash": 300, "revenue": -300}),
]
INVESTMENT = Key("other_non_current_assets", "investment", "sub")
PAID_IN = [(JANUARY, {INVESTMENT: 100, "cash": -100})]
SUB = [(JANUARY, {"cash": 100, "equity": -100}), (FEBRUARY, {"cash": 50, "revenue": -50})]


# --- adding up


def test_companies_are_added_up_line_by_line() -> None:
    found = consolidate(
        group(member("top"), member("sub")), {"top": books("top", TOP), "sub": books("sub", SUB)}, 2025
    )
    sheet = figures(found, "balance_sheet")
    assert sheet["cash"] == ["1100.00", "1450.00"]
    assert sheet["equity"] == ["1100.00", "1100.00"]
    assert figures(found, "income_statement")["net_result"] == ["0.00", "350.00"]
    assert passed(found)
    assert [notice.code for notice in found.notices] == ["no_investment"]


def test_the_worksheet_leads_from_the_companies_to_the_group() -> None:
    owned = member("sub", share="80 %", investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned), {"top": books("top", TOP + PAID_IN), "sub": books("sub", SUB)}, 2025
    )
    rows = {(row.report, row.line): row for row in found.worksheet}
    assert rows["balance_sheet", "other_non_current_assets"].members == [D(100), D(0)]
    assert rows["balance_sheet", "other_non_current_assets"].adjustments == -100
    for row in found.worksheet:
        assert sum(row.members) + row.adjustments == row.group
        year = figures(found, row.report, "year")
        assert D(year[row.line][-1]) == row.group if row.line in year else row.group == 0


def test_a_fiscal_year_that_ends_elsewhere_is_brought_to_the_parents_months() -> None:
    moves = [(date(2024, 12, 31), {"cash": 5, "revenue": -5}), (JANUARY, {"cash": 7, "revenue": -7})]
    found = consolidate(
        group(member("top"), member("sub")),
        {"top": books("top", TOP), "sub": books("sub", moves, year_end=3)},
        2025,
    )
    sheet = figures(found, "balance_sheet", "year")
    assert sheet["retained_earnings"] == ["0.00", "5.00"]
    assert sheet["current_year_result"] == ["5.00", "307.00"]


def test_months_that_end_on_other_days_are_refused() -> None:
    moves = [(date(2025, 1, 25), {"cash": 5, "revenue": -5}), (MARCH, {"cash": 5, "revenue": -5})]
    with pytest.raises(InvalidRequest, match="sub ends on 2025-01-25"):
        consolidate(
            group(member("top"), member("sub")), {"top": books("top", TOP), "sub": books("sub", moves)}, 2025
        )


# --- intercompany


def between(other: str, name: str) -> Key:
    return Key(name, "with", other)


SOLD = (FEBRUARY, {between("sub", "receivables"): 60, between("sub", "revenue"): -60})
BOUGHT = (FEBRUARY, {between("top", "cost_of_sales"): 60, between("top", "payables"): -60})


def traded(sold, bought, **more):
    return consolidate(
        group(member("top"), member("sub"), **more),
        {"top": books("top", [*TOP, sold]), "sub": books("sub", [*SUB, bought])},
        2025,
    )


def test_a_pair_that_agrees_leaves_no_trace() -> None:
    without = consolidate(
        group(member("top"), member("sub")), {"top": books("top", TOP), "sub": books("sub", SUB)}, 2025
    )
    found = traded(SOLD, BOUGHT)
    assert found.statements == without.statements
    assert [(own.kind, own.amount_of_one, own.difference) for own in found.differences] == [
        ("balances", D(60), D(0)),
        ("results", D(-60), D(0)),
    ]
    assert passed(found)


def test_what_two_sides_differ_by_stands_on_a_line_of_its_own_and_fails_beyond_the_tolerance() -> None:
    bought = (FEBRUARY, {between("top", "operating_expenses"): 57, between("top", "payables"): -57})
    found = traded(SOLD, bought)
    assert figures(found, "balance_sheet")["intercompany_differences"] == ["0.00", "3.00"]
    income = figures(found, "income_statement")
    assert income["intercompany_result_differences"] == ["0.00", "3.00"]
    assert income["net_result"] == ["0.00", "353.00"]
    assert figures(found, "cash_flow")["change_in_intercompany_differences"] == ["0.00", "-3.00"]
    failed = [check for check in found.checks if not check.passed]
    assert [check.check for check in failed] == ["intercompany"]
    assert "balances of top and sub differ by 3" in failed[0].detail
    assert passed(traded(SOLD, bought, tolerance=3))


def test_what_was_bought_into_stock_goes_out_of_the_cost_of_sales() -> None:
    into_stock = {Key("inventory", "bought", "top"): 60, between("top", "payables"): -60}
    sold_on = {"cost_of_sales": 45, "inventory": -45}
    found = traded(SOLD, (FEBRUARY, into_stock))
    assert figures(found, "income_statement")["cost_of_sales"] == ["0.00", "60.00"]
    assert figures(found, "balance_sheet")["inventory"] == ["0.00", "60.00"]
    assert passed(found)
    later = consolidate(
        group(member("top"), member("sub")),
        {
            "top": books("top", [*TOP, SOLD]),
            "sub": books("sub", [*SUB, (FEBRUARY, into_stock), (MARCH, sold_on)]),
        },
        2025,
    )
    assert figures(later, "income_statement", "year")["cost_of_sales"] == ["15.00"]
    assert figures(later, "income_statement", "year")["revenue"] == ["350.00"]


def test_balances_are_compared_at_closing_and_results_at_average_rates() -> None:
    rates = Rates.of_csv("currency,month,closing,average\nUSD,2025-01,0.5,0.5\nUSD,2025-02,0.6,0.5\n", "EUR")
    sub = books(
        "sub",
        [
            (JANUARY, {"cash": 100, "equity": -100}),
            (FEBRUARY, {between("top", "cost_of_sales"): 120, between("top", "payables"): -120}),
        ],
        "USD",
    )
    found = consolidate(
        group(member("top"), member("sub")), {"top": books("top", [*TOP, SOLD]), "sub": sub}, 2025, rates
    )
    assert [(own.kind, own.amount_of_other) for own in found.differences] == [
        ("balances", -72),
        ("results", 60),
    ]
    assert figures(found, "balance_sheet")["intercompany_differences"] == ["0.00", "-12.00"]
    assert "intercompany_result_differences" not in figures(found, "income_statement")


def test_dividends_of_a_member_are_no_income() -> None:
    paid = (MARCH, {"retained_earnings": 40, "cash": -40})
    received = (MARCH, {"cash": 40, Key("other_income", "dividend", "sub"): -40})
    owned = member("sub", investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned),
        {"top": books("top", [*TOP, *PAID_IN, received]), "sub": books("sub", [*SUB, paid])},
        2025,
    )
    assert figures(found, "income_statement", "year")["net_result"] == ["350.00"]
    sheet = figures(found, "balance_sheet", "year")
    assert "retained_earnings" not in sheet and sheet["cash"] == ["1350.00"]
    assert "change_in_retained_earnings" not in figures(found, "cash_flow", "year")
    assert passed(found)


# --- capital


def test_an_investment_goes_out_against_capital_and_others_keep_their_share() -> None:
    owned = member("sub", share="0.8", investment_accounts=["1600"])
    top = [*TOP, (JANUARY, {INVESTMENT: 80, "cash": -80})]
    found = consolidate(
        group(member("top"), owned), {"top": books("top", top), "sub": books("sub", SUB)}, 2025
    )
    sheet = figures(found, "balance_sheet")
    assert "other_non_current_assets" not in sheet and "goodwill" not in sheet
    assert sheet["equity"] == ["1000.00", "1000.00"]
    assert sheet["non_controlling_interest"] == ["20.00", "30.00"]
    assert sheet["current_year_result"] == ["0.00", "340.00"]
    income = figures(found, "income_statement")
    assert income["net_result"] == ["0.00", "350.00"]
    assert income["attributable_to_owners"] == ["0.00", "340.00"]
    assert income["attributable_to_non_controlling"] == ["0.00", "10.00"]
    assert figures(found, "cash_flow")["change_in_non_controlling_interest"] == ["20.00", "0.00"]
    assert passed(found)


def test_what_was_paid_beyond_the_share_of_equity_is_goodwill_and_earlier_results_are_not_the_groups() -> (
    None
):
    sub = [
        (JANUARY, {"cash": 100, "equity": -100}),
        (JANUARY, {"cash": 30, "receivables": 20, "revenue": -50}),
        (FEBRUARY, {"receivables": 10, "revenue": -10}),
    ]
    top = [*TOP, (JANUARY, {INVESTMENT: 200, "cash": -200})]
    owned = member("sub", share="0.8", acquired=JANUARY, investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned), {"top": books("top", top), "sub": books("sub", sub)}, 2025
    )
    sheet = figures(found, "balance_sheet")
    assert sheet["goodwill"] == ["80.00", "80.00"]  # 200 for 80 % of 150
    assert sheet["cash"] == ["930.00", "1230.00"]
    assert sheet["non_controlling_interest"] == ["30.00", "32.00"]
    assert sheet["total_equity"] == ["1030.00", "1340.00"]
    assert figures(found, "income_statement")["revenue"] == ["0.00", "310.00"]
    flow = figures(found, "cash_flow")
    assert flow["acquisitions"] == ["-70.00", "0.00"]
    assert "change_in_other_non_current_assets" not in flow
    assert flow["change_in_receivables"] == ["0.00", "-10.00"]
    assert passed(found)


def test_an_acquisition_on_the_first_of_a_month_counts_from_that_month_on() -> None:
    top = [*TOP, (FEBRUARY, {INVESTMENT: 100, "cash": -100})]
    owned = member("sub", acquired="2025-02-01", investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned), {"top": books("top", top), "sub": books("sub", SUB)}, 2025
    )
    sheet = figures(found, "balance_sheet")
    assert sheet["cash"] == ["1000.00", "1350.00"]
    assert figures(found, "income_statement")["net_result"] == ["0.00", "350.00"]
    assert "acquisitions" not in figures(found, "cash_flow")  # 100 paid for 100 of cash
    assert passed(found)


def test_books_that_begin_after_the_acquisition_need_the_equity_of_that_day() -> None:
    sub = [(JANUARY, {"cash": 300, "equity": -100, "retained_earnings": -200})]
    owned = member("sub", acquired="2020-06-30", investment_accounts=["1600"])
    top = [*TOP, (JANUARY, {INVESTMENT: 250, "equity": -250})]
    ledgers = {"top": books("top", top), "sub": books("sub", sub)}
    with pytest.raises(InvalidRequest, match="equity_at_acquisition"):
        consolidate(group(member("top"), owned), ledgers, 2025)
    known = owned.model_copy(update={"equity_at_acquisition": D(220)})
    found = consolidate(group(member("top"), known), ledgers, 2025)
    sheet = figures(found, "balance_sheet", "year")
    assert sheet["goodwill"] == ["30.00"]
    assert sheet["retained_earnings"] == ["80.00"]
    assert sheet["equity"] == ["1250.00"]
    assert passed(found)


def test_goodwill_and_the_minority_go_by_closing_rates() -> None:
    text = "currency,month,closing,average\nUSD,2025-01,0.50,0.50\nUSD,2025-02,0.80,0.60\n"
    sub = books(
        "sub", [(JANUARY, {"cash": 100, "equity": -100}), (FEBRUARY, {"cash": 10, "revenue": -10})], "USD"
    )
    top = books("top", [*TOP, (JANUARY, {INVESTMENT: 60, "cash": -60})])
    owned = member("sub", share="0.8", acquired=JANUARY, investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned), {"top": top, "sub": sub}, 2025, Rates.of_csv(text, "EUR")
    )
    sheet = figures(found, "balance_sheet")
    assert sheet["goodwill"] == ["20.00", "32.00"]  # 40 dollars
    assert sheet["non_controlling_interest"] == ["10.00", "17.60"]  # a fifth of 88
    # 100 × 0.3 + 10 × 0.2 on net assets, four fifths of it the owners', and 12 on goodwill.
    assert sheet["translation_reserve"] == ["0.00", "37.60"]
    assert figures(found, "cash_flow")["effect_of_exchange_rates"] == ["0.00", "32.00"]
    assert passed(found)


def test_what_is_not_supported_is_refused_by_name() -> None:
    ledgers = {"top": books("top", TOP + PAID_IN), "sub": books("sub", SUB)}
    cheap = member("sub", acquired=FEBRUARY, investment_accounts=["1600"])
    with pytest.raises(InvalidRequest, match="bargain purchases are not supported"):
        consolidate(group(member("top"), cheap), ledgers, 2025)
    with pytest.raises(InvalidRequest, match="within a month"):
        consolidate(group(member("top"), member("sub", acquired="2025-02-10")), ledgers, 2025)
    fair = member("sub", acquired=JANUARY, investment_accounts=["1600"], equity_at_acquisition=90)
    with pytest.raises(InvalidRequest, match="fair values"):
        consolidate(group(member("top"), fair), ledgers, 2025)
    with pytest.raises(InvalidRequest, match="same name"):
        consolidate(group(member("top"), member("top")), ledgers, 2025)
    with pytest.raises(InvalidRequest, match="parent owns the others"):
        consolidate(group(member("top", share="0.5"), member("sub")), ledgers, 2025)
    with pytest.raises(InvalidRequest, match="nothing is posted in fiscal year 2027"):
        consolidate(group(member("top"), member("sub")), ledgers, 2027)


@pytest.mark.parametrize(
    ("members", "more", "told"),
    [
        ([member("top"), member("sub")], {"balances": ["receivable"]}, "'receivable' is no statement class"),
        ([member("top"), member("sub", accounts={"1*": "sob"})], {}, "no member 'sob'; there are top, sub"),
        ([member("top"), member("sub", equity_at_acquisition=1)], {}, "say when it was acquired"),
        ([member("sub")], {}, "no member 'top'"),
        (
            [member("top"), *(member(name, investment_accounts=["1600"]) for name in ("sub", "other"))],
            {},
            "account 1600 carries more than one investment",
        ),
    ],
)
def test_a_group_that_contradicts_itself_is_refused(members, more, told) -> None:
    with pytest.raises(InvalidRequest, match=told):
        require_sound(group(*members, **more))


def test_a_member_without_any_posting_is_named() -> None:
    with pytest.raises(InvalidRequest, match="books of sub"):
        consolidate(
            group(member("top"), member("sub")), {"top": books("top", TOP), "sub": books("sub", [])}, 2025
        )


def test_an_adjustment_that_does_not_sum_to_zero_fails_its_check() -> None:
    entry = Step("capital", "sub", positions={"cash": [D(1), D(0)], "equity": [D(-1), D(2)]})
    check = check_adjustments([entry])
    assert (check.passed, check.difference, check.detail) == (False, D(2), "capital sub")


def test_a_step_acquisition_is_told_as_a_difference() -> None:
    top = [*TOP, *PAID_IN, (FEBRUARY, {INVESTMENT: 30, "cash": -30})]
    owned = member("sub", acquired=JANUARY, investment_accounts=["1600"])
    found = consolidate(
        group(member("top"), owned), {"top": books("top", top), "sub": books("sub", SUB)}, 2025
    )
    [off] = found.differences
    assert (off.kind, off.difference, off.within_tolerance) == ("investment", D(30), False)
    assert figures(found, "balance_sheet")["intercompany_differences"] == ["0.00", "30.00"]


def test_a_rate_that_is_missing_is_named() -> None:
    ledgers = {"top": books("top", TOP), "sub": books("sub", SUB, "CHF")}
    with pytest.raises(MissingRate, match=r"CHF rate to EUR for 2025-0[12]"):
        consolidate(group(member("top"), member("sub")), ledgers, 2025)


# --- any group whatever

CLASSES = [own.value for own in StatementClass if own not in (StatementClass.OFF_BALANCE,)]
ENDS = [month.end for year in (2024, 2025) for month in FiscalCalendar().months(year)]
AMOUNT = st.decimals(min_value=-9999, max_value=9999, places=2)
SETTINGS = settings(max_examples=12, print_blob=False, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def entries(draw: st.DrawFn):
    amount = draw(AMOUNT)
    one, other = draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=2, unique=True))
    return draw(st.sampled_from(ENDS)), {one: amount, other: -amount}


@st.composite
def groups(draw: st.DrawFn):
    """Up to four companies in up to three currencies, some with others as owners, some acquired, trading."""
    names = ["top", *"abc"[: draw(st.integers(1, 3))]]
    moves = {name: draw(st.lists(entries(), min_size=1, max_size=8)) for name in names}
    moves["top"].append((ENDS[-1], {"cash": 1, "revenue": -1}))
    currencies = {name: draw(st.sampled_from(["EUR", "USD", "JPY"])) for name in names}
    members = [member("top")]
    for name in names[1:]:
        share = draw(st.sampled_from(["1", "0.8", "0.5100", "0.333333"]))
        bought = draw(st.sampled_from([None, None, date(2024, 6, 30), date(2025, 3, 1)]))
        if bought:
            moves[name].append((ENDS[0], {"cash": 100, "equity": -100}))
        accounts = [f"16{name}"] if bought or draw(st.booleans()) else []
        members.append(member(name, share=share, acquired=bought, investment_accounts=accounts))
        if accounts:
            price = draw(st.integers(10**7, 10**8))
            paid = date(2024, 3, 31)
            moves["top"].append(
                (paid, {Key("other_non_current_assets", "investment", name): price, "cash": -price})
            )
    for one, other in pairwise(names):
        amount, end = draw(AMOUNT), draw(st.sampled_from(ENDS))
        moves[one].append((end, {between(other, "receivables"): amount, between(other, "revenue"): -amount}))
        moves[other].append((end, {between(one, "cost_of_sales"): amount, between(one, "payables"): -amount}))
    rate = st.decimals(min_value="0.01", max_value=100, places=3)
    lines = [
        f"{currency},{end:%Y-%m},{draw(rate)},{draw(rate)}" for currency in ("USD", "JPY") for end in ENDS
    ]
    rates = "\n".join(["currency,month,closing,average", *lines])
    ledgers = {name: books(name, moves[name], currencies[name]) for name in names}
    return group(*members, tolerance=10**12), ledgers, Rates.of_csv(rates, "EUR")


@SETTINGS
@given(groups(), st.integers(1, 2))
def test_any_group_balances_ties_and_is_shared_out_whole(drawn, history) -> None:
    asked, ledgers, rates = drawn
    found = consolidate(asked, ledgers, 2025, rates, history=history)
    assert passed(found)
    for cut in Granularity:
        sheet, flow = found.statement("balance_sheet", cut), found.statement("cash_flow", cut)
        assert sheet.row("total_assets").values == sheet.row("total_liabilities_and_equity").values
        nothing = [D(0)] * len(flow.periods)
        known = {row.line: row.values for row in flow.lines}
        cash = {row.line: row.values for row in sheet.lines}.get("cash", nothing)
        opening = known.get("opening_cash", nothing)
        assert [a + b for a, b in zip(opening, known["net_change_in_cash"], strict=True)] == cash
        steps = [
            row.values for row in flow.lines if row.kind is LineKind.FIGURE and not row.line.endswith("_cash")
        ]
        assert [sum(column) for column in zip(nothing, *steps, strict=True)] == known["net_change_in_cash"]
        income = {row.line: row.values for row in found.statement("income_statement", cut).lines}
        parts = [income.get(f"attributable_to_{whose}", nothing) for whose in ("owners", "non_controlling")]
        assert [a + b for a, b in zip(*parts, strict=True)] == income["net_result"]


def last(ledgers: Mapping[str, MemberBooks]) -> date:
    return max(own.ends[-1] for own in ledgers.values())


@SETTINGS
@given(groups(), st.randoms())
def test_the_order_of_members_does_not_matter(drawn, order: random.Random) -> None:
    asked, ledgers, rates = drawn
    year = last(ledgers).year
    shuffled = list(asked.members)
    order.shuffle(shuffled)
    one = consolidate(asked, ledgers, year, rates)
    other = consolidate(asked.model_copy(update={"members": shuffled}), ledgers, year, rates)
    assert one.statements == other.statements


@SETTINGS
@given(groups(), AMOUNT, st.sampled_from(ENDS), st.sampled_from(["EUR", "USD"]))
def test_a_matched_pair_in_one_currency_leaves_no_trace_in_any_group(drawn, amount, end, currency) -> None:
    asked, ledgers, rates = drawn
    asked = asked.model_copy(
        update={
            "members": [own.model_copy(update={"share": D(1), "acquired": None}) for own in asked.members]
        }
    )
    ledgers = {
        name: replace(own, company=own.company.model_copy(update={"currency": currency}))
        for name, own in ledgers.items()
    }
    year = last(ledgers).year
    before = consolidate(asked, ledgers, year, rates)
    cells = {name: dict(own.cells) for name, own in ledgers.items()}
    for one, other, sign in (("top", "a", 1), ("a", "top", -1)):
        for name, amount_of in (("other_current_assets", amount), ("interest_income", -amount)):
            cells[one][between(other, name), min(end, last(ledgers))] = sign * amount_of
    after = consolidate(
        asked, {name: replace(own, cells=cells[name]) for name, own in ledgers.items()}, year, rates
    )
    assert before.statements == after.statements


# --- reading ledgers

PARTNERS = {"p1": "Buyer", "p2": "Sub GmbH", "p3": "Somebody"}


def read(
    opened: Opener, entries: list[Entry], asked: Group, name: str = "top", **more: object
) -> dict[tuple[Key, date], Decimal]:
    ledger = opened(entries, partners=PARTNERS, **more)
    kin = kin_of(asked, [(asked.member("top"), "books", "1"), (asked.member("sub"), "books", "2")])
    found = read_member(asked, asked.member(name), ledger, kin).cells
    assert sum(found.values()) == 0
    return dict(found)


SALE = Entry("2025-01-20", [("1100", "100"), ("4000", "-80"), ("2300", "-20")], partner="p1")


def test_lines_with_a_member_as_partner_are_found_by_its_company(opened: Opener) -> None:
    found = read(opened, [SALE], group(member("top"), member("sub")), kin={"p1": "2", "p2": "1"})
    assert found == {
        (between("sub", "receivables"), JANUARY): 100,
        (between("sub", "revenue"), JANUARY): -80,
        (Key("other_current_liabilities"), JANUARY): -20,  # owed to the tax office, whoever the partner is
    }


def test_a_member_is_known_by_its_name_too(opened: Opener) -> None:
    asked = group(member("top"), member("sub", known_as=["buyer"]))
    assert (between("sub", "revenue"), JANUARY) in read(opened, [SALE], asked)
    assert (between("sub", "revenue"), JANUARY) not in read(
        opened, [SALE], group(member("top"), member("sub"))
    )


def test_a_result_without_a_partner_goes_by_its_entrys_unless_cash_moves(
    opened: Opener, tmp_path: Path
) -> None:
    invoice = Entry("2025-01-20", [("1100", "100"), ("4000", "-100")], partner="p1")
    payment = Entry("2025-02-20", [("1000", "98"), ("6000", "2"), ("1100", "-100")], partner="p1")
    ledger = opened([invoice, payment], partners=PARTNERS, kin={"p1": "2"})
    folder = tmp_path / "0"
    for file in folder.glob("*/journal_lines.parquet"):
        rewrite(file, "UPDATE stored SET partner_id = NULL WHERE account_id <> '1100'")
    found = read_again(ledger, folder)
    assert found[between("sub", "revenue"), JANUARY] == -100
    assert found[Key("operating_expenses"), FEBRUARY] == 2
    assert found[between("sub", "receivables"), FEBRUARY] == -100


def read_again(ledger: Ledger, folder: Path) -> Mapping[tuple[Key, date], Decimal]:
    """The top company's books out of files that were changed."""
    asked = group(member("top"), member("sub"))
    with Ledger.open(ledger.manifest, folder.joinpath) as again:
        return read_member(asked, asked.member("top"), again, {("books", "2"): "sub"}).cells


def test_goods_bought_of_a_member_are_told_from_other_stock(opened: Opener) -> None:
    bill = Entry("2025-01-20", [("1200", "50"), ("2000", "-50")], partner="p1")
    valuation = Entry("2025-01-21", [("5000", "30"), ("1200", "-30")], partner="p1")
    found = read(opened, [bill, valuation], group(member("top"), member("sub")), kin={"p1": "2"})
    assert found[Key("inventory", "bought", "sub"), JANUARY] == 50
    assert found[Key("inventory"), JANUARY] == -30
    assert found[Key("cost_of_sales"), JANUARY] == 30


def test_what_rates_did_to_a_claim_stays_in_the_result(opened: Opener, tmp_path: Path) -> None:
    revalued = Entry("2025-01-31", [("1100", "7"), ("4900", "-7")], partner="p1")
    ledger = opened([SALE, revalued], partners=PARTNERS, kin={"p1": "2"})
    folder = tmp_path / "0"
    for file in folder.glob("*/journal_lines.parquet"):
        rewrite(file, "UPDATE stored SET document_amount = 0 WHERE entry_id = 'E1'")
    found = read_again(ledger, folder)
    assert found[Key("other_income"), JANUARY] == -7
    assert found[between("sub", "receivables"), JANUARY] == 107


def test_accounts_are_kept_for_a_member_by_pattern_and_some_stay(opened: Opener) -> None:
    entries_ = [
        SALE,
        Entry("2025-01-21", [("1400", "5"), ("4900", "-5")]),
        Entry("2025-01-22", [("1600", "9"), ("1000", "-9")]),
    ]
    asked = group(
        member("top", accounts={"14*": "sub"}),
        member("sub", investment_accounts=["1600"], dividend_accounts=["4900"]),
        stays=["4000-4009"],
    )
    found = read(opened, entries_, asked, kin={"p1": "2"})
    assert found[between("sub", "other_current_assets"), JANUARY] == 5
    assert found[Key("other_income", "dividend", "sub"), JANUARY] == -5
    assert found[Key("other_non_current_assets", "investment", "sub"), JANUARY] == 9
    assert found[Key("revenue"), JANUARY] == -80


def test_an_account_that_the_books_do_not_have_is_named(opened: Opener) -> None:
    asked = group(member("top"), member("sub", investment_accounts=["0815"]))
    with pytest.raises(InvalidRequest, match="books of top have no account 0815"):
        read(opened, [SALE], asked)


def test_closing_entries_and_off_balance_accounts_are_left_out(opened: Opener) -> None:
    closing = Entry("2025-12-31", [("4000", "80"), ("3900", "-80")], closing=True)
    memo = Entry("2025-01-31", [("9000", "5"), ("9000", "-5")])
    found = read(opened, [SALE, closing, memo], group(member("top"), member("sub")))
    assert {key.name for key, _ in found} == {"receivables", "revenue", "other_current_liabilities"}


def test_two_members_that_are_one_company_are_refused() -> None:
    asked = group(member("top"), member("sub"))
    with pytest.raises(InvalidRequest, match="the same company"):
        kin_of(asked, [(own, "books", "1") for own in asked.members])
