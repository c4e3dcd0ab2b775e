"""How small models go on learning: their versions, when to train, what may be published, what answers."""
