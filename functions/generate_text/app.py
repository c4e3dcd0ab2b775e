"""Has the language model: writes texts for its queue and for callers who wait, and words for a close."""

from abax.handlers import text_handler

handler = text_handler("generate_text", "narrate")
