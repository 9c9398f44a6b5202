"""RFC 6962 section 2.1 written down as its own recursive definition: slow, and independent of the verifier."""

import hashlib


def naive_root(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_path(index: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if index < k:
        return [*naive_path(index, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(index - k, entries[k:]), naive_root(entries[:k])]


def naive_consistency(old: int, entries: list[bytes], *, whole: bool = True) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [naive_root(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if old <= k:
        return [*naive_consistency(old, entries[:k], whole=whole), naive_root(entries[k:])]
    return [*naive_consistency(old - k, entries[k:], whole=False), naive_root(entries[:k])]
