"""Verifies packs and records by docs/audit-format.md and docs/audit.md alone; its tables of types and fields are read out of the former.

Reads {"packs": [{"pack", "keys"}], "records": [...]} (octets in base64), and answers with what is wrong with each: words
of its own, none where it is as described. Knows no holds, no kept checkpoint and no file of a part.
"""

import base64
import ipaddress
import json
import re
import struct
import sys
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Wrong(what)


def digest(*parts):
    return sha256(b"".join(parts)).digest()


def is_signed(key, signature, text):
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, text)
        return True
    except InvalidSignature:
        return False


def octets_of(text):
    """Base64 of which there is one spelling."""
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong("base64") from None
    need(base64.b64encode(octets).decode() == text, "base64")
    return octets


def read_note(text):
    """A note of C2SP signed-note: its text with the last newline; and name, key ID and signature of each line below."""
    need(not re.search("[\0-\t\v-\x1f]", text) and text.endswith("\n"), "note")
    body, gap, lines = text[:-1].rpartition("\n\n")
    need(gap != "", "note")
    signatures = []
    for line in lines.split("\n"):
        match = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
        need(match is not None, "note")
        blob = octets_of(match[2])
        need(len(blob) > 4, "note")
        signatures.append((match[1], blob[:4], blob[4:]))
    return body + "\n", signatures


def id_of(name, kind, key):
    return digest(name.encode(), bytes([10, kind]), base64.b64decode(key))[:4]


class Format:
    """The tables of the description."""

    def __init__(self, path):
        self.types, self.fields = {}, {}
        with open(path, encoding="utf8") as lines:
            for line in lines:
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if len(cells) == 3 and cells[0].isdigit():
                    names = [name.strip() for name in cells[2].split(",")]
                    must = {name.strip("*") for name in names if name.startswith("**")}
                    self.types[int(cells[0])] = (cells[1].strip("`"), {name.strip("*") for name in names}, must)
                elif len(cells) == 4 and cells[0].isdigit():
                    self.fields[int(cells[0])] = (cells[1], cells[2], int(cells[3]))

    def read(self, record):
        """Type, number, fields by name, and where the signature of a seal stands."""
        need(14 <= len(record) <= 8192 and int.from_bytes(record[:2], "big") == len(record), "length")
        need(record[2] == 2, "version")
        need(record[3] in self.types, "type")
        name, may, must = self.types[record[3]]
        values, kinds, last, signature, at = {}, {}, 0, None, 14
        while at < len(record):
            number, start = record[at], at
            length, at = self.length(record, at + 1)
            value = record[at : at + length]
            at += length
            need(number > last and len(value) == length, "order or end")
            need(number in self.fields, "field")
            field, kind, most = self.fields[number]
            need((field in may or field == "cut") and length <= most, "field of another type, or too long")
            values[field] = self.value(field, kind, most, value, kinds)
            kinds[number] = (kind, length, most)
            last = number
            signature = start if field == "signature" else signature
        need(must <= values.keys(), "missing field")
        return name, int.from_bytes(record[10:14], "big"), values, signature

    def length(self, record, at):
        need(at < len(record), "length")
        if record[at] < 128:
            return record[at], at + 1
        need(at + 1 < len(record), "length")
        length = int.from_bytes(record[at : at + 2], "big") & 0x7FFF
        need(length >= 128, "length in more octets than it needs")
        return length, at + 2

    def value(self, field, kind, most, value, kinds):
        if kind in ("u32", "u64"):
            need(value[:1] != b"\0", "number in more octets than it needs")
            return int.from_bytes(value, "big")
        if kind == "address":
            need(len(value) in (4, 16), "address")
            need(len(value) == 4 or ipaddress.IPv6Address(value).ipv4_mapped is None, "IPv4 within IPv6")
        elif kind == "list":
            at = 0
            while at < len(value):
                end = at + 2 + int.from_bytes(value[at : at + 2], "big")
                need(at + 2 <= len(value) and end <= len(value), "list")
                try:
                    value[at + 2 : end].decode("utf8")
                except UnicodeDecodeError:
                    raise Wrong("list") from None
                at = end
        elif field == "cut":
            need(len(value) > 0 and list(value) == sorted(set(value)), "cut")
            for number in value:
                of, length, limit = kinds.get(number, (None, 0, 0))
                need(of == "list" or (of == "text" and length >= limit - 3), "cut")
        elif kind == "bytes":
            need(len(value) == most, "half a hash, key or signature")
        return value


class Tree:
    """Perfect parts, the largest first (RFC 9162 section 2.1)."""

    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, level, value):
        self.size += 1 << level
        while self.parts and self.parts[-1][0] == level:
            value, level = digest(b"\1", self.parts.pop()[1], value), level + 1
        self.parts.append((level, value))

    def root(self):
        if not self.parts:
            return digest()
        root = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            root = digest(b"\1", left, root)
        return root


ONLY_PROXIES = {"connection-opened", "connection-refused", "connection-closed", "message-admitted"} | {
    "message-answered", "message-refused", "message-sent", "response-received"
}
ALL_HOSTS = {"stream-opened", "seal", "gap", "clock-stepped", "channel-opened", "channel-closed"}


class Pack:
    def __init__(self, form, keys):
        self.form, self.keys = form, keys
        self.tree, self.roots, self.checkpoints = Tree(), {}, []
        self.names, self.sources, self.places, self.holes, self.proven = {}, {}, {}, [], set()
        self.tiles = {}

    def verify(self, octets):
        line, _, frames = octets.partition(b"\n")
        head = json.loads(line)
        need((head["format"], head["version"]) == ("sallyport-audit-pack", 1), "header")
        need(head["origin"] == self.keys["origin"], "origin")
        self.read_frames(frames)
        need(self.tree.size == head["to"] == head["size"] and head["from"] == 0, "tail missing")
        self.judge_checkpoints(head["size"])
        for source, records in self.sources.items():
            self.judge_source(source, records)
        self.judge_runs()
        self.judge_holes()

    def read_frames(self, frames):
        at, count, kind, begun = 0, 0, 0, False
        while at < len(frames):
            need(kind != 7 and at + 5 <= len(frames), "frame")
            kind, length = struct.unpack(">BI", frames[at : at + 5])
            content = frames[at + 5 : at + 5 + length]
            need(len(content) == length <= 1 << 20 and 1 <= kind <= 7, "frame")
            at += 5 + length
            begun = begun or kind > 2
            if kind == 1:
                json.loads(content)
            elif kind == 2:
                need(not begun, "checkpoint behind other frames")
                self.checkpoints.append(content.decode("utf8"))
            elif kind == 3:
                self.read_subtrees(content)
            elif kind == 4:
                number, worker, epoch = struct.unpack(">HBQ", content[:11])
                self.names[number] = (content[11:].decode("utf8"), worker, epoch)
            elif kind == 5:
                (number,) = struct.unpack(">Q", content[:8])
                need(number == self.tree.size // 256, "tile out of place")
                hashes = struct.iter_unpack(">32s", content[8:])
                self.tiles.update((number * 256 + place, value) for place, (value,) in enumerate(hashes))
            elif kind == 6:
                count += self.read_records(content)
            elif kind == 7:
                need(struct.unpack(">Q", content) == (count,), "count")
        need(kind == 7, "no end")

    def read_subtrees(self, content):
        for level, number, value in struct.iter_unpack(">BQ32s", content):
            start = number << level
            need(start == self.tree.size, "hash out of place")
            self.tree.add(level, value)
            self.roots[self.tree.size] = self.tree.root()
            if self.holes and self.holes[-1][1] == start:
                start = self.holes.pop()[0]
            self.holes.append((start, self.tree.size))

    def read_records(self, content):
        (index,), at, count = struct.unpack(">Q", content[:8]), 8, 0
        while at < len(content):
            number, length = struct.unpack(">HH", content[at : at + 4])
            record = content[at + 2 : at + 2 + length]
            need(index == self.tree.size and number in self.names, "record out of place")
            read = self.form.read(record)
            leaf = digest(b"\0", record)
            need(self.tiles.get(index, leaf) == leaf, "record of another hash")
            self.tree.add(0, leaf)
            self.roots[self.tree.size] = self.tree.root()
            records = self.sources.setdefault(self.names[number], {})
            need(read[1] not in records, "number twice")
            records[read[1]] = (index, record, read)
            index, at, count = index + 1, at + 2 + length, count + 1
        return count

    def judge_checkpoints(self, size):
        """Every one is signed by the ledger and fits the records; the whole is signed; a witness signed one."""
        witnessed, sizes = False, set()
        origin = self.keys["origin"]
        for text in self.checkpoints:
            body, signatures = read_note(text)
            name, of, root = body.split("\n")[:3]
            need(name == origin and body.count("\n") == 3, "checkpoint")
            by_ledger = False
            for name, key_id, signature in signatures:
                if name == origin and key_id == id_of(origin, 1, self.keys["ledger"]):
                    by_ledger = is_signed(self.keys["ledger"], signature, body.encode())
                    need(by_ledger, "ledger key")
                witness = self.keys["witnesses"].get(name)
                if witness is not None and key_id == id_of(name, 4, witness):
                    need(len(signature) == 72, "cosignature")
                    (time,) = struct.unpack(">Q", signature[:8])
                    signed = f"cosignature/v1\ntime {time}\n{body}".encode()
                    need(is_signed(witness, signature[8:], signed), "cosignature")
                    witnessed = True
            need(by_ledger, "ledger key")
            need(int(of) not in self.roots or self.roots[int(of)] == octets_of(root), "root")
            sizes.add(int(of))
        need(size in sizes and size in self.roots, "the whole is not signed")
        need(witnessed, "no witness")

    def judge_source(self, source, records):
        """Numbers without holes; each seal covers exactly the records since the one before it."""
        host, first = source[0], min(records)
        need(host in self.keys["witnesses"], "key of the host")
        need(first == 0 or self.holes, "beginning missing")
        since, spans, before, last, in_order = first, [], None, None, -1
        behind, place = {}, float("inf")
        for number in sorted(records, reverse=True):
            behind[number], place = place, min(place, records[number][0])
        for number in sorted(records):
            index, record, (name, _, values, signature) = records[number]
            if last is not None and number != last + 1:
                if records[last][0] < behind[last]:
                    in_order = records[last][0]
                need(number - last - 1 <= self.gone_between(in_order, index), "hole in numbers")
                first, since, spans, before = number, number, [], None
            last = number
            if number == 0:
                says = (values.get("node", b"").decode(), values.get("worker"), values.get("epoch"))
                need(name == "stream-opened" and says == source, "another source")
            if name != "seal":
                spans.append((index, record))
                continue
            text = b"sallyport seal 1\0" + record[2:signature]
            need(is_signed(self.keys["witnesses"][host], values["signature"], text), "seal not signed")
            is_whole = values["firstSeq"] == since
            need(is_whole or since == first > 0, "seal of other numbers")
            if is_whole:
                need(values["lastSeq"] == number - 1, "seal of other numbers")
                need(values["recordsHash"] == digest(*(one for _, one in spans)), "seal of other records")
                self.proven.update(place for place, _ in spans)
            need(before == values.get("previousSeal") or since == first > 0, "seal after another one")
            before, since, spans = digest(record), number + 1, []
            self.places[(source, number)] = before

    def gone_between(self, after, before):
        return sum(end - start for start, end in self.holes if after < start and end <= before)

    def judge_runs(self):
        names = {source: {read[0] for _, _, read in records.values()} for source, records in self.sources.items()}
        proxies = {source[0] for source, types in names.items() if types & ONLY_PROXIES}
        for records in self.sources.values():
            for _, _, (name, _, values, _) in records.values():
                if name == "channel-opened" and "connection" in values:
                    proxies.add(values["peerNode"].decode())
        for source, types in names.items():
            need(source[0] not in proxies or types <= ONLY_PROXIES | ALL_HOSTS, "record of a gateway")
        if self.holes:
            return
        for (host, worker, _), records in self.sources.items():
            values = records[0][2][2]
            if "previousSeal" in values:
                seal = ((host, worker, values["previousEpoch"]), values.get("previousSealSeq", 0))
                need(self.places.get(seal) == values["previousSeal"], "end of a run missing")
        hosts = {source[0] for source in self.sources}
        need(set(self.keys["witnesses"]) - set(self.keys.get("former", {})) <= hosts, "host missing")

    def judge_holes(self):
        """Records may be missing of days of which a record under a seal says that they were dropped, and none later that they were not."""
        of_days = ("day-dropped", "day-kept", "day-begun", "hold-set", "hold-lifted")
        told = [
            record
            for records in self.sources.values()
            for _, record, (name, _, _, _) in records.values()
            if name in of_days
        ]
        need(len(set(told)) == len(told), "said in two sources")
        said = [
            (index, name, values["firstIndex"], values["firstIndex"] + values["entries"], values)
            for records in self.sources.values()
            for index, _, (name, _, values, _) in records.values()
            if name in ("day-dropped", "day-kept") and index in self.proven
        ]
        kept = [(first, until, values["treeSize"]) for _, name, first, until, values in said if name == "day-kept"]
        dropped = sorted(
            (first, until)
            for index, name, first, until, _ in said
            if name == "day-dropped"
            and not any(index < size and first < end and start < until for start, end, size in kept)
        )
        for start, end in self.holes:
            for first, until in dropped:
                start = max(start, until) if first <= start else start
            need(start >= end, "records missing")


def wrong_with(work):
    try:
        work()
        return None
    except (Wrong, ValueError, KeyError, struct.error) as wrong:
        return str(wrong) or type(wrong).__name__


if __name__ == "__main__":
    form = Format(sys.argv[1])
    asked = json.load(sys.stdin)
    decoded = base64.b64decode
    answer = {
        "packs": [wrong_with(lambda: Pack(form, one["keys"]).verify(decoded(one["pack"]))) for one in asked["packs"]],
        "records": [wrong_with(lambda: form.read(decoded(one))) for one in asked["records"]],
    }
    json.dump(answer, sys.stdout)
