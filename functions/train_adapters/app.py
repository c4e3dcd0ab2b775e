"""Does the small steps of adapters that learn: is training due, what is published, what is watched."""

from abax.handlers import learning_handler

handler = learning_handler("train_adapters")
