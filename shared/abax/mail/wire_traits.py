"""What the headers of a message tell of how it was sent and by whom, one word each.

A program that writes mail leaves its marks: the shape of its ids and dates, the order of its headers. Mail
that is sent as it says is coherent: sender, id, way and links have one owner. No address, host or date is
among the traits, and nothing of what other filters said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from abax.mail.contracts import Mailbox, Message
from abax.mail.text_traits import MOST_LETTERS, graded


def wire_traits(message: Message) -> Iterator[str]:
    """All of a message's headers, and of where its links lead."""
    way = _Way.of(message)
    yield from _name_traits(message)
    yield from _value_traits(message)
    yield from _list_traits(message)
    yield from _program_traits(message)
    yield from _date_traits(message)
    yield from _id_traits(message, way)
    yield from _sender_traits(message, way)
    yield from _answer_traits(message)
    yield from _receiver_traits(message)
    yield from _way_traits(way)
    links = _LINK.findall(message.whole_text[:MOST_LETTERS])
    owners = [owner(host.partition(":")[0]) for host, _ in links]
    yield from _link_traits(links)
    yield from _linked_traits(message, way, owners)
    yield from _written_addresses(message)
    yield from _coherence_traits(message, way, owners)


@lru_cache(maxsize=1 << 13)
def owner(host: str) -> str:
    """The part of a host name that somebody registered: two labels, or three below such as ``co.uk``."""
    labels = host.lower().strip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if deep else -2 :])


_SECOND_LEVEL: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_HOST: Final = re.compile(r"(?:[a-z0-9-]+[.])+[a-z]{2,}")
_MOST: Final = 200
"""Letters of a header that its shape is told from; a hop has more."""
_LONGEST_HOP: Final = 2_000
_NUMBER: Final = r"\d+[.]\d+[.]\d+[.]\d+"


# --- headers --------------------------------------------------------------------------------------------

_SAID_BY_OTHERS: Final = ("x-spam", "x-virus", "x-bogosity", "x-antispam", "x-pyzor")
"""Headers of other filters: what they say is not known of every mail."""
_ORDERED: Final = ("date", "mime-version", "content-type", "x-mailer", "content-transfer-encoding")
"""Headers that the sender's program writes, whose order tells which it was."""


def _name_traits(message: Message) -> Iterator[str]:
    """Which headers there are, and in which order."""
    names = [name for name in message.headers if not name.startswith(_SAID_BY_OTHERS)]
    for name in names:
        yield f"has:{name}"
    ordered = [name for name in names if name in _ORDERED]
    for at, name in enumerate(ordered):
        for later in ordered[at + 1 :]:
            yield f"before:{name}>{later}"


def _value_traits(message: Message) -> Iterator[str]:
    for name in ("precedence", "x-priority", "importance", "auto-submitted", "content-transfer-encoding"):
        for word in message.header(name).split()[:1]:
            yield f"{name}:{word.lower()}"
    content = message.header("content-type").lower()
    yield f"type:{content.split(';')[0].strip()}" if content else "no-type"
    charset = re.search(r"charset=[\"']?([\w-]+)", content)
    if charset is not None:
        yield f"charset:{charset[1]}"
    if content and not message.header("mime-version"):
        yield "type-without-mime"
    yield f"quotes:{min(1, len(message.quoted))}"
    yield f"files:{min(3, len(message.attachments))}"
    yield f"faults:{min(3, len(message.problems))}"


_LIST_HEADERS: Final = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-subscribe",
    "list-archive",
)


def _list_traits(message: Message) -> Iterator[str]:
    """Whether a list sent it, and tells so as lists do."""
    headers = sum(bool(message.header(name)) for name in _LIST_HEADERS)
    bulk = message.header("precedence").lower() in ("bulk", "list", "junk")
    yield graded("list-headers", headers, (0, 3))
    if bulk != bool(headers):
        yield "bulk-without-list" if bulk else "list-without-bulk"
    if headers and _answers(message):
        yield "answers-on-list"


def _answers(message: Message) -> bool:
    return bool(message.in_reply_to or message.references)


# --- the program ----------------------------------------------------------------------------------------

_MAILERS: Final = (
    "outlook express", "outlook", "internet mail service", "microsoft cdo", "mozilla", "thunderbird",
    "eudora", "lotus", "apple", "kmail", "pine", "mutt", "evolution", "exmh", "vm ", "gnus", "sylpheed",
    "the bat", "aol", "squirrelmail", "imp", "lyris", "groupwise", "entourage", "mailman", "opera",
    "nmh", "mh-e", "roundcube", "zimbra", "claws", "exchange", "gmail", "sendgrid", "mailchimp", "sap",
    "php",
)  # fmt: skip
"""Programs that mails are written with; spam names others, or none."""
_OUTLOOK_ID: Final = re.compile(r"(?i)[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}@")


def _program_traits(message: Message) -> Iterator[str]:
    """Which program it says it was written with, and whether that program's other marks are there."""
    mailer = (message.header("x-mailer") or message.header("user-agent")).lower()[:_MOST]
    if mailer:
        known = next((name for name in _MAILERS if name in mailer), "odd")
        yield f"mailer:{known.strip().replace(' ', '-')}"
        yield f"mailer-shape:{_shape(mailer, 16)}"
    outlook, ole = "outlook" in mailer, bool(message.header("x-mimeole"))
    if outlook:
        yield f"outlook:id={bool(_OUTLOOK_ID.match(message.message_id))}:ole={ole}"
    elif ole:
        yield "ole-without-outlook"
    if message.header("x-msmail-priority") and not outlook:
        yield "msmail-without-outlook"
    if message.header("thread-index") or message.header("thread-topic"):
        yield "threaded"


def _shape(text: str, most: int) -> str:
    """Which kinds of signs follow each other: ``200208011234.AbC`` is ``0.m``."""
    short = re.sub(r"[0-9a-f]{8,}|[0-9A-F]{8,}", "x", text)
    short = re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", re.sub(r"\d+", "0", short)))
    return re.sub(r"\s+", "_", re.sub(r"[aA0]{3,}", "m", short))[:most]


_USUAL_DATE: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, +)?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}(?: \([^)]{1,30}\))?"
)


def _date_traits(message: Message) -> Iterator[str]:
    """The form of its date."""
    written = message.header("date").strip()[:_MOST]
    if not re.search(r"[+-]\d{4}\b", written):
        yield "zoneless"
    if not _USUAL_DATE.fullmatch(written):
        yield "date:odd"
    for name, pattern in (
        ("named-zone", r"\([A-Za-z ]+\)$"),
        ("day", r"^[A-Z][a-z]{2},"),
        ("short", r"^\w+, \d "),
    ):
        if re.search(pattern, written):
            yield f"date:{name}"


# --- parties --------------------------------------------------------------------------------------------

_FREE: Final = re.compile(
    r"(?:hotmail|yahoo|msn|aol|netscape|excite|lycos|gmail|gmx|web|e?mail|outlook|live|juno|altavista|usa"
    r"|eudoramail|caramail|earthlink|t-online|libero|wanadoo|orange|free|rediffmail|iname|bigfoot|yandex"
    r"|proton(?:mail)?|icloud|btinternet|comcast|mindspring|wp|onet|interia|laposte|virgilio|ziggo)[.]"
)
"""Domains where anybody gets an address."""
_ROLE: Final = re.compile(
    r"(?:info|news|newsletter|sales|offers?|admin|support|service|e?mail|webmaster|no-?reply|owner|bounce|list"
    r"|editor|update|alerts?|subscri\w*)[\w.-]*"
)


def _sender_traits(message: Message, way: _Way) -> Iterator[str]:
    sender = message.sender
    local = sender.address.rpartition("@")[0].lower()[:_MOST]
    yield f"ends:{sender.domain.rpartition('.')[2] or 'nothing'}"
    yield f"sender-labels:{min(4, sender.domain.count('.') + 1)}"
    yield f"sender-length:{min(4, len(local) // 6)}"
    for name, pattern in _LOCAL_PARTS.items():
        if pattern.search(local):
            yield name
    if _ROLE.fullmatch(local):
        yield "sender-of-role"
    if re.search(r"\d", sender.domain):
        yield "figures-in-domain"
    if _FREE.match(sender.domain):
        yield f"free-sender:{owner(sender.domain) in way.givers}"
    yield from _called(sender, local)


_LOCAL_PARTS: Final = {
    "figures-in-sender": re.compile(r"\d"),
    "many-figures-in-sender": re.compile(r"\d{3}"),
    "mixed-sender": re.compile(r"\d+[a-z]+\d"),
    "unspeakable-sender": re.compile(r"[bcdfghjklmnpqrstvwxz]{5}"),
}


def _called(sender: Mailbox, local: str) -> Iterator[str]:
    """How the sender is called."""
    name = sender.name
    yield "named" if name else "nameless"
    if not name:
        return
    yield f"name-words:{min(4, len(name.split()))}"
    for trait, pattern in (
        ("figures", r"\d"),
        ("address", "@"),
        ("signs", r"[!$*%]"),
        ("loud", r"^[^a-z]+$"),
    ):
        if re.search(pattern, name):
            yield f"name:{trait}"
    parts = re.findall(r"[a-z]{3,}", name.lower())
    yield f"name-in-address:{any(part in local for part in parts)}"


def _answer_traits(message: Message) -> Iterator[str]:
    """Where answers and failures go, and whether it is an answer itself."""
    sender = message.sender
    if message.reply_to:
        other = message.reply_to[0]
        same = other.address.lower() == sender.address.lower()
        yield f"reply-to:{'sender' if same else owner(other.domain) == owner(sender.domain)}"
        if other.domain != sender.domain:
            yield "answers-elsewhere"
        if _FREE.match(other.domain):
            yield "free-reply-to"
    if message.header("return-path"):
        yield f"return:{_returns_to(message) == owner(sender.domain)}"
    if re.search(
        r"[=+]|bounce|owner|error|\d{5}|[-.]return|-request|admin", message.header("return-path").lower()
    ):
        yield "returns-to-program"
    answers = _answers(message)
    said = re.match(r"(?i)(re|aw|sv|antw|odp|rif)\s*:", message.subject)
    if answers:
        yield "answers"
    if said or answers:
        yield f"answers:said={bool(said)}:known={answers}"
    if re.match(r"(?i)(fwd?|wg|tr|i)\s*:", message.subject):
        yield "forwards"


def _returns_to(message: Message) -> str:
    """Who owns the address that failures go to; empty without one."""
    found = re.search(r"@([\w.-]+)", message.header("return-path")[:_MOST])
    return owner(found[1]) if found else ""


def _receiver_traits(message: Message) -> Iterator[str]:
    yield f"to:{min(4, len(message.to))}"
    yield f"cc:{min(4, len(message.cc))}"
    if any(one.address and one.address.lower() == message.sender.address.lower() for one in message.to):
        yield "to-itself"
    everyone = [one.address.lower() for one in (*message.to, *message.cc)]
    if len(everyone) > 3 and everyone == sorted(everyone):
        yield "to-sorted"
    if len(everyone) > 2 and len({address.rpartition("@")[2] for address in everyone}) == 1:
        yield "to-one-domain"
    if not message.to:
        return
    first = message.to[0]
    local = first.address.rpartition("@")[0].lower()
    yield f"to-name:{bool(first.name) and first.name.lower() not in (first.address.lower(), local)}"
    if "@" not in first.address:
        yield "to-nobody"
    if len(local) > 2:
        yield f"to-in-subject:{local in message.subject.lower()}"
        yield f"to-in-greeting:{local in message.whole_text[:300].lower()}"
    if owner(first.domain) == owner(message.sender.domain):
        yield "to-own-domain"
    lists = f"{message.header('list-id')} {message.header('list-post')} {message.header('sender')}".lower()
    if lists.strip() and local:
        yield f"to-list:{local in lists}"


# --- the way it came ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Way:
    """The Received headers, the newest first, in small letters."""

    hops: tuple[str, ...]
    givers: frozenset[str]
    """Who owns the hosts that gave it on."""
    takers: tuple[str, ...]
    """Who owns the hosts that took it."""
    owners: frozenset[str]
    """Who owns any host that is named."""

    @classmethod
    def of(cls, message: Message) -> _Way:
        hops = tuple(value[:_LONGEST_HOP].lower() for value in message.headers.get("received", ()))
        given = [found[1] for hop in hops if (found := _GIVEN.search(hop))]
        taken = [found[1] for hop in hops if (found := _TAKEN.search(hop))]
        return cls(
            hops,
            frozenset(owner(host) for text in given for host in _HOST.findall(text)),
            tuple(owner(host) for host in taken),
            frozenset(owner(host) for hop in hops for host in _HOST.findall(hop.rpartition(";")[0])),
        )


_GIVEN: Final = re.compile(r"\bfrom +(\S+(?: *\([^)]*\))?)")
_TAKEN: Final = re.compile(r"\bby +([\w.-]+)")
_OWN_HOST: Final = re.compile(r"127\.0\.0\.1|localhost")
_BEGINS_AT_HOME: Final = re.compile(rf"{_OWN_HOST.pattern}|\(from [\w.-]+@|by uid|with local|invoked")
_BEGINS_INSIDE: Final = re.compile(r"\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+")
_ON_THE_WAY: Final = {
    "forged": "may be forged", "unknown": "unknown", "helo": "helo", "dial": "dial", "http": " http ",
    "esmtp": "esmtp", "secure": "tls", "fetched": "fetchmail",
}  # fmt: skip


def _way_traits(way: _Way) -> Iterator[str]:
    yield f"hops:{min(9, len(way.hops))}"
    together = " ".join(way.hops)
    for name, sign in _ON_THE_WAY.items():
        if sign in together:
            yield f"way:{name}"
    if not way.hops:
        return
    first = way.hops[-1]
    inside = "inside" if _BEGINS_INSIDE.search(first) else "outside"
    yield f"begins:{'home' if _BEGINS_AT_HOME.search(first) else inside}"
    by = re.search(r"\bwith +(\w+)", first)
    yield f"begins-with:{by[1] if by else 'nothing'}"
    entry = next((hop for hop in way.hops if not _OWN_HOST.search(hop)), way.hops[0])
    for name, hop in (("first", first), ("entry", entry)):
        yield from _hop_traits(name, hop)


def _hop_traits(name: str, hop: str) -> Iterator[str]:
    """How a host called itself, and what it was called by whom it gave the mail to."""
    found = re.search(r"\bfrom +(\S+)(?: *\(([^)]*)\))?", hop)
    if found is None:
        yield f"{name}-giver:none"
        return
    called, told = found[1], found[2] or ""
    is_number = re.fullmatch(rf"\[?{_NUMBER}\]?", called)
    yield f"{name}-giver:{'number' if is_number else 'host' if '.' in called else 'bare'}"
    known = _HOST.search(told)
    yield f"{name}-known:{'nothing' if known is None else owner(known[0]) == owner(called)}"
    if re.search(r"dial|dsl|ppp|cable|dyn|pool|\d+-\d+-\d+", called + told):
        yield f"{name}-at-home"


# --- who owns what --------------------------------------------------------------------------------------


def _id_traits(message: Message, way: _Way) -> Iterator[str]:
    """The shape of its id, and who made it."""
    local, _, host = message.message_id.rpartition("@")
    if host == "missing.invalid":
        yield "no-id"
        return
    yield f"id-shape:{_shape(local[:_MOST], 24)}"
    yield f"id-length:{min(6, len(local) // 8)}"
    if "." not in host:
        yield "id-host:bare"
    if re.fullmatch(rf"\[?{_NUMBER}\]?", host):
        yield "id-host:number"
    maker = owner(host)
    if maker != owner(message.sender.domain):
        yield "id-of-another"
    if way.takers and maker == way.takers[-1]:
        yield "id-of:first-taker"
    else:
        yield f"id-of:{'taker' if maker in way.takers else 'giver' if maker in way.givers else 'nobody'}"
    if maker in {owner(one.domain) for one in (*message.to, *message.cc)}:
        yield "id-of-receiver"


_LINK: Final = re.compile(r"https?://([^/\s<>\"')]+)([^\s<>\"')]*)")
_LINK_FORMS: Final = {
    "leave": re.compile(r"(?i)remov|unsub|opt"),
    "query": re.compile(r"[?]"),
    "script": re.compile(r"(?i)[.]php|cgi"),
    "page": re.compile(r"(?m)[.]html?$"),
}


def _link_traits(links: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What links look like, each a host and a path."""
    paths = "\n".join({path for _, path in links})
    for name, pattern in _LINK_FORMS.items():
        if pattern.search(paths):
            yield f"link:{name}"
    hosts = "\n".join({host for host, _ in links})
    for name, sign in (("port", r":\d"), ("figures", r"\d")):
        if re.search(sign, hosts):
            yield f"link:{name}-in-host"


def _linked_traits(message: Message, way: _Way, owners: Sequence[str]) -> Iterator[str]:
    """Where links lead: to the sender, to whom the mail came from, or elsewhere; by who owns the places."""
    yield f"link-owners:{min(5, len(set(owners)))}"
    if not owners:
        return
    yield f"links-of-sender:{_share(owners, {owner(message.sender.domain)})}"
    yield f"links-of-way:{_share(owners, way.owners)}"
    most, count = Counter(owners).most_common(1)[0]
    yield graded("links-of-one", count / len(owners), (0.3, 0.6, 0.99))
    named = f"{message.sender.name} {message.sender.address} {message.subject}".lower()
    yield f"most-linked-named:{most.split('.')[0] in named}"
    yield f"most-linked-id:{most in message.message_id.lower()}"
    yield f"most-linked-way:{most in way.owners}"


def _share(owners: Sequence[str], wanted: Set[str]) -> str:
    having = sum(one in wanted for one in owners)
    return "all" if having == len(owners) else "some" if having else "none"


def _written_addresses(message: Message) -> Iterator[str]:
    """Addresses of mail in the body."""
    domains = re.findall(r"\w@([\w-]+(?:[.][\w-]+)+)", message.whole_text[:MOST_LETTERS].lower())
    yield f"addresses:{min(4, len(domains))}"
    if domains:
        own = owner(message.sender.domain)
        yield f"addresses-of-sender:{any(owner(domain) == own for domain in domains)}"
    if any(_FREE.match(domain) for domain in domains):
        yield "free-address"


def _coherence_traits(message: Message, way: _Way, owners: Sequence[str]) -> Iterator[str]:
    """How many of those that a mail names are one with its sender."""
    own = owner(message.sender.domain)
    linked = Counter(owners).most_common(1)
    named = {
        "reply": owner(message.reply_to[0].domain) if message.reply_to else "",
        "return": _returns_to(message),
        "id": owner(message.message_id.rpartition("@")[2]),
        "link": linked[0][0] if linked else "",
    }
    told = {name: one for name, one in named.items() if one}
    same = [name for name, one in told.items() if one == own] + ["way"] * (own in way.givers)
    yield f"coherent:{len(same)}of{len(told) + 1}"
    yield f"coherent-by:{'+'.join(same)}"
    yield f"owners:{len({own, *told.values()})}"
    yield f"in-way:{own in way.owners}:{own in way.givers}"
    if "return" in told:
        yield f"return-in-way:{told['return'] in way.givers}:{told['return'] == told.get('id')}"
