"""Journal lines out of a local MariaDB to Parquet, beside the server's own client writing them to a file.

Both read the same rows of the same throw-away server, over books in ERPNext 15's shape that the server itself
made up. Ours does more: types, fiscal months, Parquet; it runs in a process of its own, whose memory counts.
"rows" is the way without texts that the server makes of rows: value by value, as for other drivers.
``ABAX_BENCH_LINES`` gives another number of lines. The server's buffer pool holds the table at 10,000,000
lines (some 4 GB), as on a server of its own it would: with less, both wait for the disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.extraction import Best, extracted, measured, rows_of, timed

LINES = int(os.environ.get("ABAX_BENCH_LINES", "2_000_000"))
YEAR = 2025
RUNS = 2
POOL = "6G"
DATABASE = "bench"
COMPANY = "Bench SE"


def run() -> list[dict[str, Any]]:
    """Rows of case, metric, unit, ours, peer, peer_name and ratio (of speeds); the fastest of RUNS."""
    from tests.support.mariadb import running

    with running(f"--innodb-buffer-pool-size={POOL}") as server:
        url = server.create(DATABASE, SCHEMA, LEDGER.format(lines=LINES, year=YEAR))
        server.sql("ANALYZE TABLE `tabGL Entry`", DATABASE)
        command = ["mariadb", "--no-defaults", f"--socket={server.data.parent / 'socket'}", "--user=root"]

        def plain() -> None:
            with Path(os.devnull).open("wb") as nowhere:
                subprocess.run(
                    [*command, "-N", "-B", "-q", "-e", PLAIN, DATABASE], stdout=nowhere, check=True
                )

        best: Best = {}
        peer = float("inf")
        for turn in range(RUNS):
            peer = min(peer, timed(plain))
            for path in ("copy", "stream") if not turn else ("copy",):
                measured(best, path, [sys.executable, "-m", __spec__.name, path, url])
    return rows_of(best, LINES, "rows as texts to Parquet", "mariadb client to nowhere", peer)


PLAIN = """
SELECT name, concat(voucher_type, '/', voucher_no), voucher_no, voucher_type, account,
    concat(party_type, '/', party), posting_date, due_date, debit, credit, account_currency,
    debit_in_account_currency - credit_in_account_currency, remarks, cost_center, is_opening
FROM `tabGL Entry` WHERE company = 'Bench SE' AND is_cancelled = 0
"""

SCHEMA = """
CREATE TABLE `tabCompany` (
    name varchar(140) PRIMARY KEY, default_currency varchar(140), default_finance_book varchar(140));
CREATE TABLE `tabFiscal Year` (
    name varchar(140) PRIMARY KEY, year_start_date date, year_end_date date, disabled tinyint(1));
CREATE TABLE `tabFiscal Year Company` (
    name varchar(140) PRIMARY KEY, parent varchar(140), company varchar(140));
CREATE TABLE `tabAccount` (
    name varchar(140) PRIMARY KEY, account_name varchar(140), account_number varchar(140),
    is_group tinyint(1), company varchar(140), root_type varchar(140), account_type varchar(140), lft int,
    rgt int, modified datetime(6));
CREATE TABLE `tabPeriod Closing Voucher` (
    name varchar(140) PRIMARY KEY, company varchar(140), docstatus tinyint, closing_account_head varchar(140),
    period_start_date date);
CREATE TABLE `tabCurrency Exchange` (
    name varchar(140) PRIMARY KEY, date date, from_currency varchar(140), to_currency varchar(140),
    exchange_rate decimal(21,9), for_selling tinyint(1));
CREATE TABLE `tabCustomer` (name varchar(140) PRIMARY KEY, customer_name varchar(140));
CREATE TABLE `tabSupplier` (name varchar(140) PRIMARY KEY, supplier_name varchar(140));
CREATE TABLE `tabPayment Ledger Entry` (
    name varchar(140) PRIMARY KEY, posting_date date, company varchar(140), account_type varchar(140),
    account varchar(140), party_type varchar(140), party varchar(140), due_date date,
    voucher_type varchar(140), voucher_no varchar(140),
    against_voucher_type varchar(140), against_voucher_no varchar(140),
    amount decimal(21,9), delinked tinyint(1));
CREATE TABLE `tabGL Entry` (
    name varchar(140) PRIMARY KEY, creation datetime(6), modified datetime(6),
    posting_date date, due_date date,
    account varchar(140), account_currency varchar(140), party_type varchar(140), party varchar(140),
    voucher_type varchar(140), voucher_no varchar(140),
    debit decimal(21,9) NOT NULL, credit decimal(21,9) NOT NULL,
    debit_in_account_currency decimal(21,9) NOT NULL, credit_in_account_currency decimal(21,9) NOT NULL,
    cost_center varchar(140), project varchar(140), finance_book varchar(140), company varchar(140),
    is_opening varchar(140), is_cancelled tinyint(1) NOT NULL, remarks text,
    transaction_currency varchar(140), KEY posting_date (posting_date));
INSERT INTO `tabCompany` VALUES ('Bench SE', 'EUR', NULL);
INSERT INTO `tabFiscal Year` VALUES ('2025', '2025-01-01', '2025-12-31', 0);
INSERT INTO `tabAccount`
SELECT concat(100000 + seq, ' - Account - B'), concat('Account ', seq), 100000 + seq, 0, 'Bench SE',
    'Expense', '', seq * 2, seq * 2 + 1, now() FROM seq_1_to_300;
"""

LEDGER = """
INSERT INTO `tabGL Entry`
SELECT concat('ACC-GLE-{year}-', lpad(seq, 9, '0')), now(), now(),
    DATE '{year}-01-01' + INTERVAL (seq * 365 DIV ({lines} + 1)) DAY, NULL,
    concat(100001 + (seq * 31 % 300), ' - Account - B'), 'EUR', NULL, NULL, 'Journal Entry',
    concat('ACC-JV-{year}-', lpad(seq DIV 4, 8, '0')),
    if(seq % 2, 100 + (seq DIV 2 * 7919 % 1000003) / 100, 0),
    if(seq % 2, 0, 100 + ((seq - 1) DIV 2 * 7919 % 1000003) / 100),
    if(seq % 2, 100 + (seq DIV 2 * 7919 % 1000003) / 100, 0),
    if(seq % 2, 0, 100 + ((seq - 1) DIV 2 * 7919 % 1000003) / 100),
    concat('Centre ', seq % 20, ' - B'), NULL, NULL, 'Bench SE', 'No', 0,
    if(seq % 4 < 2, concat('Goods delivered, item ', seq), NULL), 'EUR'
FROM seq_1_to_{lines};
"""

if __name__ == "__main__":
    sys.stdout.write(extracted(sys.argv[1], sys.argv[2], COMPANY, LINES))
