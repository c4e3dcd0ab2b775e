"""Does the small steps of adapters that learn: whether training is due, what is published, what is watched."""

from abax.handlers import learning_handler

handler = learning_handler("train_adapters")
