"""The two companies in figures."""

from __future__ import annotations

from datetime import date

from abax.dates import FiscalCalendar
from abax.sample import chart, partners
from abax.sample.firm import Asset, CardHabit, Crew, Loan, Profile, Recurring
from abax.sample.partners import Partner

_SEASON = (850, 900, 1080, 1000, 1020, 1120, 960, 780, 1090, 1080, 1120, 1000)
_WINTER = (1550, 1450, 1250, 1000, 800, 650, 600, 600, 750, 950, 1150, 1250)
_FAIRS = (500, 600, 1100, 3000, 700, 600, 300, 300, 2600, 1100, 700, 500)
_DEPARTMENTS = {
    "PROD": "Production",
    "SALES": "Sales",
    "RND": "Engineering",
    "ADMIN": "Administration",
    "LOG": "Logistics",
}
_MARKETS = {"HOME": "Home market", "EU": "European Union", "EXPORT": "Other export"}

_PROD = (("PROD", 100),)
_SALES = (("SALES", 100),)
_RND = (("RND", 100),)
_ADMIN = (("ADMIN", 100),)
_LOG = (("LOG", 100),)

ENDS = date(2025, 12, 31)

_NORDLICHT_COSTS = (
    Recurring("rent", "Rent plant and offices Allermöhe", "rent", 396_000, steady=True,
              analytic=(("PROD", 70), ("ADMIN", 30))),
    Recurring("energy", "Electricity and gas", "energy", 276_000, season=_WINTER,
              analytic=(("PROD", 85), ("ADMIN", 15))),
    Recurring("cleaning", "Cleaning and waste disposal", "cleaning", 58_000, analytic=_ADMIN),
    Recurring("maintenance", "Machine maintenance", "maintenance", 172_000, bills=2, analytic=_PROD),
    Recurring("vehicle_costs", "Vehicle leasing", "vehicles", 92_000, steady=True, analytic=_SALES),
    Recurring("marketing", "Campaigns and trade fairs", "marketing", 292_000, bills=2, season=_FAIRS,
              analytic=(("SALES,HOME", 60), ("SALES,EU", 40))),
    Recurring("travel", "Flights and rail", "travel", 96_000, analytic=(("SALES", 75), ("RND", 25))),
    Recurring("freight_out", "Deliveries to customers", "freight", 258_000, bills=5, season=_SEASON,
              analytic=_LOG),
    Recurring("freight_in", "Inbound freight", "freight", 128_000, bills=3, season=_SEASON, analytic=_LOG),
    Recurring("subcontract", "Contract manufacturing", "subcontract", 470_000, bills=4, season=_SEASON,
              analytic=_PROD),
    Recurring("telecom", "Telephone and internet", "telecom", 34_000, steady=True, analytic=_ADMIN),
    Recurring("office", "Office supplies", "office", 28_000, analytic=_ADMIN),
    Recurring("office", "Technical literature", "literature", 6_000, tax="P_LOW", analytic=_RND),
    Recurring("postage", "Courier", "postage", 18_000, analytic=_LOG),
    Recurring("legal", "Legal advice", "legal", 64_000, months=(2, 5, 8, 10, 11), analytic=_ADMIN),
    Recurring("audit", "Audit and tax advice", "audit", 82_000, months=(3, 4, 6, 9), analytic=_ADMIN),
    Recurring("it_services", "Systems support", "it_services", 146_000, analytic=_ADMIN),
    Recurring("it_services", "Software subscriptions", "it_services", 62_000,
              analytic=(("RND", 60), ("ADMIN", 40))),
    Recurring("wages", "Temporary staff", "temps", 120_000, bills=2, season=_SEASON, analytic=_PROD),
)  # fmt: skip

_HARBOUR_COSTS = (
    Recurring("rent", "Rent Victoria Pier", "rent", 84_000, steady=True, tax="P_NONE", analytic=_ADMIN),
    Recurring("energy", "Electricity", "energy", 24_000, season=_WINTER, analytic=_ADMIN),
    Recurring("vehicle_costs", "Van leasing", "vehicles", 42_000, steady=True, analytic=_LOG),
    Recurring("freight_out", "Carriage", "freight", 62_000, season=_SEASON, analytic=_LOG),
    Recurring("freight_in", "Inbound carriage", "freight", 34_000, season=_SEASON, analytic=_LOG),
    Recurring("it_services", "IT support", "it_services", 27_000, steady=True, analytic=_ADMIN),
    Recurring("marketing", "Advertising", "marketing", 34_000, months=(3, 4, 6, 9, 10), analytic=_SALES),
    Recurring("audit", "Accountancy fees", "audit", 22_000, months=(3, 6, 9, 12), analytic=_ADMIN),
    Recurring("legal", "Legal fees", "legal", 12_000, months=(2, 7, 11), analytic=_ADMIN),
    Recurring("telecom", "Telephone", "telecom", 9_000, months=(1, 4, 7, 10), steady=True, analytic=_ADMIN),
    Recurring("cleaning", "Cleaning", "cleaning", 8_400, months=(1, 4, 7, 10), tax="P_NONE", analytic=_ADMIN),
    Recurring("maintenance", "Repairs", "maintenance", 16_000, months=(1, 4, 7, 10), analytic=_PROD),
    Recurring("office", "Stationery", "office", 5_500, months=(1, 4, 7, 10), analytic=_ADMIN),
)  # fmt: skip

NORDLICHT = Profile(
    company_id=1,
    name="Nordlicht Maschinenbau GmbH",
    code="NL",
    currency="EUR",
    calendar=FiscalCalendar(12, 31),
    chart=chart.NORDLICHT,
    taxes=chart.GERMAN_TAXES,
    customers=partners.NORDLICHT_CUSTOMERS,
    suppliers=partners.NORDLICHT_SUPPLIERS,
    opens=date(2022, 12, 31),
    ends=ENDS,
    revenue=16_400_000,
    growth=45,
    season=_SEASON,
    invoices=32,
    material_share=355,
    goods_share=70,
    stock={"materials": 1_450_000, "goods": 720_000},
    material_bills=9,
    costs=_NORDLICHT_COSTS,
    card=(
        CardHabit("travel", "Hotel and train", 4, 90, 620, analytic=_SALES),
        CardHabit("entertainment", "Restaurant with customers", 2, 60, 380, analytic=_SALES),
        CardHabit("vehicle_costs", "Fuel", 4, 60, 140, analytic=_SALES),
        CardHabit("it_services", "Online service", 1, 20, 240, "P_NONE", _ADMIN),
    ),
    crews=(
        Crew("wages", "wages_social", "production", 158_000, _PROD),
        Crew("wages", "wages_social", "logistics", 18_000, _LOG),
        Crew("salaries", "salaries_social", "sales", 62_000, _SALES),
        Crew("salaries", "salaries_social", "engineering", 58_000, _RND),
        Crew("salaries", "salaries_social", "administration", 46_000, _ADMIN),
    ),
    employer_social=206,
    employee_social=203,
    wage_tax=168,
    bonus_month=11,
    bonus=550,
    wage_pay_day=28,
    levy_pay_day=10,
    assets=(
        Asset("Press line and welding cells", "machinery", 1_460_000, date(2018, 7, 1), 120),
        Asset("CNC park", "machinery", 1_180_000, date(2020, 3, 1), 120),
        Asset("Milling centre MC-2", "machinery", 320_000, date(2019, 9, 1), 96,
              sold=date(2024, 5, 1), proceeds=148_000),
        Asset("Paint shop", "machinery", 430_000, date(2021, 5, 1), 144),
        Asset("Vans and cars", "vehicles", 246_000, date(2021, 1, 1), 72),
        Asset("Office fit-out", "equipment", 184_000, date(2019, 2, 1), 120),
        Asset("Computers and servers", "equipment", 128_000, date(2021, 10, 1), 48),
        Asset("CAD licences", "software", 176_000, date(2021, 6, 1), 60),
        Asset("Press brake PB-4", "machinery", 214_000, date(2023, 4, 1), 120, bill=True),
        Asset("Two delivery vans", "vehicles", 78_000, date(2023, 10, 1), 72, bill=True),
        Asset("Fibre laser cutter", "machinery", 425_000, date(2024, 3, 1), 120, bill=True),
        Asset("Planning software", "software", 88_000, date(2024, 9, 1), 60, bill=True),
        Asset("Milling centre MC-3", "machinery", 268_000, date(2025, 2, 1), 96, bill=True),
        Asset("Server room renewal", "equipment", 52_000, date(2025, 6, 1), 48, bill=True),
        Asset("Forklift trucks", "vehicles", 46_000, date(2025, 10, 1), 72, bill=True),
    ),
    loans=(
        Loan("Plant loan", 3_600_000, 30_000, 385, date(2018, 8, 1)),
        Loan("Laser cutter loan", 400_000, 6_700, 465, date(2024, 3, 1)),
    ),
    opening={
        "investment": 465_000, "materials": 1_420_000, "goods": 705_000, "bank": 980_000, "savings": 350_000,
        "petty_cash": 3_200, "pension": -240_000, "tax_provision": -95_000, "warranty": -210_000,
        "accruals": -145_000, "card": -4_300, "wage_tax": -60_000, "social": -143_000, "vat_due": -128_000,
        "capital_reserve": -750_000,
    },
    opening_receivables=2_150_000,
    opening_payables=1_240_000,
    share_capital=1_000_000,
    tax_rate=302,
    tax_roles=("income_tax", "trade_tax"),
    tax_prepayment=64_000,
    tax_settled_after=8,
    vat_paid_after=1,
    insurance=112_000,
    insurance_month=1,
    dividend=640_000,
    dividend_month=6,
    departments=_DEPARTMENTS,
    markets=_MARKETS,
    partner=Partner(
        "GN001", "Nordlicht Maschinenbau GmbH", "Brookdeich 214", "21029", "Hamburg", "DE", "DE271828182",
                    "group", "EUR", 30, 5, 3, 0),
)  # fmt: skip

HARBOUR = Profile(
    company_id=2,
    name="Harbour Tools Ltd",
    code="HT",
    currency="GBP",
    calendar=FiscalCalendar(3, 31),
    chart=chart.HARBOUR,
    taxes=chart.BRITISH_TAXES,
    customers=partners.HARBOUR_CUSTOMERS,
    suppliers=partners.HARBOUR_SUPPLIERS,
    opens=date(2022, 3, 31),
    ends=ENDS,
    revenue=3_150_000,
    growth=38,
    season=_SEASON,
    invoices=8,
    material_share=0,
    goods_share=560,
    stock={"goods": 430_000},
    material_bills=4,
    costs=_HARBOUR_COSTS,
    card=(
        CardHabit("travel", "Rail and hotel", 1, 40, 320, analytic=_SALES),
        CardHabit("entertainment", "Customer lunch", 1, 30, 160, "P_NONE", _SALES),
        CardHabit("vehicle_costs", "Diesel", 1, 50, 110, analytic=_LOG),
    ),
    crews=(
        Crew("wages", "wages_social", "workshop", 9_800, _PROD),
        Crew("salaries", "salaries_social", "staff", 38_500, (("SALES", 60), ("ADMIN", 40))),
    ),
    employer_social=118,
    employee_social=92,
    wage_tax=141,
    bonus_month=12,
    bonus=250,
    wage_pay_day=27,
    levy_pay_day=22,
    assets=(
        Asset("Workshop equipment", "machinery", 210_000, date(2019, 4, 1), 120),
        Asset("Shop fittings", "equipment", 64_000, date(2020, 6, 1), 96),
        Asset("Delivery vans", "vehicles", 88_000, date(2021, 2, 1), 72),
        Asset("Test bench", "machinery", 56_000, date(2023, 9, 1), 96, bill=True),
        Asset("Racking system", "equipment", 31_000, date(2024, 11, 1), 120, bill=True),
    ),
    loans=(Loan("Premises loan", 420_000, 4_200, 520, date(2019, 10, 1)),),
    opening={
        "goods": 421_000, "bank": 300_000, "savings": 60_000, "petty_cash": 400, "tax_provision": -28_000,
        "accruals": -18_000, "card": -700, "wage_tax": -6_500, "social": -9_800, "vat_due": -41_000,
    },
    opening_receivables=372_000,
    opening_payables=214_000,
    share_capital=250_000,
    tax_rate=250,
    tax_roles=("income_tax",),
    tax_prepayment=0,
    tax_settled_after=10,
    vat_paid_after=2,
    insurance=18_600,
    insurance_month=6,
    dividend=185_000,
    dividend_month=9,
    departments={**_DEPARTMENTS, "PROD": "Workshop"},
    markets=_MARKETS,
    partner=Partner("GH001", "Harbour Tools Ltd", "Victoria Pier 6", "HU1 2AH", "Hull", "GB", "GB314159265",
                    "group", "GBP", 30, 10, 5, 0),
)  # fmt: skip
