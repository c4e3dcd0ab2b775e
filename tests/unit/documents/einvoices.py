"""An invoice in both syntaxes, whole and right, for tests to change one thing of."""

from pathlib import Path

_SAMPLES = Path(__file__).parent / "samples"

UBL = (_SAMPLES / "invoice_ubl.xml").read_text("utf-8")
CII = (_SAMPLES / "invoice_cii.xml").read_text("utf-8")
