"""The tables of Odoo 15 to 18 that hold the books, with the columns that matter, as the ORM creates them.

One line a column: name, type, and the versions that have it where not all do (``16..``, ``..17``, ``15``).
SQLite takes PostgreSQL's type names: a name decides the affinity only. ``numeric`` is kept for money since
both reading code and comparisons (``debit > 0``) need numbers, not text. SQLite then holds whole amounts as
integers and others as 8-byte floating point; 15 significant digits survive that exactly, so an amount
up to ten trillion reads back to the cent. *Sums* made inside SQLite can stray in the far decimals: round
them to the currency's decimals, which is exact for far more lines than fit here, or sum the rounded amounts
as Decimal.
``varchar`` keeps codes such as ``0135`` from turning into numbers.
"""

from __future__ import annotations

from typing import Final

VERSIONS: Final = (15, 16, 17, 18)

_TABLES: Final = {
    "res_currency": """
        id integer
        name varchar
        symbol varchar
        iso_numeric integer 18..
        decimal_places integer
        full_name varchar
        position varchar
        rounding numeric
        active boolean
    """,
    "res_currency_rate": """
        id integer
        currency_id integer
        company_id integer
        name date
        rate numeric
    """,
    "res_country": """
        id integer
        name varchar 15
        name jsonb 16..
        code varchar
    """,
    "res_partner": """
        id integer
        company_id integer
        name varchar
        display_name varchar ..16
        complete_name varchar 17..
        parent_id integer
        country_id integer
        commercial_partner_id integer
        ref varchar
        lang varchar
        vat varchar
        type varchar
        street varchar
        zip varchar
        city varchar
        email varchar
        active boolean
        is_company boolean
        supplier_rank integer
        customer_rank integer
        property_account_receivable_id jsonb 18..
        property_account_payable_id jsonb 18..
    """,
    "res_company": """
        id integer
        name varchar
        partner_id integer
        currency_id integer
        sequence integer
        parent_path varchar 17..
        parent_id integer
        active boolean 16..
        fiscalyear_last_day integer
        fiscalyear_last_month varchar
        chart_template_id integer ..16
        chart_template varchar 17..
        bank_account_code_prefix varchar
        transfer_account_id integer
        currency_exchange_journal_id integer
        income_currency_exchange_account_id integer
        expense_currency_exchange_account_id integer
        account_opening_move_id integer
        account_opening_date date
        account_fiscal_country_id integer
        period_lock_date date ..17
        fiscalyear_lock_date date
        tax_lock_date date
        sale_lock_date date 18..
        purchase_lock_date date 18..
        hard_lock_date date 18..
        expects_chart_of_accounts boolean
        anglo_saxon_accounting boolean
    """,
    "account_account_type": """
        id integer ..15
        name varchar ..15
        type varchar ..15
        internal_group varchar ..15
        include_initial_balance boolean ..15
        note text ..15
    """,
    "account_account": """
        id integer
        currency_id integer
        company_id integer ..17
        group_id integer ..17
        root_id integer ..17
        code varchar(64) ..17
        code_store jsonb 18..
        user_type_id integer 15
        internal_type varchar 15
        account_type varchar 16..
        internal_group varchar ..17
        include_initial_balance boolean 16..17
        is_off_balance boolean 15
        name varchar 15
        name jsonb 16..
        note text
        deprecated boolean
        reconcile boolean
        non_trade boolean 16..
    """,
    "account_account_res_company_rel": """
        account_account_id integer 18..
        res_company_id integer 18..
    """,
    "account_journal": """
        id integer
        default_account_id integer
        suspense_account_id integer
        sequence integer
        currency_id integer
        company_id integer
        profit_account_id integer
        loss_account_id integer
        bank_account_id integer
        secure_sequence_id integer ..17
        code varchar(5)
        type varchar
        invoice_reference_type varchar
        invoice_reference_model varchar
        name varchar 15
        name jsonb 16..
        active boolean
        refund_sequence boolean
        payment_sequence boolean 16..
        show_on_dashboard boolean
    """,
    "account_tax": """
        id integer
        company_id integer
        sequence integer
        tax_group_id integer
        cash_basis_transition_account_id integer
        country_id integer
        type_tax_use varchar
        tax_scope varchar
        amount_type varchar
        tax_exigibility varchar
        name varchar 15
        name jsonb 16..
        description varchar 15
        description jsonb 16..
        invoice_label jsonb 17..
        amount numeric
        active boolean
        price_include boolean ..17
        price_include_override varchar 18..
        include_base_amount boolean
        is_base_affected boolean
        analytic boolean
    """,
    "account_analytic_group": """
        id integer ..15
        name varchar ..15
        parent_id integer ..15
        company_id integer ..15
        complete_name varchar ..15
    """,
    "account_analytic_plan": """
        id integer 16..
        parent_id integer 16..
        sequence integer 17..
        parent_path varchar 16..
        complete_name varchar 16..
        name varchar 16
        name jsonb 17..
        default_applicability varchar 16
        default_applicability jsonb 18..
        description text 16..
    """,
    "account_analytic_account": """
        id integer
        group_id integer 15
        plan_id integer 16..
        root_plan_id integer 16..
        company_id integer
        partner_id integer
        code varchar
        name varchar 15
        name jsonb 16..
        active boolean
    """,
    "account_move": """
        id integer
        sequence_number integer
        journal_id integer
        company_id integer
        payment_id integer ..17
        origin_payment_id integer 18..
        statement_line_id integer
        tax_cash_basis_rec_id integer
        tax_cash_basis_origin_move_id integer
        auto_post_origin_id integer 16..
        secure_sequence_number integer
        invoice_payment_term_id integer
        partner_id integer
        commercial_partner_id integer
        fiscal_position_id integer
        currency_id integer
        reversed_entry_id integer
        invoice_user_id integer
        sequence_prefix varchar
        name varchar
        ref varchar
        state varchar
        move_type varchar
        auto_post boolean 15
        auto_post varchar 16..
        inalterable_hash varchar
        payment_reference varchar
        payment_state varchar
        invoice_partner_display_name varchar
        invoice_origin varchar
        date date
        invoice_date date
        invoice_date_due date
        delivery_date date 17..
        narration text
        invoice_currency_rate numeric 18..
        amount_untaxed numeric
        amount_tax numeric
        amount_total numeric
        amount_residual numeric
        amount_untaxed_signed numeric
        amount_untaxed_in_currency_signed numeric 18..
        amount_tax_signed numeric
        amount_total_signed numeric
        amount_total_in_currency_signed numeric
        amount_residual_signed numeric
        is_storno boolean 16..
        always_tax_exigible boolean
        to_check boolean ..17
        checked boolean 18..
        posted_before boolean
        is_move_sent boolean
    """,
    "account_move_line": """
        id integer
        move_id integer
        journal_id integer
        company_id integer
        company_currency_id integer
        sequence integer
        account_id integer
        account_internal_type varchar 15
        account_root_id integer ..17
        currency_id integer
        partner_id integer
        reconcile_model_id integer
        payment_id integer
        statement_line_id integer
        statement_id integer
        group_tax_id integer 16..
        tax_line_id integer
        tax_group_id integer
        tax_repartition_line_id integer
        full_reconcile_id integer
        product_id integer
        product_uom_id integer
        analytic_account_id integer 15
        move_name varchar
        parent_state varchar
        ref varchar
        name varchar
        matching_number varchar
        display_type varchar
        exclude_from_invoice_tab boolean 15
        date date
        invoice_date date 16..
        date_maturity date
        discount_date date 16..
        analytic_distribution jsonb 16..
        debit numeric
        credit numeric
        balance numeric
        amount_currency numeric
        tax_base_amount numeric
        amount_residual numeric
        amount_residual_currency numeric
        quantity numeric
        price_unit numeric
        price_subtotal numeric
        price_total numeric
        discount numeric
        tax_tag_invert boolean
        reconciled boolean
        blocked boolean ..17
        is_imported boolean 18..
    """,
    "account_move_line_account_tax_rel": """
        account_move_line_id integer
        account_tax_id integer
    """,
    "account_full_reconcile": """
        id integer
        name varchar ..16
        exchange_move_id integer
    """,
    "account_partial_reconcile": """
        id integer
        debit_move_id integer
        credit_move_id integer
        full_reconcile_id integer
        exchange_move_id integer 16..
        debit_currency_id integer
        credit_currency_id integer
        company_id integer
        max_date date
        amount numeric
        debit_amount_currency numeric
        credit_amount_currency numeric
    """,
    "account_payment": """
        id integer
        move_id integer
        journal_id integer 18..
        company_id integer 18..
        name varchar 18..
        state varchar 18..
        date date 18..
        memo varchar 18..
        payment_method_line_id integer
        payment_method_id integer
        currency_id integer
        partner_id integer
        outstanding_account_id integer
        destination_account_id integer
        payment_type varchar
        partner_type varchar
        payment_reference varchar
        amount numeric
        amount_company_currency_signed numeric 17..
        is_reconciled boolean
        is_matched boolean
        is_internal_transfer boolean ..17
        is_sent boolean 18..
    """,
    "account_analytic_line": """
        id integer
        account_id integer
        plan_id integer 16
        x_plan2_id integer 17..
        group_id integer 15
        partner_id integer
        user_id integer
        company_id integer
        currency_id integer
        name varchar
        category varchar
        date date
        amount numeric
        unit_amount double precision
        general_account_id integer
        journal_id integer 16..
        move_id integer 15
        move_line_id integer 16..
        code varchar(8)
        ref varchar
    """,
    "ir_property": """
        id integer ..17
        company_id integer ..17
        fields_id integer ..17
        value_integer integer ..17
        name varchar ..17
        res_id varchar ..17
        value_reference varchar ..17
        type varchar ..17
        value_text text ..17
        value_datetime timestamp ..17
        value_float double precision ..17
    """,
}

_STAMPS: Final = {
    "create_date": "timestamp",
    "write_date": "timestamp",
    "create_uid": "integer",
    "write_uid": "integer",
}
_REQUIRED: Final = {
    "account_move": ("journal_id", "currency_id", "state", "move_type", "date"),
    "account_move_line": ("move_id",),
    "account_journal": ("company_id", "code", "type"),
    "account_partial_reconcile": ("debit_move_id", "credit_move_id"),
    "res_company": ("name", "currency_id"),
    "res_currency": ("name", "symbol"),
}


def tables(version: int) -> dict[str, dict[str, str]]:
    """Table to its columns and their types, in order, in that version."""
    found = {table: _columns(spec, version) for table, spec in _TABLES.items()}
    for columns in found.values():
        if "id" in columns:
            columns.update(_STAMPS)
    return {table: columns for table, columns in found.items() if columns}


def _columns(spec: str, version: int) -> dict[str, str]:
    columns = {}
    for line in spec.strip().splitlines():
        name, *kind = line.split()
        if kind[-1][0].isdigit() or kind[-1].startswith(".."):
            low, _, high = kind.pop().partition("..") if ".." in kind[-1] else (kind[-1], "", kind.pop())
            if not int(low or 0) <= version <= int(high or 99):
                continue
        columns[name] = " ".join(kind)
    return columns


def statements(version: int) -> list[str]:
    """CREATE TABLE statements, and the indexes that readers want."""
    made = []
    for table, columns in tables(version).items():
        required = ("id", *_REQUIRED.get(table, ()))
        parts = [f'"{name}" {kind}{" NOT NULL" * (name in required)}' for name, kind in columns.items()]
        key = ", PRIMARY KEY (id)" if "id" in columns else ""
        made.append(f'CREATE TABLE "{table}" ({", ".join(parts)}{key})')
    made.append("CREATE INDEX account_move_line_date_idx ON account_move_line (company_id, date)")
    made.append("CREATE INDEX account_move_line_move_idx ON account_move_line (move_id)")
    return made
