"""From one relocatable object, as LLVM emits it, to a shared library that ``dlopen`` takes: no linker needed.

The libraries for every processor come from one machine, so no cross toolchain may be asked for; and what a
kernel module needs of a linker is little: lay out its sections, apply a dozen relocations, write the tables
by which the dynamic loader finds the exported names. The same input gives the same bytes.

The library has three segments::

    R    headers  .hash  .dynsym  .dynstr  .rela.dyn  constants
    RX   code     .plt (a jump for each imported function)
    RW   .dynamic .got (addresses that the loader fills in)  data  zeroed data

Formats: the ELF-64 object file format (System V gABI, chapters 4 and 5), the x86-64 psABI (section 4.4,
"Relocation") and "ELF for the Arm 64-bit Architecture" (AAELF64, section 5.7, "Relocation").
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Section types, section flags, and segment types and flags (gABI figures 4-11, 4-12, 5-2, 5-3).
PROGBITS, SYMTAB, STRTAB, RELA, HASH, DYNAMIC, NOBITS, DYNSYM = 1, 2, 3, 4, 5, 6, 8, 11
WRITE, ALLOC, EXECUTE, THREAD_LOCAL = 1, 2, 4, 0x400
PT_LOAD, PT_DYNAMIC, PT_GNU_STACK = 1, 2, 0x6474E551
PF_X, PF_W, PF_R = 1, 2, 4

HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION: Final = struct.Struct("<IIQQQQIIQQ")
SEGMENT: Final = struct.Struct("<IIQQQQQQ")
SYMBOL: Final = struct.Struct("<IBBHQQ")
RELOCATION: Final = struct.Struct("<QQq")
DYNAMIC_ENTRY: Final = struct.Struct("<qQ")
ENTRY_SIZES: Final = {RELA: RELOCATION.size, DYNSYM: SYMBOL.size, HASH: 4, DYNAMIC: DYNAMIC_ENTRY.size}

IDENTITY: Final = b"\x7fELF\x02\x01\x01" + bytes(9)
"""64 bits, little-endian, version 1."""

SEGMENT_ORDER: Final = (0, EXECUTE, WRITE)
"""The segments to load, by the rights of their sections beside reading."""

SEGMENTS: Final = len(SEGMENT_ORDER) + 2
"""Those, the dynamic section, and the flags of the stack."""

STUB: Final = 16
"""Bytes of a jump in .plt."""

DROPPED: Final = (".eh_frame", ".note", ".comment", ".llvm")
"""Beginnings of the names of sections that no kernel needs: nothing unwinds through one."""


class LinkError(Exception):
    """An object that cannot become a library; the message names the culprit."""


class UndefinedSymbol(LinkError):
    """A name that the object needs or should export, and does not define."""


class UnknownRelocation(LinkError):
    """A kind of relocation that kernels have not needed so far."""


class OutOfRange(LinkError):
    """A distance or alignment that does not fit the place that should hold it."""


@dataclass(eq=False)
class Section:
    """A stretch of the library, read from the object or made here."""

    name: str
    type: int
    flags: int
    align: int
    size: int
    data: bytearray = field(default_factory=bytearray)
    link: str = ""
    address: int = 0
    offset: int = 0


class Symbol(NamedTuple):
    """A name of the object: ``value`` bytes into ``section``, which is None where it is not defined."""

    name: str
    info: int
    section: Section | None
    value: int
    size: int

    @property
    def address(self) -> int:
        """Where it lies, once its section has been placed."""
        return self.value + (self.section.address if self.section else 0)


class Relocation(NamedTuple):
    """Put ``symbol`` + ``addend``, in the way of ``type``, at ``offset`` of ``section``."""

    section: Section
    offset: int
    type: int
    symbol: Symbol
    addend: int

    def __str__(self) -> str:
        return f"relocation type {self.type} for {self.symbol.name} at {self.section.name}+{self.offset:#x}"


class Rule(NamedTuple):
    """How a relocation follows from S, its symbol (with ``got``: the slot), A, its addend, P, its place."""

    form: str
    """``absolute`` S+A; ``relative`` S+A-P; ``page`` that of 4 KiB pages; ``low`` S+A within its page."""
    encode: Callable[[int, int], int]
    """(what is there, value) -> what shall be there; raises ValueError when the value does not fit."""
    width: int = 4
    """Bytes that are changed."""
    got: bool = False


class Machine(NamedTuple):
    """What differs between the processors that we link for."""

    page: int
    """The largest page that a kernel for it may use."""
    rules: dict[int, Rule]
    relative: int
    """Dynamic relocation: load address + addend."""
    address_of: int
    """Dynamic relocation: address of a symbol."""
    stub: Callable[[int, int], bytes]
    """(place, place of a slot) -> code that jumps to the address in the slot."""


def link(object_bytes: bytes, exports: Sequence[str], soname: str, imports: Sequence[str] = ()) -> bytes:
    """The shared library that holds the code of ``object_bytes`` and offers the functions ``exports``.

    The object is position-independent ELF for x86-64 or aarch64. Functions named in ``imports`` are taken
    from what the process has loaded already (its C library: ``memset``, ``sched_yield``); all else must be in
    the object. Raises LinkError.
    """
    number, sections, relocations, symbols = _read(object_bytes)
    known = {symbol.name: symbol for symbol in symbols if symbol.section is not None}
    for name in exports:
        if name not in known:
            raise UndefinedSymbol(f"{name} shall be exported, and the object does not define it")
    image = _Image(number, sections, relocations, sorted(set(imports)))
    return image.link([known[name] for name in sorted(set(exports))], soname)


# ----------------------------------------------------------------------------------------- reading the object


def _read(data: bytes) -> tuple[int, list[Section], list[Relocation], list[Symbol]]:
    """The machine, and the parts of an object that reach the library."""
    if data[:7] != IDENTITY[:7] or len(data) < HEADER.size:
        raise LinkError("not a little-endian 64-bit ELF file")
    _, kind, number, _, _, _, table, _, _, _, _, _, count, names = HEADER.unpack_from(data)
    if kind != 1 or number not in MACHINES:
        raise LinkError(f"ELF type {kind}, machine {number}; expected an object for x86-64 or aarch64")
    headers = [SECTION.unpack_from(data, table + SECTION.size * i) for i in range(count)]
    sections = [_section(data, header, _text(data, headers[names][4] + header[0])) for header in headers]
    symbols = [s for h in headers if h[1] == SYMTAB for s in _symbols(data, h, headers[h[6]][4], sections)]
    relocations = [
        Relocation(section, offset, info & 0xFFFFFFFF, symbols[info >> 32], addend)
        for header in headers
        if header[1] == RELA and (section := sections[header[7]]) is not None
        for offset, info, addend in RELOCATION.iter_unpack(data[header[4] : header[4] + header[5]])
    ]
    return number, [section for section in sections if section is not None], relocations, symbols


def _section(data: bytes, header: tuple[int, ...], name: str) -> Section | None:
    """A section that will be in memory, else None."""
    _, kind, flags, _, offset, size, _, _, align, _ = header
    if not flags & ALLOC or name.startswith(DROPPED):
        return None
    if kind not in (PROGBITS, NOBITS) or flags & THREAD_LOCAL or _rights(flags) == WRITE | EXECUTE:
        raise LinkError(f"section {name} (type {kind:#x}, flags {flags:#x}) has no place in a kernel library")
    content = data[offset : offset + size] if kind == PROGBITS else b""
    return Section(name, kind, flags & (WRITE | ALLOC | EXECUTE), max(align, 1), size, bytearray(content))


def _symbols(
    data: bytes, header: tuple[int, ...], strings: int, sections: list[Section | None]
) -> Iterator[Symbol]:
    """All entries of the symbol table, in order; the first is empty."""
    for at, info, _, index, value, size in SYMBOL.iter_unpack(data[header[4] : header[4] + header[5]]):
        name = _text(data, strings + at)
        if index == 0xFFF2 or (index == 0xFFF1 and info & 15 != 4):  # 4: the name of the source file
            raise LinkError(f"symbol {name} is absolute or common; kernels have neither")
        yield Symbol(name, info, sections[index] if index < len(sections) else None, value, size)


def _rights(flags: int) -> int:
    return flags & (WRITE | EXECUTE)


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()


# ---------------------------------------------------------------------------------------- writing the library


class _Image:
    """The library while it is laid out. Its own sections are in ``made``, by name."""

    def __init__(
        self, number: int, sections: list[Section], relocations: list[Relocation], imports: list[str]
    ) -> None:
        self.number, self.machine = number, MACHINES[number]
        self.relocations, self.imports = relocations, imports
        self.slots: dict[Symbol, int] = {}
        self.stubs: dict[Symbol, int] = {}
        self.adjusted: list[tuple[int, int]] = []
        """(place, address) of pointers to which the loader adds the address where it put the library."""
        tables = (
            Section(".hash", HASH, ALLOC, 8, 0, link=".dynsym"),
            Section(".dynsym", DYNSYM, ALLOC, 8, 0, link=".dynstr"),
            Section(".dynstr", STRTAB, ALLOC, 1, 0),
            Section(".rela.dyn", RELA, ALLOC, 8, 0, link=".dynsym"),
            Section(".plt", PROGBITS, ALLOC | EXECUTE, 16, 0),
            Section(".dynamic", DYNAMIC, ALLOC | WRITE, 8, 0, link=".dynstr"),
            Section(".got", PROGBITS, ALLOC | WRITE, 8, 0),
        )
        self.made = {section.name: section for section in tables}
        # Zeroed data has no bytes in the file, so it comes last.
        self.sections = sorted(
            [*tables, *sections], key=lambda s: (SEGMENT_ORDER.index(_rights(s.flags)), s.type == NOBITS)
        )

    def link(self, exports: list[Symbol], soname: str) -> bytes:
        """Everything in turn: what is needed, where it lies, what it holds."""
        pointers = self._reserve()
        names, strings = [*self.imports, *(symbol.name for symbol in exports)], [soname]
        strings += names
        self.made[".dynstr"].data += b"\0" + b"".join(text.encode() + b"\0" for text in strings)
        self._size(1 + len(names), pointers)
        segments = self._place()
        for relocation in self.relocations:
            self._apply(relocation)
        self._fill_slots()
        self._fill_names(names, exports)
        self._fill_dynamic(soname)
        return self._write(segments)

    def _reserve(self) -> int:
        """Give slots and stubs to the symbols that need them; the number of pointers in the data."""
        pointers = 0
        for relocation in self.relocations:
            rule, symbol = self._rule(relocation), relocation.symbol
            imported = symbol.section is None
            if imported and symbol.name not in self.imports:
                raise UndefinedSymbol(f"{symbol.name or 'a dropped section'} is not defined: {relocation}")
            if imported or rule.got:
                self.slots.setdefault(symbol, len(self.slots))
            if imported and not rule.got:
                self.stubs.setdefault(symbol, len(self.stubs))
            if rule.form == "absolute":
                pointers += 1
                if imported or not relocation.section.flags & WRITE:
                    raise LinkError(f"not position-independent: {relocation}")
        return pointers

    def _rule(self, relocation: Relocation) -> Rule:
        try:
            return self.machine.rules[relocation.type]
        except KeyError:
            raise UnknownRelocation(str(relocation)) from None

    def _size(self, symbols: int, pointers: int) -> None:
        """How large the tables will be, before anything has an address."""
        made = self.made
        made[".hash"].size = 4 * (2 + 2 * symbols)
        made[".dynsym"].size = SYMBOL.size * symbols
        made[".dynstr"].size = len(made[".dynstr"].data)
        made[".rela.dyn"].size = RELOCATION.size * (len(self.slots) + pointers)
        made[".plt"].size = STUB * len(self.stubs)
        made[".dynamic"].size = DYNAMIC_ENTRY.size * len(self._dynamic(0))
        made[".got"].size = 8 * len(self.slots)

    def _place(self) -> list[tuple[int, ...]]:
        """Give every section its address and offset; the program headers.

        A segment begins at the next offset in the file, and in memory on a page of its own at the same
        distance from the page's start: the loader maps a page of the file that holds two segments twice.
        """
        page, offset, end = self.machine.page, HEADER.size + SEGMENTS * SEGMENT.size, 0
        segments = []
        for flags in SEGMENT_ORDER:
            start = offset if flags else 0
            base = -(-end // page) * page + start % page - start
            for section in (s for s in self.sections if _rights(s.flags) == flags):
                if section.align > page:
                    raise OutOfRange(f"{section.name} is aligned to {section.align} bytes, a page has {page}")
                section.offset = offset = -(-offset // section.align) * section.align
                section.address, offset = offset + base, offset + section.size
            end, stored = offset + base, self._stored(flags, offset)
            rights = PF_R | (PF_X if flags == EXECUTE else 0) | (PF_W if flags == WRITE else 0)
            first = start + base
            segments.append((PT_LOAD, rights, start, first, first, stored - start, end - first, page))
        dynamic = self.made[".dynamic"]
        where = (dynamic.offset, dynamic.address, dynamic.address, dynamic.size, dynamic.size)
        return [
            *segments,
            (PT_DYNAMIC, PF_R | PF_W, *where, 8),
            (PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16),
        ]

    def _stored(self, flags: int, end: int) -> int:
        """Where a segment that ends at ``end`` ends in the file."""
        zeroed = [s.offset for s in self.sections if s.type == NOBITS and _rights(s.flags) == flags]
        return min([end, *zeroed])

    def _apply(self, relocation: Relocation) -> None:
        """Change the bytes that a relocation names."""
        rule, (section, offset, _, symbol, addend) = self._rule(relocation), relocation
        place, target = section.address + offset, self._target(rule, symbol) + addend
        if rule.form == "absolute":
            self.adjusted.append((place, target))
        value = {
            "absolute": target,
            "relative": target - place,
            "page": (target & -4096) - (place & -4096),
            "low": target & 4095,
        }[rule.form]
        where = slice(offset, offset + rule.width)
        try:
            there = rule.encode(int.from_bytes(section.data[where], "little"), value)
        except ValueError as error:
            raise OutOfRange(f"{relocation}: {error}") from None
        section.data[where] = there.to_bytes(rule.width, "little")

    def _target(self, rule: Rule, symbol: Symbol) -> int:
        if rule.got:
            return self.made[".got"].address + 8 * self.slots[symbol]
        if symbol.section is None:
            return self.made[".plt"].address + STUB * self.stubs[symbol]
        return symbol.address

    def _fill_slots(self) -> None:
        """The table of addresses, the jumps through it, and what the loader has to do."""
        got, plt = self.made[".got"], self.made[".plt"]
        for symbol, number in self.slots.items():
            got.data += struct.pack("<Q", symbol.address)
            if symbol.section is not None:
                self.adjusted.append((got.address + 8 * number, symbol.address))
        for symbol, number in self.stubs.items():
            slot = got.address + 8 * self.slots[symbol]
            plt.data += self.machine.stub(plt.address + STUB * number, slot).ljust(STUB, b"\0")
        by_loader = [(place, self.machine.relative, address) for place, address in sorted(self.adjusted)]
        for symbol, number in self.slots.items():
            if symbol.section is None:
                index = 1 + self.imports.index(symbol.name)
                by_loader.append((got.address + 8 * number, index << 32 | self.machine.address_of, 0))
        self.made[".rela.dyn"].data += b"".join(RELOCATION.pack(*entry) for entry in by_loader)

    def _fill_names(self, names: list[str], exports: list[Symbol]) -> None:
        """The symbols that the loader sees: imported ones, then exported ones; and their hash table."""
        table, numbers = self.made[".dynsym"], {id(s): 1 + i for i, s in enumerate(self.sections)}
        table.data += bytes(SYMBOL.size)
        for name in self.imports:
            table.data += SYMBOL.pack(self._string(name), 0x12, 0, 0, 0, 0)
        for symbol in exports:
            where = numbers[id(symbol.section)], symbol.address, symbol.size
            table.data += SYMBOL.pack(self._string(symbol.name), 0x10 | symbol.info & 15, 0, *where)
        size = 1 + len(names)
        buckets, chain = [0] * size, [0] * size
        for index, name in enumerate(names, start=1):
            bucket = _hash(name) % size
            chain[index], buckets[bucket] = buckets[bucket], index
        self.made[".hash"].data += struct.pack(f"<{2 + 2 * size}I", size, size, *buckets, *chain)

    def _string(self, text: str) -> int:
        """Where a name lies in .dynstr."""
        return self.made[".dynstr"].data.index(b"\0" + text.encode() + b"\0") + 1

    def _fill_dynamic(self, soname: str) -> None:
        entries = self._dynamic(self._string(soname))
        self.made[".dynamic"].data += b"".join(DYNAMIC_ENTRY.pack(*entry) for entry in entries)

    def _dynamic(self, soname: int) -> list[tuple[int, int]]:
        """What the loader looks up first (gABI figure 5-10)."""
        made = self.made
        return [
            (14, soname),
            (4, made[".hash"].address),
            (5, made[".dynstr"].address),
            (6, made[".dynsym"].address),
            (10, made[".dynstr"].size),
            (11, SYMBOL.size),
            (7, made[".rela.dyn"].address),
            (8, made[".rela.dyn"].size),
            (9, RELOCATION.size),
            (0x6FFFFFF9, len(self.adjusted)),  # DT_RELACOUNT: that many of them need no symbol
            (30, 8),  # DT_FLAGS: everything is resolved at load
            (0, 0),
        ]

    def _write(self, segments: list[tuple[int, ...]]) -> bytes:
        """The file: headers, sections, and last their names and headers, which only tools read."""
        names = b"\0" + b"".join(s.name.encode() + b"\0" for s in self.sections) + b".shstrtab\0"
        out = bytearray(HEADER.size) + b"".join(SEGMENT.pack(*segment) for segment in segments)
        for section in self.sections:
            if section.type != NOBITS and section.size:
                out += bytes(section.offset - len(out)) + section.data
        names_at, table = len(out), -(-(len(out) + len(names)) // 8) * 8
        out += names + bytes(table - len(out) - len(names)) + bytes(SECTION.size)
        out += b"".join(self._header_of(section, names) for section in self.sections)
        at = names.index(b"\0.shstrtab\0") + 1
        out += SECTION.pack(at, STRTAB, 0, 0, names_at, len(names), 0, 0, 1, 0)
        sizes = (
            HEADER.size,
            SEGMENT.size,
            SEGMENTS,
            SECTION.size,
            len(self.sections) + 2,
            len(self.sections) + 1,
        )
        HEADER.pack_into(out, 0, IDENTITY, 3, self.number, 1, 0, HEADER.size, table, 0, *sizes)
        return bytes(out)

    def _header_of(self, section: Section, names: bytes) -> bytes:
        numbers = {s.name: 1 + i for i, s in enumerate(self.sections)}
        linked = numbers.get(section.link, 0), int(section.type == DYNSYM)
        place = section.flags, section.address, section.offset, section.size
        name = names.index(b"\0" + section.name.encode() + b"\0") + 1
        return SECTION.pack(
            name, section.type, *place, *linked, section.align, ENTRY_SIZES.get(section.type, 0)
        )


def _hash(name: str) -> int:
    """The hash by which the loader finds a name (gABI figure 5-13)."""
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high
    return value


# --------------------------------------------------------------------------------------------- the processors


def _word(bits: int) -> Callable[[int, int], int]:
    """A signed number that fills its place."""

    def encode(_: int, value: int) -> int:
        return _fit(value, bits)

    return encode


def _field(low: int, bits: int, shift: int, *, signed: bool) -> Callable[[int, int], int]:
    """``value >> shift`` in ``bits`` bits of an instruction, from bit ``low`` on."""

    def encode(there: int, value: int) -> int:
        if value & ((1 << shift) - 1):
            raise ValueError(f"{value:#x} is no multiple of {1 << shift}")
        number = _fit(value >> shift, bits) if signed else value >> shift
        return there & ~(((1 << bits) - 1) << low) | number << low

    return encode


def _adr(shift: int) -> Callable[[int, int], int]:
    """The 21 bits of ADR and ADRP: the lowest two in bits 29 and 30, the others from bit 5 on."""

    def encode(there: int, value: int) -> int:
        number = _fit(value >> shift, 21)
        return there & 0x9F00001F | (number & 3) << 29 | number >> 2 << 5

    return encode


def _fit(value: int, bits: int) -> int:
    """Two's complement of a signed number. Raises ValueError when it needs more bits."""
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"{value:#x} does not fit {bits} bits")
    return value & ((1 << bits) - 1)


def _address(_: int, value: int) -> int:
    return value


def _x86_stub(place: int, slot: int) -> bytes:
    """``jmp *slot(%rip)``."""
    return b"\xff\x25" + struct.pack("<i", slot - place - 6)


def _arm_stub(place: int, slot: int) -> bytes:
    """``adrp x16, slot; ldr x17, [x16, :lo12:slot]; br x17``."""
    adrp = _adr(12)(0x90000010, (slot & -4096) - (place & -4096))
    load = _field(10, 12, 3, signed=False)(0xF9400211, slot & 4095)
    return struct.pack("<3I", adrp, load, 0xD61F0220)


_RELATIVE32: Final = Rule("relative", _word(32))
_LOW: Final = [Rule("low", _field(10, 12, shift, signed=False)) for shift in range(5)]
_BRANCH: Final = Rule("relative", _field(0, 26, 2, signed=True))

X86_64: Final = Machine(
    page=0x1000,
    rules={
        1: Rule("absolute", _address, 8),  # R_X86_64_64
        2: _RELATIVE32,  # R_X86_64_PC32
        4: _RELATIVE32,  # R_X86_64_PLT32
        9: _RELATIVE32._replace(got=True),  # R_X86_64_GOTPCREL
        24: Rule("relative", _word(64), 8),  # R_X86_64_PC64
        41: _RELATIVE32._replace(got=True),  # R_X86_64_GOTPCRELX
        42: _RELATIVE32._replace(got=True),  # R_X86_64_REX_GOTPCRELX
    },
    relative=8,  # R_X86_64_RELATIVE
    address_of=6,  # R_X86_64_GLOB_DAT
    stub=_x86_stub,
)

AARCH64: Final = Machine(
    page=0x10000,
    rules={
        257: Rule("absolute", _address, 8),  # R_AARCH64_ABS64
        260: Rule("relative", _word(64), 8),  # R_AARCH64_PREL64
        261: _RELATIVE32,  # R_AARCH64_PREL32
        274: Rule("relative", _adr(0)),  # R_AARCH64_ADR_PREL_LO21
        275: Rule("page", _adr(12)),  # R_AARCH64_ADR_PREL_PG_HI21
        277: _LOW[0],  # R_AARCH64_ADD_ABS_LO12_NC
        278: _LOW[0],  # R_AARCH64_LDST8_ABS_LO12_NC
        282: _BRANCH,  # R_AARCH64_JUMP26
        283: _BRANCH,  # R_AARCH64_CALL26
        284: _LOW[1],  # R_AARCH64_LDST16_ABS_LO12_NC
        285: _LOW[2],  # R_AARCH64_LDST32_ABS_LO12_NC
        286: _LOW[3],  # R_AARCH64_LDST64_ABS_LO12_NC
        299: _LOW[4],  # R_AARCH64_LDST128_ABS_LO12_NC
        311: Rule("page", _adr(12), got=True),  # R_AARCH64_ADR_GOT_PAGE
        312: _LOW[3]._replace(got=True),  # R_AARCH64_LD64_GOT_LO12_NC
    },
    relative=1027,  # R_AARCH64_RELATIVE
    address_of=1025,  # R_AARCH64_GLOB_DAT
    stub=_arm_stub,
)

MACHINES: Final = {62: X86_64, 183: AARCH64}
"""By number in the ELF header."""
