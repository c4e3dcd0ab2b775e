"""Tells tickets and sends approved replies, off their queue."""

from abax.handlers import mail_out_handler

handler = mail_out_handler("deliver_mail")
