"""Experiments whose outcome decided how adapters are made; `README.md` tells what came out."""
