"""Calendar entries in mail (iCalendar, RFC 5545): what, when, where, in a few lines of text."""

from __future__ import annotations

import re
from typing import Final

from abax.mail.charsets import clean

_MOST_LINES: Final = 5_000
_METHODS: Final = {
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time proposed",
    "PUBLISH": "Calendar entry",
}
_ANSWERS: Final = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_ESCAPED: Final = re.compile(r"\\([nN\\;,])")


def is_calendar(content: bytes) -> bool:
    """Whether it begins as a calendar does."""
    return content.lstrip(b"\xef\xbb\xbf \r\n")[:15].upper() == b"BEGIN:VCALENDAR"


def summary(calendar: str) -> str:
    """The first entry of a calendar in a few lines, such as ``Invitation: Review`` and ``When: …``."""
    fields = _fields(clean(calendar))
    what = _METHODS.get(fields.get("METHOD", "").upper(), "Invitation")
    lines = [f"{what}: {fields.get('SUMMARY', '')}".rstrip(": ")]
    when = _moment(fields.get("DTSTART", ""))
    until = _moment(fields.get("DTEND", ""))
    if when:
        zone = f" ({fields['DTSTART;TZID']})" if fields.get("DTSTART;TZID") else ""
        lines.append(f"When: {when}{f' to {until}' if until else ''}{zone}")
    for name, title in (("LOCATION", "Where"), ("ORGANIZER", "Organizer")):
        if fields.get(name):
            lines.append(f"{title}: {re.sub('^mailto:', '', fields[name], flags=re.IGNORECASE)}")
    answer = _ANSWERS.get(fields.get("ATTENDEE;PARTSTAT", "").upper())
    if answer and what == _METHODS["REPLY"]:
        lines.append(f"Answer: {answer}")
    if fields.get("DESCRIPTION"):
        lines += ["", fields["DESCRIPTION"]]
    return "\n".join(lines)


def _fields(calendar: str) -> dict[str, str]:
    """The calendar's own fields and those of its first entry, with the parameters that matter."""
    found: dict[str, str] = {}
    inside: list[str] = []
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines()[:_MOST_LINES]:
        head, _, value = line.partition(":")
        name, _, given = head.partition(";")
        name = name.strip().upper()
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            if inside and inside.pop() in ("VEVENT", "VTODO", "VJOURNAL"):
                break
        elif inside[1:] in ([], ["VEVENT"], ["VTODO"], ["VJOURNAL"]):
            text = _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()
            found.setdefault(name, text)
            for key, setting in re.findall(r"(TZID|PARTSTAT)=\"?([^;\":]{1,80})", given, re.IGNORECASE):
                found.setdefault(f"{name};{key.upper()}", setting)
    return found


def _moment(value: str) -> str:
    """``20260301T100000Z`` as ``2026-03-01 10:00 UTC``."""
    match = re.match(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{0,2}(Z?))?", value)
    if match is None:
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    return f"{day} {match[4]}:{match[5]}{' UTC' if match[6] else ''}" if match[4] else day
