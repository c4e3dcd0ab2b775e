"""Commands of ``abax`` by subject; ``abax.cli`` takes them in. Each loads its domain when it is run."""
