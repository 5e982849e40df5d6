# SPDX-License-Identifier: Apache-2.0
# Archives with jars in them, for patch-nested.sh: made, and compared with what was made of them.
import hashlib
import io
import json
import os
import struct
import sys
import tarfile
import zipfile

from language import blob, class_bytes, jar, publish, write

G = "org.acme"
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


# A file that cannot seek: what is written into it gets data descriptors.
class Pipe(io.RawIOBase):
    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


# An archive of (name, bytes, method, comment, mode); `prefix`: what stands before it.
def archive(path, entries, prefix=b"", comment=b"", counted=False, stream=False, change=lambda data: data):
    out = Pipe() if stream else io.BytesIO()
    if counted:
        out.write(prefix)
    with zipfile.ZipFile(out, "w", DEFLATED) as z:
        for name, data, *more in entries:
            method, note, mode = more + [DEFLATED, b"", 0o100644][len(more):]
            info = zipfile.ZipInfo(name, (2024, 2, 3, 4, 5, 6))
            info.compress_type, info.comment, info.external_attr = method, note, mode << 16
            info.extra = struct.pack("<HHBI", 0x5455, 5, 1, 1700000000)
            z.writestr(info, data)
        z.comment = comment
    data = change(out.data if stream else out.getvalue())
    write(path, data if counted else prefix + data)
    os.chmod(path, 0o755 if prefix else 0o644)


def make(top, app, repo):
    made = {}

    def old(name, version="1.0", **more):
        path = f"{top}/made/{name}-{version}.jar"
        jar(path, G, name, version, **more)
        return open(path, "rb").read()

    def new(name, *versions, **more):
        for v in versions:
            publish(repo, G, name, v, **more)
    new("core", "2.12.4", "2.17.1", "3.0.0", requires=["org.acme:api:"])
    new("api", "2.12.4", "2.17.1", "3.0.0")
    new("silent", "1.1", stated=False)
    for name in ("inner", "flow", "helper", "shifted", "one", "listed", "pathed", "sig", "deep", "dup", "locked", "wide", "lying", "sized", "gap",
                 "over", "soft", "ends", "hard", "taken", "rotten", "tied", "lonely"):
        new(name, "1.1")
    manifest = ("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nMain-Class: Main\r\n\r\n")
    text = "x" * 3000
    lib = "BOOT-INF/lib/"
    index = "".join(f'- "{lib}{n}.jar"\n' for n in ("core-2.12.3", "api-2.12.3", "silent-1.0", "other-1.0"))
    archive(f"{app}/boot.jar", [
        manifest, ("BOOT-INF/", b"", STORED, b"", 0o40755), ("BOOT-INF/classes/Main.class", class_bytes() + text.encode()), (lib, b"", STORED, b"", 0o40755),
        (f"{lib}core-2.12.3.jar", old("core", "2.12.3", requires=["org.acme:api:"]), STORED, b"UNPACK:" + b"0" * 40), (f"{lib}api-2.12.3.jar", old("api", "2.12.3"), STORED),
        (f"{lib}silent-1.0.jar", old("silent", stated=False), STORED, b"kept"), (f"{lib}other-1.0.jar", old("other"), STORED, b"a comment"),
        ("BOOT-INF/classpath.idx", index, DEFLATED), ("BOOT-INF/layers.idx", '- "dependencies":\n' + index.replace("- ", "  - ") + '- "application":\n  - "META-INF/"\n'),
        ("last.txt", text)],
        prefix=b"#!/bin/bash\nexec java -jar \"$0\"\nexit 0\n", comment=b"a comment of the archive")
    archive(f"{app}/shop.war", [manifest, ("WEB-INF/web.xml", "<web-app/>"), ("WEB-INF/lib/inner-1.0.jar", old("inner")), ("WEB-INF/lib/also-1.0.jar", old("also")),
                                ("index.html", text)])
    archive(f"{app}/streamed.jar", [manifest, ("a.txt", text), ("flow-1.0.jar", old("flow")), ("b.txt", text, STORED), ("c.txt", "")], stream=True)
    deep = io.BytesIO()
    with zipfile.ZipFile(deep, "w") as z:
        z.writestr("WEB-INF/lib/deep-1.0.jar", old("deep"))
    archive(f"{app}/whole.ear", [manifest, ("lib/helper-1.0.jar", old("helper")), ("web.war", deep.getvalue())])
    archive(f"{app}/script.jar", [manifest, ("lib/shifted-1.0.jar", old("shifted"), STORED)], prefix=b"#!/bin/sh\necho a script\n", counted=True)
    archive(f"{app}/many.jar", [manifest] + [(f"a/{i}.txt", f"{i}") for i in range(5000)] + [("lib/one-1.0.jar", old("one"))] + [(f"b/{i}.txt", f"{i}" * 9) for i in range(5000)])
    archive(f"{app}/named.jar", [manifest, ("META-INF/INDEX.LIST", "JarIndex-Version: 1.0\n\nlib/listed-1.0.jar\norg\n"), ("lib/listed-1.0.jar", old("listed"))])
    archive(f"{app}/plain.jar", [("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nClass-Path: lib/pathed-1.0.jar\r\n\r\n"), ("lib/pathed-1.0.jar", old("pathed"))])
    archive(f"{app}/tied.jar", [manifest, ("lib/tied-1.0.jar", old("tied")), ("lib/user-1.0.jar", old("user", requires=["org.acme:tied:[1.0,1.1)"]))])
    archive(f"{app}/lonely.jar", [manifest, ("lib/lonely-1.0.jar", old("lonely"))])
    archive(f"{app}/other.jar", [manifest, ("lib/distant-1.0.jar", old("distant", requires=["org.acme:lonely:[1.0,1.1)"]))])
    archive(f"{app}/taken.jar", [manifest, ("lib/taken-1.0.jar", old("taken")), ("lib/taken-1.1.jar", old("taken", "1.1"))])

    # What is not written again: one nested jar, and something that is wrong with the archive.
    def bad(file, name, more=(("a.txt", text, STORED),), data=None, change=lambda data: data):
        archive(f"{app}/{file}", [manifest, *more, (f"lib/{name}-1.0.jar", old(name) if data is None else data, STORED), ("z.txt", "z")], change=change)

    def central(data, name):  # the offset of an entry's record in the directory
        return data.rindex(b"PK\1\2", 0, data.rindex(name))

    def patched(at, fmt, *values):
        return lambda data: (lambda a: data[:a] + struct.pack(fmt, *values) + data[a + struct.calcsize(fmt):])(at(data))
    bad("signed.jar", "sig", [("META-INF/ACME.SF", "x")])
    bad("twice.jar", "dup", [("a.txt", "1"), ("a.txt", "2")])
    bad("locked.jar", "locked", [("secret.txt", text)], change=patched(lambda d: central(d, b"secret.txt") + 8, "<H", 1))
    bad("lying.jar", "lying", change=lambda d: d.replace(b"a.txt", b"b.txt", 1))
    bad("sized.jar", "sized", change=patched(lambda d: d.index(b"a.txt") - 8, "<I", 5))
    bad("over.jar", "over", change=lambda d: patched(lambda d: central(d, b"a.txt") + 20, "<II", 3500, 3500)(patched(lambda d: d.index(b"a.txt") - 12, "<II", 3500, 3500)(d)))
    bad("soft.jar", "soft", [("link", "/etc/passwd", STORED, b"", 0o120777)])
    bad("ends.jar", "ends", change=patched(lambda d: len(d) - 12, "<H", 3))
    bad("rotten.jar", "rotten", data=b"no jar")
    bad("hard.jar", "hard")
    os.link(f"{app}/hard.jar", f"{app}/hard-other.jar")

    # A gap: ten bytes behind the first text, which all offsets after it count.
    def with_gap(data):
        at = data.index(b"a.txt") + 5 + 9 + len(text)
        end = data.rindex(b"PK\5\6")
        size, offset = struct.unpack("<II", data[end + 12:end + 20])
        records, out = data[offset:offset + size], b""
        while records:
            n = 46 + sum(struct.unpack("<HHH", records[28:34]))
            where, = struct.unpack("<I", records[42:46])
            out += records[:42] + struct.pack("<I", where + (10 if where >= at else 0)) + records[46:n]
            records = records[n:]
        return data[:at] + b"\0" * 10 + data[at:offset] + out + data[end:end + 16] + struct.pack("<I", offset + 10) + data[end + 20:]
    bad("gap.jar", "gap", change=with_gap)

    def as_zip64(data):
        end = data.rindex(b"PK\5\6")
        count, = struct.unpack("<H", data[end + 10:end + 12])
        size, offset = struct.unpack("<II", data[end + 12:end + 20])
        wide = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
        return data[:end] + wide + struct.pack("<4sIQI", b"PK\6\7", 0, end, 1) + data[end:]
    bad("wide.jar", "wide", change=as_zip64)
    return made


def raw(z, data, info):
    name, extra = struct.unpack("<HH", data[info.header_offset + 26:info.header_offset + 30])
    begin = info.header_offset + 30 + name + extra
    return data[info.header_offset:begin + info.compress_size]


# Prints what is not as it should be: ENTRY NEWENTRY NEWJAR, three arguments each.
def same(old, new, *puts):
    changed = {e: (n, open(f, "rb").read()) for e, n, f in zip(*[iter(puts)] * 3)}
    with zipfile.ZipFile(old) as a, zipfile.ZipFile(new) as b:
        x, y = open(old, "rb").read(), open(new, "rb").read()
        if b.testzip():
            print(f"{b.testzip()} is damaged")
        if a.comment != b.comment:
            print("another comment")
        first = min(i.header_offset for i in a.infolist())
        if y[:first] != x[:first]:
            print("another beginning")
        expected = [changed.get(i.filename, (i.filename,))[0] for i in a.infolist()]
        if [i.filename for i in b.infolist()] != expected:
            print("other names, or in another order")
        for i, k in zip(a.infolist(), b.infolist()):
            if i.filename in changed:
                if b.read(k) != changed[i.filename][1] or k.compress_type != STORED:
                    print(f"{k.filename}: is not the new jar, or not stored")
                if (k.external_attr, k.internal_attr, k.create_system) != (i.external_attr, i.internal_attr, i.create_system):
                    print(f"{k.filename}: other attributes")
                if k.comment != i.comment and not i.comment.startswith(b"UNPACK:"):
                    print(f"{k.filename}: another comment")
                if k.date_time != (2025, 5, 6, 7, 8, 10):
                    print(f"{k.filename}: another time: {k.date_time}")
            elif raw(a, x, i) != raw(b, y, k):
                print(f"{k.filename}: another content")
            elif [getattr(i, s) for s in ("date_time", "extra", "comment", "external_attr", "internal_attr", "flag_bits", "CRC", "create_version", "extract_version")] != \
                    [getattr(k, s) for s in ("date_time", "extra", "comment", "external_attr", "internal_attr", "flag_bits", "CRC", "create_version", "extract_version")]:
                print(f"{k.filename}: another record in the directory")


def lists(path):
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name.endswith(".idx"):
                print(z.read(name).decode())


def comment(path, entry):
    with zipfile.ZipFile(path) as z:
        print(z.getinfo(entry).comment.decode())


# An image of two layers: the first has another archive at the path of the second's, twice; gzip and plain.
def two(layout, tag, path, other):
    import gzip

    def layer(*files):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
            for file in files:
                t.add(file, arcname=os.path.relpath(path, "/"))
        return out.getvalue()
    tars = [layer(other), layer(other, path)]
    layers = [blob(layout, tars[0]), blob(layout, gzip.compress(tars[1], mtime=0))]
    config, size = blob(layout, json.dumps({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(t).hexdigest() for t in tars]}}).encode())
    kinds = ["", "+gzip"]
    manifest, manifest_size = blob(layout, json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": size},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar" + k, "digest": d, "size": n} for (d, n), k in zip(layers, kinds)]}).encode())
    write(f"{layout}/oci-layout", '{"imageLayoutVersion":"1.0.0"}')
    write(f"{layout}/index.json", json.dumps({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": manifest, "size": manifest_size,
        "annotations": {"org.opencontainers.image.ref.name": tag}}]}))


if __name__ == "__main__":
    {f.__name__: f for f in (make, same, lists, comment, two)}[sys.argv[1]](*sys.argv[2:])
