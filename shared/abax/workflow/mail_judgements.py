"""What people said of drafted replies, for training: ``abax mail judgements`` writes it, a line each::

format        "abax.judgement/1"
reply_id, kind, language, tone
sender        domain of who wrote the mail, hashed: what is of one sender is kept together
mail          what was answered, personal data masked, as a model is shown it
stated        the sentences that the reply was to state
drafted       the body before any person worded it, with its method: template:… or model:…
method
body          as it was when it was decided on
verdict       approve or reject
by, at, note
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from abax.mail.contracts import Reply
from abax.mail.privacy import masked
from abax.ports import ObjectStore, RecordStore
from abax.workflow.mail import message_of
from abax.workflow.mail_replies import DRAFTED, PERSON, REPLIES, VERDICTS

FORMAT: Final = "abax.judgement/1"


def judgements(objects: ObjectStore, records: RecordStore) -> Iterator[dict[str, Any]]:
    """The replies on which a person has decided, as they are worded now; what a rule let go nobody judged."""
    for reply_id, kept in records.items(REPLIES):
        final = Reply.model_validate(kept["reply"])
        said = [
            verdict
            for key, verdict in records.items(VERDICTS, reply_id)
            if key.partition("#")[0] == reply_id
            and verdict["digest"] == final.digest
            and str(verdict["by"]).startswith(PERSON)
        ]
        if said:
            yield _judgement(objects, final, kept, said[-1])


def _judgement(
    objects: ObjectStore, final: Reply, kept: dict[str, Any], verdict: dict[str, Any]
) -> dict[str, Any]:
    drafted = Reply.model_validate(kept.get(DRAFTED, kept["reply"]))
    message = message_of(objects, str(kept["mail_id"]))
    return {
        "format": FORMAT,
        "reply_id": final.reply_id,
        "kind": final.kind,
        "language": final.language,
        "tone": str(final.tone),
        "sender": hashlib.sha256(message.sender.domain.encode()).hexdigest()[:16],
        "mail": masked(message.text),
        "stated": list(drafted.stated),
        "drafted": drafted.body,
        "method": drafted.method,
        "body": final.body,
        "verdict": verdict["verdict"],
        "by": verdict["by"],
        "at": verdict["at"],
        "note": verdict["note"],
    }
