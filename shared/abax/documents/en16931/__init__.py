"""EN 16931's business rules for e-invoices, and Peppol's and XRechnung's on top, as data.

====================  ==================================================================
``core``              what must be there (BR), what must agree (BR-CO), decimals (BR-DEC)
``categories``        what each kind of VAT asks for (BR-S, BR-Z, BR-E, BR-AE, BR-IC, …)
``lists``             code lists (BR-CL)
``peppol``            the network's own (PEPPOL-EN16931), which XRechnung has, too
``xrechnung``         Germany's rules (BR-DE), and those of its extension (BR-DEX)
====================  ==================================================================

The wording is ours; the numbers are the standard's.
"""

from abax.documents.en16931.check import RULES, check, rules_for

__all__ = ["RULES", "check", "rules_for"]
