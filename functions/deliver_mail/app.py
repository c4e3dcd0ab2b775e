"""Tells tickets, sends approved replies and looks into mailboxes, off its queue."""

from abax.handlers import mail_out_handler

handler = mail_out_handler("deliver_mail")
