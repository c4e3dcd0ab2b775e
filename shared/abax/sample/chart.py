"""The two charts of accounts, and the taxes.

The story posts to *roles* ("bank", "salaries"); a chart says which account plays each role. The codes of
the two companies overlap on purpose, as in real groups: 1200 is the trade receivables of one and the bank of
the other.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one company. ``statement_class`` is given only where Odoo's type does not tell it."""

    role: str
    code: str
    name: str
    type: str
    statement_class: str = ""

    @property
    def reconcile(self) -> bool:
        """Whether its lines are matched with each other."""
        return self.type in ("asset_receivable", "liability_payable") or self.role == "transfer"

    @property
    def is_result(self) -> bool:
        """Whether it starts each fiscal year at nil."""
        return self.type.startswith(("income", "expense"))


@dataclass(frozen=True, slots=True)
class Tax:
    """A value-added tax. ``contra`` is the role that a reverse charge also posts to."""

    key: str
    name: str
    percent: int
    use: str
    role: str
    contra: str = ""


Chart = dict[str, Account]


def _chart(table: str) -> Chart:
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {row[0]: Account(*row) for row in rows}


NORDLICHT = _chart("""
software           | 0135   | Software and licences                  | asset_fixed
software_dep       | 0139   | Accumulated amortisation, software     | asset_fixed
machinery          | 0440   | Machinery                              | asset_fixed
machinery_dep      | 0449   | Accumulated depreciation, machinery    | asset_fixed
vehicles           | 0520   | Vehicles                               | asset_fixed
vehicles_dep       | 0529   | Accumulated depreciation, vehicles     | asset_fixed
equipment          | 0650   | Office and IT equipment                | asset_fixed
equipment_dep      | 0659   | Accumulated depreciation, equipment    | asset_fixed
investment         | 0820   | Shares in Harbour Tools Ltd            | asset_non_current
materials          | 1000   | Raw materials and components           | asset_current    | inventory
goods              | 1140   | Spare parts and goods for resale       | asset_current    | inventory
receivables        | 1200   | Trade receivables                      | asset_receivable
ic_receivables     | 1270   | Receivables from affiliated companies  | asset_receivable
input_vat          | 1406   | Input VAT 19%                          | asset_current
input_vat_low      | 1401   | Input VAT 7%                           | asset_current
input_vat_eu       | 1407   | Input VAT reverse charge               | asset_current
transfer           | 1460   | Liquidity transfer                     | asset_current
petty_cash         | 1600   | Petty cash                             | asset_cash
bank               | 1800   | Bank, current account                  | asset_cash
savings            | 1810   | Bank, call money account               | asset_cash
prepaid            | 1900   | Prepaid expenses                       | asset_prepayments
share_capital      | 2900   | Subscribed capital                     | equity
capital_reserve    | 2920   | Capital reserve                        | equity
retained           | 2970   | Profit brought forward                 | equity_unaffected
pension            | 3000   | Provision for pensions | liability_non_current | other_non_current_liabilities
tax_provision      | 3040   | Provision for income taxes             | liability_current
accruals           | 3070   | Accrued liabilities                    | liability_current
warranty           | 3090   | Provision for warranties               | liability_current
loan               | 3150   | Bank loans                             | liability_non_current
loan_current       | 3151   | Bank loans, due within one year        | liability_current | short_term_debt
credit_line        | 3160   | Revolving credit line                  | liability_current | short_term_debt
deposits           | 3272   | Customer down payments                 | liability_current
payables           | 3300   | Trade payables                         | liability_payable
ic_payables        | 3370   | Payables to affiliated companies       | liability_payable
card               | 3610   | Company credit cards                   | liability_credit_card
wage_tax           | 3730   | Wage tax payable                       | liability_current
social             | 3740   | Social security payable                | liability_current
output_vat         | 3806   | Output VAT 19%                         | liability_current
output_vat_low     | 3801   | Output VAT 7%                          | liability_current
output_vat_eu      | 3807   | Output VAT reverse charge              | liability_current
vat_due            | 3840   | VAT settlement                         | liability_current
sales_export       | 4120   | Sales, export                          | income
sales_eu           | 4125   | Sales, intra-community                 | income
sales_ic           | 4130   | Sales to affiliated companies          | income
sales_books        | 4300   | Sales, technical literature 7%         | income
sales_machines     | 4400   | Sales, machines 19%                    | income
sales_parts        | 4410   | Sales, spare parts 19%                 | income
sales_service      | 4420   | Sales, service and maintenance 19%     | income
reductions         | 4730   | Cash discounts and allowances granted  | income
other_income       | 4830   | Other operating income                 | income_other
fx_gain            | 4840   | Exchange gains                         | income_other
disposal_proceeds  | 4845   | Proceeds from disposal of fixed assets | income_other
cost_materials     | 5000   | Cost of materials                      | expense_direct_cost
cost_goods         | 5400   | Cost of goods for resale               | expense_direct_cost
freight_in         | 5800   | Freight inwards                        | expense_direct_cost
subcontract        | 5900   | Subcontracted work                     | expense_direct_cost
wages              | 6010   | Production wages                       | expense_direct_cost
wages_social       | 6110   | Social security, production            | expense_direct_cost
salaries           | 6020   | Salaries                               | expense
salaries_social    | 6111   | Social security, salaried staff        | expense
amortisation       | 6200   | Amortisation of intangible assets      | expense_depreciation
depreciation       | 6220   | Depreciation of tangible assets        | expense_depreciation
rent               | 6310   | Rent                                   | expense
energy             | 6325   | Electricity and gas                    | expense
cleaning           | 6330   | Cleaning and waste disposal            | expense
insurance          | 6400   | Insurance                              | expense
maintenance        | 6490   | Repairs and maintenance                | expense
vehicle_costs      | 6520   | Vehicle running costs                  | expense
marketing          | 6600   | Advertising and trade fairs            | expense
entertainment      | 6640   | Entertainment                          | expense
travel             | 6650   | Travel                                 | expense
freight_out        | 6740   | Freight outwards                       | expense
commission         | 6770   | Sales commissions                      | expense
warranty_cost      | 6790   | Warranty costs                         | expense
postage            | 6800   | Postage and courier                    | expense
telecom            | 6805   | Telephone and internet                 | expense
office             | 6815   | Office supplies                        | expense
legal              | 6825   | Legal and consulting                   | expense
audit              | 6827   | Audit and tax advice                   | expense
it_services        | 6835   | Software subscriptions and IT services | expense
bank_fees          | 6855   | Bank charges                           | expense
fx_loss            | 6880   | Exchange losses                        | expense
disposal_loss      | 6895   | Book value of disposed fixed assets    | expense
bad_debt           | 6930   | Bad debts                              | expense
interest_income    | 7100   | Interest income                        | income_other     | interest_income
interest_expense   | 7310   | Interest on bank loans                 | expense          | interest_expense
income_tax         | 7600   | Corporate income tax                   | expense          | income_tax
trade_tax          | 7610   | Trade tax                              | expense          | income_tax
guarantees         | 9270   | Guarantees given                       | off_balance
guarantees_contra  | 9279   | Guarantees given, contra               | off_balance
""")

HARBOUR = _chart("""
machinery          | 0020   | Plant and machinery                    | asset_fixed
machinery_dep      | 0021   | Plant and machinery depreciation       | asset_fixed
equipment          | 0030   | Office equipment                       | asset_fixed
equipment_dep      | 0031   | Office equipment depreciation          | asset_fixed
vehicles           | 0050   | Motor vehicles                         | asset_fixed
vehicles_dep       | 0051   | Motor vehicles depreciation            | asset_fixed
goods              | 1001   | Stock                                  | asset_current    | inventory
receivables        | 1100   | Debtors control account                | asset_receivable
ic_receivables     | 1110   | Amounts owed by group undertakings     | asset_receivable
prepaid            | 1103   | Prepayments                            | asset_prepayments
bank               | 1200   | Bank current account                   | asset_cash
savings            | 1210   | Bank deposit account                   | asset_cash
petty_cash         | 1230   | Petty cash                             | asset_cash
transfer           | 1250   | Bank transfer clearing                 | asset_current
payables           | 2100   | Creditors control account              | liability_payable
ic_payables        | 2110   | Amounts owed to group undertakings     | liability_payable
accruals           | 2109   | Accruals                               | liability_current
output_vat         | 2200   | Sales tax control account              | liability_current
input_vat          | 2201   | Purchase tax control account           | liability_current
vat_due            | 2202   | VAT liability                          | liability_current
wage_tax           | 2210   | P.A.Y.E.                               | liability_current
social             | 2211   | National Insurance                     | liability_current
card               | 2250   | Company card                           | liability_credit_card
loan               | 2300   | Bank loan                              | liability_non_current
loan_current       | 2305   | Bank loan, due within one year         | liability_current | short_term_debt
tax_provision      | 2320   | Corporation tax                        | liability_current
share_capital      | 3000   | Ordinary shares                        | equity
retained           | 3200   | Profit and loss account                | equity_unaffected
sales_parts        | 4000   | Sales, tools                           | income
sales_service      | 4010   | Sales, repairs and hire                | income
sales_export       | 4020   | Sales, export                          | income
reductions         | 4009   | Discounts allowed                      | income
sales_ic           | 4900   | Commission from group undertakings     | income
fx_gain            | 4906   | Currency gains                         | income_other
cost_goods         | 5000   | Cost of goods sold                     | expense_direct_cost
freight_in         | 5100   | Carriage inwards                       | expense_direct_cost
wages              | 6000   | Workshop wages                         | expense_direct_cost
wages_social       | 6006   | Employer's NI, workshop                | expense_direct_cost
commission         | 6100   | Sales commissions                      | expense
marketing          | 6201   | Advertising and exhibitions            | expense
salaries           | 7003   | Staff salaries                         | expense
salaries_social    | 7006   | Employer's NI, staff                   | expense
rent               | 7100   | Rent                                   | expense
insurance          | 7104   | Premises and liability insurance       | expense
energy             | 7200   | Electricity                            | expense
vehicle_costs      | 7300   | Vehicle fuel and running costs         | expense
travel             | 7400   | Travelling and subsistence             | expense
entertainment      | 7403   | UK entertainment                       | expense
freight_out        | 7501   | Carriage and postage                   | expense
telecom            | 7502   | Telephone and internet                 | expense
office             | 7504   | Office stationery                      | expense
it_services        | 7505   | Software and IT support                | expense
legal              | 7600   | Legal and professional fees            | expense
audit              | 7601   | Audit and accountancy fees             | expense
cleaning           | 7801   | Cleaning                               | expense
maintenance        | 7802   | Repairs and renewals                   | expense
bank_fees          | 7901   | Bank charges                           | expense
interest_expense   | 7903   | Loan interest                          | expense          | interest_expense
fx_loss            | 7906   | Currency losses                        | expense
interest_income    | 4904   | Bank interest received                 | income_other     | interest_income
depreciation       | 8000   | Depreciation                           | expense_depreciation
bad_debt           | 8100   | Bad debts written off                  | expense
income_tax         | 9500   | Corporation tax charge                 | expense          | income_tax
""")

GERMAN_TAXES = (
    Tax("S", "19% USt", 19, "sale", "output_vat"),
    Tax("S_LOW", "7% USt", 7, "sale", "output_vat_low"),
    Tax("S_EU", "0% innergemeinschaftliche Lieferung", 0, "sale", "output_vat"),
    Tax("S_EXPORT", "0% Ausfuhr", 0, "sale", "output_vat"),
    Tax("P", "19% VSt", 19, "purchase", "input_vat"),
    Tax("P_LOW", "7% VSt", 7, "purchase", "input_vat_low"),
    Tax("P_EU", "19% innergemeinschaftlicher Erwerb", 19, "purchase", "input_vat_eu", "output_vat_eu"),
    Tax("P_NONE", "0% VSt", 0, "purchase", "input_vat"),
)
BRITISH_TAXES = (
    Tax("S", "20.0% S", 20, "sale", "output_vat"),
    Tax("S_EXPORT", "0.0% ZR", 0, "sale", "output_vat"),
    Tax("P", "20.0% P", 20, "purchase", "input_vat"),
    Tax("P_NONE", "0.0% P", 0, "purchase", "input_vat"),
)
