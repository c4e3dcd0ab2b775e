"""Documents: from a file to a typed, located, checked and routed fact.

Eight stages, a module each, in this order::

    inbox ─► preprocess ─► classify ─► identify ─► extract ─► quality ─► validate ─► route

``contracts`` has what leaves, ``pages`` what the stages read from, ``pipeline`` runs them all.
"""
