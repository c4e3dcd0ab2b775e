import struct


def _s(t):
    b = t.encode()
    return struct.pack("<Q", len(b)) + b


def _v(x, inner=False):
    if isinstance(x, bool):
        return 7, struct.pack("<?", x)
    if isinstance(x, int):
        return (5, struct.pack("<i", x)) if inner else (4, struct.pack("<I", x))
    if isinstance(x, float):
        return 6, struct.pack("<f", x)
    if isinstance(x, str):
        return 8, _s(x)
    parts = [_v(e, True) for e in x]
    return 9, struct.pack("<IQ", parts[0][0], len(parts)) + b"".join(p for _, p in parts)


def write_gguf(path, metadata, tensors):
    tensors = list(tensors)
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    for k, x in metadata.items():
        t, b = _v(x)
        head.append(_s(k) + struct.pack("<I", t) + b)
    at = 0
    for name, kind, shape, data in tensors:
        head.append(_s(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in reversed(shape)))
        head.append(struct.pack("<IQ", int(kind), at))
        at += -(-len(data) // 32) * 32
    out = b"".join(head)
    out += b"\0" * (-len(out) % 32)
    for *_, data in tensors:
        out += bytes(data) + b"\0" * (-len(data) % 32)
    path.write_bytes(out)
