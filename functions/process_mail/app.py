"""Takes mail off its queue: reads what lies in the bucket, all messages of a batch together."""

from abax.handlers import mail_handler

handler = mail_handler("process_mail")
