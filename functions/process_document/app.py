"""Does the steps of a document: taking it in, its eight stages at once or one by one, its review, its end."""

from abax.handlers import document_handler

handler = document_handler("process_document")
