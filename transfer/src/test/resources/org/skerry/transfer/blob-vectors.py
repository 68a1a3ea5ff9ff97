#!/usr/bin/env python3
"""Writes blob-vectors.txt from the definitions alone (RFC 6962 section 2.1, recursively).

Byte i of the blob of a vector is (7 * i + i // 65536) mod 256.
"""
import base64, hashlib, struct

CHUNK = 256 * 1024


def sha(b):
    return hashlib.sha256(b).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d):
    if not d:
        return sha(b"")
    if len(d) == 1:
        return sha(b"\x00" + d[0])
    k = split(len(d))
    return sha(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    return path(m, d[:k]) + [mth(d[k:])] if m < k else path(m - k, d[k:]) + [mth(d[:k])]


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def cid(size, root):
    digest = sha(b"\x02" + struct.pack(">Q", size) + root)
    raw = b"\x01" + varint(0x300B) + varint(0x12) + varint(32) + digest
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


for size in [0, 1, 262143, 262144, 262145, 524288, 3 * CHUNK, 5 * CHUNK + 17, 13 * CHUNK, 21 * CHUNK - 1]:
    blob = bytes((7 * i + i // 65536) % 256 for i in range(size))
    chunks = [blob[i : i + CHUNK] for i in range(0, size, CHUNK)]
    root = mth(chunks)
    print("blob", size, root.hex(), cid(size, root))
    for i in sorted({0, len(chunks) // 2, len(chunks) - 1}):
        if 0 <= i < len(chunks):
            print("proof", i, "".join(h.hex() for h in path(i, chunks)) or "-")
