"""Every error that Abax raises on purpose, in one tree.

::

    AbaxError
    ├── InvalidRequest              422  the request itself is wrong
    │   ├── QueryRefused                 a query of a user's own that may write
    │   ├── AmbiguousSource              a database that could be several kinds of ERP
    │   ├── SettingNeeded                which client, ledger or the like was not said
    │   ├── InvalidTaxonomy              a file of categories that makes no sense, and where
    │   ├── InvalidRules                 the same of rules for mail
    │   ├── TeacherNeeded                documents are to be labelled, and no larger model was named
    │   ├── TrainerNeeded                rankers are to be fitted, and what fits them is not installed
    │   ├── PackageNeeded                the same of a command and a package that not everybody needs
    │   ├── FontNeeded                   words are to be drawn, and there is no font
    │   ├── UnknownCurrency              a code that neither ISO 4217 nor the source has
    │   ├── InvalidSeries                a file of monthly series that makes no sense, and on which line
    │   ├── HorizonTooLong               more months ahead than the history can speak for
    │   ├── UnknownDriver                an assumption about something that no forecast hangs on
    │   ├── InvalidAssumption            one that cannot be read, or not be met in these books
    │   ├── AmbiguousMapping             two patterns of a mapping fit an account equally well
    │   └── InvalidMapping               an account mapping names no statement class
    ├── Unauthorized                401
    ├── NotFound                    404
    │   ├── UnknownCompany
    │   ├── UnknownYear
    │   ├── UnknownJob
    │   ├── UnknownFigure
    │   └── UnknownSecret
    ├── Conflict                    409
    │   ├── SnapshotTaken                a name that another ledger has
    │   ├── TokenReused                  one client token, two different requests
    │   ├── AdapterChanged               somebody else has changed the registry of an adapter meanwhile
    │   ├── NotPublishable               a version of an adapter that may not take that step
    │   ├── OwnAddressNeeded             a reply that no address of ours is set for
    │   ├── JobFinished                  nothing left to cancel
    │   └── JobCancelled                 raised inside a step once its job was cancelled
    ├── SourceError                 502  the ERP database
    │   ├── SourceUnreachable       503  retried
    │   ├── SourceInterrupted       503  retried
    │   ├── QueryOverran            504  a query of a user's own that took too long
    │   ├── SourceRefused                wrong user or password
    │   ├── UnsupportedSchema            not an ERP that we know, or parts of it are missing
    │   ├── NoCurrency                   a company whose books are in no currency
    │   ├── UnsupportedCalendar          fiscal years that no statement can be cut by
    │   │   └── OverlappingYears
    │   └── MalformedValue               a value that is no date, no amount, or beyond what we store
    ├── LedgerError                 422  the books themselves
    │   ├── UnmappedAccount
    │   ├── UnbalancedEntry
    │   ├── ImpureClosing                closing entries that move more than a result
    │   ├── NoPostings
    │   ├── MissingRate
    │   ├── MemberFailed                 companies of a group whose own closes failed
    │   └── CheckFailed
    ├── ModelError                  502  the language model
    │   ├── ModelUnavailable        503  none was unpacked, or it cannot run here
    │   ├── ModelUnreachable        503  retried: its endpoint does not answer
    │   ├── ModelRefused                 its endpoint turned the key or the request away
    │   ├── ModelFailed                  it broke, or wrote what was not asked for
    │   └── OutOfTime               504  no time was left to begin
    ├── DocumentError               422  a file that was sent in
    │   ├── EmptyFile
    │   ├── UnknownFormat                none of the kinds of file that we read
    │   ├── DamagedFile                  truncated or corrupt
    │   ├── EncryptedFile                it asks for a password
    │   ├── FileTooLarge                 beyond a limit; says which and how far
    │   ├── MalformedInvoice             an e-invoice's XML that cannot be one
    │   ├── OcrUnavailable          503  no engine is installed
    │   ├── OcrFailed                    the engine broke on a page
    │   ├── StageOverran                 a document that keeps a stage busy for too long
    │   └── StageCrashed            500  an error of ours, that one document came upon
    ├── CallbackFailed              502  nobody took the news of a finished job; the queue sends it again
    ├── MailError                   502  mail that goes out or comes in
    │   ├── MailboxUnreachable      503  the mailbox does not answer, or the line broke; the next look goes on
    │   ├── MailboxRefused               wrong user or password, or no such folder
    │   ├── MailUnreachable         503  nothing was sent, for now; the queue sends it again
    │   ├── MailRefused                  nothing was sent, and it makes no sense to try again
    │   └── MailUnsure                   the line broke once the text was given: it may have been sent
    ├── TrainingFailed              500  what trains or judges an adapter ended with an error, or gave nothing
    └── StorageError                500
        ├── AdapterDamaged               a file that is not what the registry says of it
        ├── StorageFull             507
        └── ObjectMissing

``retryable`` is what the state machine's ``Retry`` and the queues go by (a test compares the two);
``status`` is what the HTTP API answers. The class name is the error's public code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal


class AbaxError(Exception):
    """The root. ``str(error)`` says what was wrong, where, and what to do about it."""

    status = 500
    retryable = False

    @property
    def code(self) -> str:
        """The public name of this kind of error."""
        return type(self).__name__

    def as_dict(self) -> dict[str, str]:
        """The error as jobs, API answers and logs carry it."""
        return {"type": self.code, "message": str(self)}


def listed(names: Iterable[object], most: int = 10) -> str:
    """``a, b, c and 4 more``: a readable list that cannot flood a message."""
    items = [str(name) for name in names]
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant, however it was written: ``Gross Profit`` for ``gross_profit``."""
    from difflib import get_close_matches

    plain = {name.lower().replace("_", " "): name for name in known}
    found = get_close_matches(given.lower().replace("_", " "), plain, 1)
    return plain[found[0]] if found else None


def _amount(value: Decimal) -> str:
    """``1,234.50``, with more decimals where there are more."""
    cents = value.quantize(Decimal("0.01"))
    return f"{cents if cents == value else value.normalize():,f}"


class InvalidRequest(AbaxError):
    """What the caller asked for makes no sense; ``field`` names the part at fault."""

    status = 422

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field

    def as_dict(self) -> dict[str, str]:
        """With the field, where one is at fault."""
        return super().as_dict() | ({"field": self.field} if self.field else {})


class InvalidMapping(InvalidRequest):
    """An account mapping names a statement class that does not exist."""

    def __init__(self, account: str, given: str, known: Iterable[str]) -> None:
        super().__init__(
            f"account {account} is mapped to {given!r}; use one of {listed(known, 40)}", "mapping"
        )


class QueryRefused(InvalidRequest):
    """A query that may write, or cannot be run as it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the query was not run: {reason}", "query")


class AmbiguousSource(InvalidRequest):
    """A database that could be more than one kind of ERP."""

    def __init__(self, source: str, kinds: Iterable[str]) -> None:
        super().__init__(f"{source} could be {listed(kinds)}; say which with --erp", "erp")


class SettingNeeded(InvalidRequest):
    """The source holds several of something, and which one is meant was not said, or not rightly."""

    def __init__(self, erp: str, setting: str, what: str, choices: Iterable[str], given: str = "") -> None:
        said = f"has no {what} {given!r}" if given else f"holds more than one {what}"
        super().__init__(
            f"the {erp} database {said}: there is {listed(choices)}; give --set {setting}=…", "settings"
        )


class InvalidTaxonomy(InvalidRequest):
    """A file of categories for mail that makes no sense."""

    def __init__(self, problem: str, file: str) -> None:
        super().__init__(problem, file)


class InvalidRules(InvalidRequest):
    """A file of rules for mail that makes no sense."""

    def __init__(self, problem: str, file: str) -> None:
        super().__init__(problem, file)


class TrainerNeeded(InvalidRequest):
    """Rankers are to be fitted, and what fits them is no part of what ships."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"cross-validation fits rankers, and what fits them is not installed ({reason}); in the project's"
            " folder: pip install -e '.[dev]'",
            "folds",
        )


class TeacherNeeded(InvalidRequest):
    """Documents are to be labelled by a larger model, and none was named."""

    def __init__(self) -> None:
        super().__init__(
            "there is none: give --teacher https://HOST/v1#NAME, or set ABAX_TEACHER to it; an endpoint's key"
            " is kept by abax secret put abax/text/teacher --key KEY",
            "teacher",
        )


class PackageNeeded(InvalidRequest):
    """A command needs a package that the smallest installation leaves out; ``extra`` brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs {package}, which is not installed; in the project's folder: "
            f"pip install -e '.[{extra}]'"
        )


class FontNeeded(InvalidRequest):
    """A picture's words are to be drawn as dots, and this machine has no font to draw them in."""

    def __init__(self) -> None:
        super().__init__(
            "no font is installed here, and a picture without words says nothing: install matplotlib, which"
            " brings one (pip install matplotlib), or a font of the system (Debian: fonts-dejavu-core), or"
            " ask for SVG"
        )


class UnknownCurrency(InvalidRequest):
    """A code that is no currency's, by ISO 4217 or by the source."""

    def __init__(self, given: str, known: Iterable[str]) -> None:
        super().__init__(
            f"{given!r} is no currency of ISO 4217, nor of the source, which has {listed(sorted(known))}",
            "currency",
        )


class InvalidSeries(InvalidRequest):
    """A file of monthly series that cannot be read as what it means to be."""

    def __init__(self, problem: str, file: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem, file)
        self.line = line


class HorizonTooLong(InvalidRequest):
    """More months ahead were asked for than the history can speak for."""

    def __init__(self, asked: int, months: int, longest: int) -> None:
        super().__init__(
            f"{months} months of history do not reach {asked} months ahead; ask for {longest} at most",
            "horizon",
        )


class UnknownDriver(InvalidRequest):
    """An assumption about something that no forecast hangs on."""

    def __init__(self, given: str, known: Iterable[str]) -> None:
        names = [str(name) for name in known]
        near = nearest(given, names)
        meant = f" (did you mean {near!r}?)" if near else ""
        super().__init__(f"nothing hangs on {given!r}{meant}; assume one of {listed(names, 60)}", "assume")


class InvalidAssumption(InvalidRequest):
    """An assumption that cannot be read, or cannot be met in these books."""

    def __init__(self, given: str, reason: str) -> None:
        super().__init__(f"{given!r}: {reason}", "assume")


class AmbiguousMapping(InvalidRequest):
    """Two patterns of an account mapping fit an account equally well, and say different things."""

    def __init__(self, account: str, keys: Iterable[str]) -> None:
        super().__init__(
            f"account {account} fits {listed(keys)} equally well, of different classes; "
            f"map {account} by its own code",
            "mapping",
        )


class Unauthorized(AbaxError):
    """No key, or not the right one."""

    status = 401

    def __init__(self) -> None:
        super().__init__("missing or wrong key: send it as 'Authorization: Bearer KEY'")


class NotFound(AbaxError):
    """Something was asked for by a name that nothing has."""

    status = 404


class UnknownCompany(NotFound):
    """The source holds no such company."""

    def __init__(self, company: str, known: Sequence[str]) -> None:
        super().__init__(f"no company {company!r} in this source; it holds {listed(known) or 'no company'}")


class UnknownYear(NotFound):
    """The company has no posting in or before that fiscal year."""

    def __init__(self, company: str, year: int, known: Sequence[int]) -> None:
        years = listed(known) or "no posted entry at all"
        super().__init__(f"{company} has nothing posted in fiscal year {year}; it has {years}")


class UnknownJob(NotFound):
    """No job has that id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no job {job_id!r}")


class UnknownFigure(NotFound):
    """No such report, line or period."""

    def __init__(self, what: str, given: str, known: Iterable[str]) -> None:
        names = [str(name) for name in known]
        near = nearest(given, names)
        meant = f" (did you mean {near!r}?)" if near else ""
        super().__init__(f"no {what} {given!r}{meant}; there are {listed(names, 40)}")


class UnknownSecret(NotFound):
    """A secret reference that leads nowhere."""

    def __init__(self, reference: str, where: str, how: str) -> None:
        super().__init__(f"no secret {reference!r} in {where}; create it {how}")


class Conflict(AbaxError):
    """The request contradicts the present state."""

    status = 409


class AdapterChanged(Conflict):
    """Two at once: the other one was heard."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the registry of {name} was changed by somebody else at this moment; look again:"
            f" abax train registry show {name}"
        )


class NotPublishable(Conflict):
    """A version of an adapter may not take that step, and why."""

    def __init__(self, name: str, version: int, reason: str) -> None:
        super().__init__(f"{name} {version}: {reason}")


class OwnAddressNeeded(Conflict):
    """A reply is approved, and the mail settings name no address that it could come from."""

    def __init__(self, reply_id: str) -> None:
        super().__init__(
            f"the reply {reply_id} could not be sent: the mail settings name no address that answers come"
            ' from; write own = "ar@your-company.example" into a file, give it to abax mail settings FILE,'
            " and approve again"
        )


class SnapshotTaken(Conflict):
    """A name that another ledger has."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the snapshot {name!r} holds another ledger, and stays; choose a new name")


class TokenReused(Conflict):
    """One client token, two different requests."""

    def __init__(self, token: str) -> None:
        super().__init__(f"client token {token!r} was used for a different request; choose a new one")


class JobFinished(Conflict):
    """A finished job cannot be cancelled."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"job {job_id} has already {state}")


class JobCancelled(Conflict):
    """The job was cancelled while a step of it was about to work."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} was cancelled")


class SourceError(AbaxError):
    """The ERP database did not give what was asked of it."""

    status = 502


class SourceUnreachable(SourceError):
    """No server answers at that address."""

    status = 503
    retryable = True

    def __init__(self, source: str, reason: str, advice: str = "check host, port and network access") -> None:
        super().__init__(f"cannot reach {source}: {reason}; {advice}")


class SourceInterrupted(SourceError):
    """The connection broke while rows were being read."""

    status = 503
    retryable = True

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"the connection to {source} broke while reading: {reason}")


class QueryOverran(SourceError):
    """A question of a user's own took longer than it was allowed to."""

    status = 504

    def __init__(self, source: str, seconds: float) -> None:
        super().__init__(f"{source}: ended after {seconds:g} s, the longest that this run may take")


class SourceRefused(SourceError):
    """The server answered and turned the user away."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            f"{source} refused access: {reason}; check user, password, database name and the right to SELECT"
        )


class UnsupportedSchema(SourceError):
    """Tables or columns that the ERP should have are missing."""

    status = 422

    def __init__(self, source: str, missing: Sequence[str], suggests: str = "") -> None:
        hint = f"; what is there suggests {suggests}" if suggests else ""
        super().__init__(f"{source} lacks {listed(missing)}{hint}")
        self.missing = tuple(missing)


class NoCurrency(SourceError):
    """A company whose books are in no currency."""

    status = 422

    def __init__(self, source: str, company: str) -> None:
        super().__init__(f"{source}: company {company} has no functional currency; set one in the source")


class UnsupportedCalendar(SourceError):
    """Fiscal years that no statement can be cut by."""

    status = 422

    def __init__(self, company: str, reason: str) -> None:
        super().__init__(f"fiscal calendar of {company}: {reason}")


class OverlappingYears(UnsupportedCalendar):
    """A day belongs to two fiscal periods."""

    def __init__(self, company: str, one: str, other: str) -> None:
        super().__init__(company, f"{one} and {other} overlap; correct one of them in the source")


class MalformedValue(SourceError):
    """A value in the source that is no date, no amount, or beyond what we store."""

    status = 422

    def __init__(self, source: str, what: str) -> None:
        super().__init__(f"{source} holds a value that cannot be read: {what}; correct it in the source")


class LedgerError(AbaxError):
    """The books contradict themselves, or lack something that a statement needs."""

    status = 422


class UnmappedAccount(LedgerError):
    """An account whose statement class is not known: never guessed."""

    def __init__(self, accounts: Sequence[str]) -> None:
        super().__init__(
            f"no statement class for account {listed(accounts)}; name one in the mapping, such as "
            '{"CODE": "operating_expenses"} (abax erp accounts --write FILE makes one to fill in)'
        )
        self.accounts = tuple(accounts)


class UnbalancedEntry(LedgerError):
    """Journal entries whose lines do not sum to zero."""

    def __init__(self, entries: Sequence[tuple[str, Decimal]]) -> None:
        named = listed(f"{name} (off by {_amount(by)})" for name, by in entries)
        super().__init__(
            f"journal entries do not balance: {named}; correct them in the source, or go on with them by "
            "--accept-unbalanced"
        )
        self.entries = tuple(entries)


class ImpureClosing(LedgerError):
    """Entries marked as closing that do more than move a result into equity."""

    def __init__(self, entries: Sequence[str]) -> None:
        super().__init__(
            f"closing entry {listed(entries)} moves more than results and equity; map the accounts that it "
            "closes into as equity or retained_earnings, or correct it in the source"
        )
        self.entries = tuple(entries)


class NoPostings(LedgerError):
    """A period that should hold postings holds none."""

    def __init__(self, company: str, start: date, end: date) -> None:
        super().__init__(f"{company} has no posted journal line from {start} to {end}")


class MissingRate(LedgerError):
    """An amount in a foreign currency that nothing converts: of entries, or of a month's statements."""

    def __init__(
        self, currency: str, functional: str, on: date, entries: Sequence[str] = (), month: str = ""
    ) -> None:
        super().__init__(
            f"no {currency} rate to {functional} for {month}; add it in the source, or give a file of rates"
            if month
            else f"no {currency} rate to {functional} on or before {on}, and no {functional} amount in entry "
            f"{listed(entries)}; add the rate in the source"
        )


class MemberFailed(LedgerError):
    """Companies of a group whose books could not be closed."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        super().__init__(f"{listed(reasons)} could not be closed, and so the group is not: {told}")


class CheckFailed(LedgerError):
    """A hard check of the ledger failed."""

    def __init__(self, check: str, difference: Decimal, entries: Sequence[str] = ()) -> None:
        named = f"; look at entry {listed(entries)}" if entries else ""
        super().__init__(f"hard check failed: {check} is off by {_amount(difference)}{named}")
        self.entries = tuple(entries)


class ModelError(AbaxError):
    """The language model did not give what was asked of it."""

    status = 502


class ModelUnavailable(ModelError):
    """There is no model here, or it cannot run on this machine."""

    status = 503


class ModelUnreachable(ModelError):
    """The model's endpoint does not answer, or is too busy to."""

    status = 503
    retryable = True

    def __init__(self, endpoint: str, reason: str, until: datetime | None = None) -> None:
        advice = (
            f"it is asked again from {until:%H:%M:%S} UTC on"
            if until
            else "check ABAX_MODEL_URL and the network"
        )
        super().__init__(f"cannot reach the model at {endpoint}: {reason}; {advice}")
        self.until = until
        """From when on it is worth asking again, in UTC; None where nobody knows."""


class ModelRefused(ModelError):
    """The model's endpoint answered and turned the request away."""

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"the model at {endpoint} refused: {reason}; check its key and ABAX_MODEL_NAME")


class ModelFailed(ModelError):
    """The model broke, or wrote something other than what was asked for."""


class OutOfTime(ModelError):
    """The deadline had passed before the first word."""

    status = 504

    def __init__(self) -> None:
        super().__init__("no time was left to begin; ask again, or ask for a job")


class DocumentError(AbaxError):
    """A file that was sent in cannot be read or used."""

    status = 422


class EmptyFile(DocumentError):
    """A file of no bytes."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty; send it again")


class UnknownFormat(DocumentError):
    """A file of none of the kinds that are read."""

    def __init__(self, name: str, seen: str) -> None:
        super().__init__(
            f"{name} is {seen}; send PDF, PNG, JPEG, TIFF, WebP, XML, DOCX, HTML, text, a mail, or these in "
            "a ZIP archive or signed"
        )


class DamagedFile(DocumentError):
    """A truncated or corrupt file."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} is damaged: {reason}; send it again")


class EncryptedFile(DocumentError):
    """A file that asks for a password."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is protected by a password; send it without one")


class FileTooLarge(DocumentError):
    """A file beyond one of the limits."""

    def __init__(self, name: str, found: str, limit: str) -> None:
        super().__init__(f"{name} has {found}, the limit is {limit}; split it or raise the limit")


class MalformedInvoice(DocumentError):
    """XML that claims to be an e-invoice and cannot be read as one."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the e-invoice {name} cannot be read: {reason}")


class OcrUnavailable(DocumentError):
    """No OCR engine is installed here."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(f"pages cannot be recognised: {reason}; install abax[ocr] or tesseract-ocr")


class OcrFailed(DocumentError):
    """The OCR engine broke on a page."""

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(f"{engine} could not recognise the page: {reason}")


class StageOverran(DocumentError):
    """A stage took too long over a document."""

    def __init__(self, name: str, stage: str, seconds: float) -> None:
        super().__init__(
            f"{name} could not be read: it kept the stage {stage} busy for more than {seconds:g} s of the "
            "processor; split it, or raise the limit"
        )


class StageCrashed(DocumentError):
    """A stage broke on a document: an error of ours."""

    status = 500

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} could not be read for an error of ours: {reason}; the log has the details")


class CallbackFailed(AbaxError):
    """The receiver of a callback could not be reached, or did not say that it took it."""

    status = 502

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"callback to {url} failed: {reason}")


class MailError(AbaxError):
    """Mail could not be fetched or sent."""

    status = 502


class MailboxUnreachable(MailError):
    """The server of a mailbox does not answer, or the connection broke."""

    status = 503

    def __init__(self, mailbox: str, reason: str) -> None:
        super().__init__(f"cannot reach the mailbox {mailbox}: {reason}; the next look goes on from here")


class MailboxRefused(MailError):
    """The server of a mailbox turned the user, or a command, away."""

    def __init__(self, mailbox: str, reason: str) -> None:
        super().__init__(f"the mailbox {mailbox} refused: {reason}; check user, password and folder")


class MailUnreachable(MailError):
    """Nothing was sent: nobody answered, or not now."""

    status = 503

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server} did not take the message: {reason}; it is sent again later")


class MailRefused(MailError):
    """Nothing was sent: the server will not have this message."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server} refused the message: {reason}")


class MailUnsure(MailError):
    """The message was given, and nobody said that it was taken: it may have been sent."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"{server} may or may not have taken the message: {reason}; it is not sent again by itself"
        )


class TrainingFailed(AbaxError):
    """What trains or judges an adapter ended with an error, or without what was asked of it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")


class StorageError(AbaxError):
    """Objects could not be read or kept."""


class AdapterDamaged(StorageError):
    """A file of the registry that is not what its lineage says."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} is not used: {reason}; register it anew: abax train registry add FILE")


class StorageFull(StorageError):
    """No space left where results are written."""

    status = 507

    def __init__(self, where: str) -> None:
        super().__init__(f"no space left in {where}; free some and retry: finished parts are kept")


class ObjectMissing(StorageError):
    """A key that should exist does not."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no object {key!r}")


def all_errors(root: type[AbaxError] = AbaxError) -> list[type[AbaxError]]:
    """Every class of the tree, for the test that compares it with the state machine."""
    return [root, *(error for child in root.__subclasses__() for error in all_errors(child))]


def status_of(code: str) -> int:
    """The HTTP status of the error with that public name; 500 for a name that is none of ours."""
    return next((error.status for error in all_errors() if error.__name__ == code), AbaxError.status)
