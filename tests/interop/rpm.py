#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packages, repositories and images with rpm, for patch-rpm.sh.

    build DIR VERSION [NAME=SCRIPT]   packages of that version (1 or 2), by rpmbuild, in DIR
    image ROOT LAYOUT TAG             a folder as an image of one layer
    list LAYOUT TAG | listroot ROOT   what is at each path
    cat LAYOUT TAG PATH               a file of an image
    extract LAYOUT TAG DIR            the database of an image, to be read by rpm
    unpack LAYOUT TAG DIR             all of it
    dump DATABASE                     what a database of SQLite says, table for table
    ndb DATABASE PACKAGES             the same database in rpm's own format; `headers PACKAGES` says what is in one
    corpus PACKAGE DIR                what fuzzing begins with (tests/fuzz/corpus)
    damage FILE HOW                   a package that is another than was built
    reindex REPOSITORY                metadata of a package that is not what it was when it was indexed
"""
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import struct
import subprocess
import sys
import tarfile
import zlib

SPEC = r"""
%global debug_package %{nil}
%define __os_install_post %{nil}
Name: alpha
Version: VERSION
Release: 1
Summary: The alpha program
License: MIT
Group: Test
Requires: libbeta >= 1, /bin/sh
Requires: (gamma if libbeta)
Requires: (gamma if (libbeta or nothing >= 1) else sh)
Suggests: (gamma with alpha)
Conflicts: ((nothing with gamma) unless sh)
Requires(pre): /bin/sh
Recommends: (gamma or nothing)
Provides: alpha-tool = VERSION
%description
Alpha.

%package -n filesystem
Summary: Folders
%description -n filesystem
Folders.

%package -n sh
Summary: A shell
Provides: /bin/sh, /sbin/ldconfig
%description -n sh
Shell.

%package -n libbeta
Epoch: 1
Summary: The beta library
Provides: libbeta.so.1()(64bit)
Conflicts: nobody < 1
%description -n libbeta
Beta.
%post -n libbeta -p /sbin/ldconfig
%postun -n libbeta -p /sbin/ldconfig

%package -n gamma
Summary: Configuration
BuildArch: noarch
%description -n gamma
Gamma.

%package -n delta
Summary: Rights
%description -n delta
Delta.

%package -n held
Summary: Stays
%description -n held
Held.

NEWNAME

%install
mk() { mkdir -p "%{buildroot}$(dirname "$1")"; printf '%s\n' "$2" >"%{buildroot}$1"; }
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64 %{buildroot}/usr/sbin %{buildroot}/var/lib %{buildroot}/etc
ln -s usr/bin %{buildroot}/bin
ln -s usr/sbin %{buildroot}/sbin
ln -s usr/lib64 %{buildroot}/lib64
mk /usr/bin/sh "a shell"
mk /usr/bin/alpha "alpha VERSION"
ln %{buildroot}/usr/bin/alpha %{buildroot}/usr/bin/alpha-2
ln %{buildroot}/usr/bin/alpha %{buildroot}/usr/bin/alpha-3
ln -s alpha %{buildroot}/usr/bin/alpha-link
mk /usr/bin/merged "merged VERSION"
mk /usr/share/alpha/only-VERSION "only in VERSION"
mk /usr/share/alpha/in-VERSION/deep/file "deep VERSION"
mk /usr/share/alpha/empty ""
: >%{buildroot}/usr/share/alpha/nothing
mk "/usr/share/alpha/with space" "VERSION"
mk /usr/share/doc/alpha/README "doc VERSION"
mk /usr/share/licenses/alpha/LICENSE "license"
mk /usr/share/locale/de/LC_MESSAGES/alpha.mo "de VERSION"
mk /usr/share/locale/fr/LC_MESSAGES/alpha.mo "fr VERSION"
mkdir -p %{buildroot}/var/lib/alpha
mk /usr/lib64/libbeta.so.1.VERSION "library VERSION"
ln -s libbeta.so.1.VERSION %{buildroot}/usr/lib64/libbeta.so.1
for c in plain edited noreplace gone-plain; do mk /etc/gamma/$c.conf "$c VERSION"; done
mk /etc/gamma/same.conf "same"
mk /etc/gamma/lost.conf "lost VERSION"
mk /etc/gamma/missing.conf "missing VERSION"
VERSIONED
mk /usr/bin/setuid "setuid VERSION"
mk /usr/bin/caps "caps VERSION"
mk /usr/share/held "held VERSION"
head -c 3000000 /dev/zero | tr '\0' 'VERSION' >%{buildroot}/usr/share/alpha/large

%files -n filesystem
%dir /usr
%dir /usr/bin
%dir /usr/sbin
%dir /usr/lib64
%dir /etc
%dir /var
%dir /var/lib
/bin
/sbin
/lib64
%files -n sh
%attr(0755,root,root) /usr/bin/sh
%files
%attr(0755,root,root) /usr/bin/alpha
%attr(0755,root,root) /usr/bin/alpha-2
%attr(0755,root,root) /usr/bin/alpha-3
/usr/bin/alpha-link
%attr(0755,root,root) /bin/merged
%dir /usr/share/alpha
/usr/share/alpha/only-VERSION
/usr/share/alpha/in-VERSION
/usr/share/alpha/empty
/usr/share/alpha/nothing
/usr/share/alpha/large
"/usr/share/alpha/with space"
%doc /usr/share/doc/alpha/README
%license /usr/share/licenses/alpha/LICENSE
%lang(de) /usr/share/locale/de/LC_MESSAGES/alpha.mo
%lang(fr) /usr/share/locale/fr/LC_MESSAGES/alpha.mo
%dir %attr(DIRMODE,root,root) /var/lib/alpha
%ghost /var/lib/alpha/state
%ghost %config /var/lib/alpha/state.conf
%files -n libbeta
/usr/lib64/libbeta.so.1.VERSION
/usr/lib64/libbeta.so.1
%files -n gamma
%config /etc/gamma/plain.conf
%config /etc/gamma/edited.conf
%config /etc/gamma/same.conf
%config(noreplace) /etc/gamma/noreplace.conf
%config /etc/gamma/lost.conf
%config(missingok) /etc/gamma/missing.conf
CONFIGS
%files -n delta
%attr(4755,root,mail) /usr/bin/setuid
%attr(0755,root,root) %caps(cap_net_raw,cap_net_admin=p) /usr/bin/caps
%files -n held
/usr/share/held
"""

OLD = """
%package -n oldname
Summary: Renamed
%description -n oldname
Old.
%files -n oldname
/usr/share/name
"""
NEW = """
%package -n newname
Summary: Renamed
Obsoletes: oldname < 2
Provides: oldname = 2
%description -n newname
New.
%files -n newname
/usr/share/name
"""


def spec(version, scripts):
    old = version == "1"
    text = SPEC.replace("NEWNAME", OLD if old else NEW)
    made = ["mk /usr/share/name 'name VERSION'"]
    configs = ["%config /etc/gamma/gone-plain.conf"] if old else []
    if old:
        made.append("mk /etc/gamma/gone-edited.conf gone")
        configs.append("%config /etc/gamma/gone-edited.conf")
    else:
        made.append("rm %{buildroot}/etc/gamma/gone-plain.conf")
        for name in ("there", "there-noreplace"):
            made.append(f"mk /etc/gamma/{name}.conf 'there VERSION'")
        configs += ["%config /etc/gamma/there.conf", "%config(noreplace) /etc/gamma/there-noreplace.conf"]
    text = text.replace("VERSIONED", "\n".join(made)).replace("CONFIGS", "\n".join(configs))
    text = text.replace("DIRMODE", "0755" if old else "0750").replace("VERSION", version)
    return text + "".join(f"\n%{where}\n{body}\n" for where, body in scripts)


def build(folder, version, *scripts):
    os.makedirs(folder, exist_ok=True)
    folder = os.path.abspath(folder)
    work = folder + ".work"
    os.makedirs(work)
    with open(work + "/alpha.spec", "w", encoding="utf-8") as f:
        f.write(spec(version, [s.split("=", 1) for s in scripts]))
    payload = {"1": "w6.xzdio", "2": "w3.zstdio"}[version]
    defines = {"_topdir": work, "_rpmdir": folder, "_build_name_fmt": "%%{NAME}-%%{VERSION}.%%{ARCH}.rpm",
               "_build_id_links": "none", "_binary_payload": os.environ.get("PAYLOAD", payload), "_target_cpu": "x86_64",
               "use_source_date_epoch_as_buildtime": "1", "clamp_mtime_to_source_date_epoch": "1",
               "_buildhost": "builder", "_unpackaged_files_terminate_build": "0"}
    command = ["rpmbuild", "-bb", "--quiet", "--target", "x86_64-linux"]
    for key, value in defines.items():
        command += ["--define", f"{key} {value}"]
    epoch = str(1700000000 + 1000 * int(version))
    done = subprocess.run([*command, work + "/alpha.spec"], check=False, capture_output=True, text=True,
                          env={**os.environ, "SOURCE_DATE_EPOCH": epoch})
    if done.returncode:
        sys.exit(done.stderr)
    shutil.rmtree(work)


# --- images ---


def put_blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    os.makedirs(layout + "/blobs/sha256", exist_ok=True)
    with open(f"{layout}/blobs/sha256/{digest}", "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}


def image(root, layout, tag):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                tar.add(path, arcname=os.path.relpath(path, root), recursive=False)
    raw = buffer.getvalue()
    layer = put_blob(layout, gzip.compress(raw, 1, mtime=0))
    arch = os.environ.get("ARCH", "amd64")
    config = put_blob(layout, json.dumps({
        "architecture": arch, "os": "linux", "config": {}, "history": [{"created_by": "test"}],
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(raw).hexdigest()]}}).encode())
    kind = "application/vnd.oci.image."
    manifest = put_blob(layout, json.dumps({
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "config": {"mediaType": kind + "config.v1+json", **config},
        "layers": [{"mediaType": kind + "layer.v1.tar+gzip", **layer}]}).encode())
    with open(layout + "/index.json", "w", encoding="utf-8") as f:
        json.dump({"schemaVersion": 2, "manifests": [{"mediaType": kind + "manifest.v1+json", **manifest,
                   "annotations": {"org.opencontainers.image.ref.name": tag}}]}, f)
    with open(layout + "/oci-layout", "w", encoding="utf-8") as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')


def read_blob(layout, digest):
    with open(f"{layout}/blobs/{digest.replace(':', '/')}", "rb") as f:
        return f.read()


def layers(layout, tag):
    with open(layout + "/index.json", encoding="utf-8") as f:
        index = json.load(f)
    found = [m for m in index["manifests"] if m["annotations"]["org.opencontainers.image.ref.name"] == tag]
    for layer in json.loads(read_blob(layout, found[0]["digest"]))["layers"]:
        yield gzip.decompress(read_blob(layout, layer["digest"]))


def merge(layout, tag):
    """path -> (TarInfo, content, path of the file that it is a hard link of)"""
    all_files = {}
    for raw in layers(layout, tag):
        with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
            entries = [(e, tar.extractfile(e).read() if e.isfile() else b"") for e in tar]
        for entry, _ in entries:
            folder, name = os.path.split(entry.name)
            if name.startswith(".wh."):
                gone = os.path.join(folder, name[4:])
                for path in [p for p in all_files if p == gone or p.startswith(gone + "/")]:
                    del all_files[path]
        for entry, data in entries:
            if os.path.basename(entry.name).startswith(".wh."):
                continue
            if entry.islnk():
                first = all_files[entry.linkname]
                all_files[entry.name] = (first[0], first[1], first[2])
            else:
                all_files[entry.name] = (entry, data, entry.name)
    return all_files


def listed(path, kind, mode, uid, gid, extra, links):
    return f"{path!r} {kind} {mode:o} {uid}:{gid} {extra} {links}"


NOT_COMPARED = ("var/lib/rpm/", "usr/lib/sysimage/rpm/", "dev/", "tmp/", "proc", "sys")


def list_image(layout, tag):
    merged = merge(layout, tag)
    groups = {}
    for path, (_, _, first) in merged.items():
        groups.setdefault(first, []).append(path)
    lines = []
    for path, (e, data, first) in merged.items():
        if path.startswith(NOT_COMPARED):
            continue
        kind = "d" if e.isdir() else "l" if e.issym() else "f"
        extra = e.linkname if e.issym() else hashlib.sha256(data).hexdigest() if kind == "f" else ""
        cap = e.pax_headers.get("SCHILY.xattr.security.capability", "")
        extra += " " + cap.encode("utf-8", "surrogateescape").hex()
        links = sorted(groups[first]) if kind == "f" and len(groups[first]) > 1 else ""
        lines.append(listed(path, kind, 0o777 if kind == "l" else e.mode, e.uid, e.gid, extra, links))
    print("\n".join(sorted(lines)))


def list_root(root):
    found, groups = [], {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            s = os.lstat(path)
            found.append((os.path.relpath(path, root), path, s))
            groups.setdefault(s.st_ino, []).append(os.path.relpath(path, root))
    lines = []
    for short, path, s in found:
        if short.startswith(NOT_COMPARED):
            continue
        kind = "d" if stat.S_ISDIR(s.st_mode) else "l" if stat.S_ISLNK(s.st_mode) else "f"
        extra, cap = "", b""
        if kind == "f":
            with open(path, "rb") as f:
                extra = hashlib.sha256(f.read()).hexdigest()
            try:
                cap = os.getxattr(path, "security.capability")
            except OSError:
                pass
        elif kind == "l":
            extra = os.readlink(path)
        links = sorted(groups[s.st_ino]) if kind == "f" and len(groups[s.st_ino]) > 1 else ""
        lines.append(listed(short, kind, stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid, extra + " " + cap.hex(), links))
    print("\n".join(sorted(lines)))


def extract(layout, tag, folder):
    os.makedirs(folder, exist_ok=True)
    for path, (_, data, _) in merge(layout, tag).items():
        if path.startswith(("var/lib/rpm/", "usr/lib/sysimage/rpm/", "var/lib/rpmmanifest/")):
            with open(os.path.join(folder, os.path.basename(path)), "wb") as f:
                f.write(data)


def unpack(layout, tag, folder):
    os.makedirs(folder)
    done = {}
    for path, (e, data, first) in sorted(merge(layout, tag).items(), key=lambda item: item[0]):
        to = os.path.join(folder, path)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if e.isdir():
            os.makedirs(to, exist_ok=True)
        elif e.issym():
            os.symlink(e.linkname, to)
        elif first in done:
            os.link(done[first], to)
            continue
        else:
            done[first] = to
            with open(to, "wb") as f:
                f.write(data)
        os.chown(to, e.uid, e.gid, follow_symlinks=False)
        if not e.issym():
            os.chmod(to, e.mode)
        cap = e.pax_headers.get("SCHILY.xattr.security.capability")
        if cap:
            os.setxattr(to, "security.capability", cap.encode("utf-8", "surrogateescape"))
        os.utime(to, (e.mtime, e.mtime), follow_symlinks=False)


# --- databases ---

INSTALL_TIMES = {1008, 1128}


def read_header(blob):
    n, size = struct.unpack(">II", blob[:8])
    entries = [struct.unpack(">iiiI", blob[8 + 16 * i:24 + 16 * i]) for i in range(n)]
    return entries, blob[8 + 16 * n:8 + 16 * n + size]


def string(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


def header_line(blob):
    entries, values = read_header(blob)
    tags = {t: (kind, offset, count) for t, kind, offset, count in entries}
    masked = bytearray(values)
    for tag, _, offset, _ in entries:
        if tag in INSTALL_TIMES:
            masked[offset:offset + 4] = b"\0\0\0\0"
    name = "-".join(string(values, tags[t][1]) for t in (1000, 1001, 1002))
    return f"header {name} {entries} {hashlib.sha256(masked).hexdigest()}"


def dump(path):
    """Every row of every table, under the names of packages; the times of their installation do not count."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[18] = data[19] = 1
    with open(path + ".copy", "wb") as f:
        f.write(data)
    db = sqlite3.connect(path + ".copy")
    names, headers = {}, []
    for number, blob in db.execute("SELECT hnum, blob FROM Packages"):
        headers.append(header_line(blob))
        names[number] = headers[-1].split()[1]
    print("\n".join(sorted(headers)))
    for (table,) in sorted(db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
        if table in ("Packages", "Installtid") or table.startswith("sqlite_"):
            continue
        for line in sorted(repr((table, key, names.get(number, number), index))
                           for key, number, index in db.execute(f"SELECT * FROM '{table}'")):
            print(line)
    for name in sorted(names[number] for _, number, _ in db.execute("SELECT * FROM Installtid")):
        print("Installtid", name)
    os.unlink(path + ".copy")


def write_ndb(path, to):
    """Packages.db as rpmpkg.c of rpm has it; a free slot in between."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[18] = data[19] = 1
    with open(path + ".copy", "wb") as f:
        f.write(data)
    blobs = [(number, blob) for number, blob in sqlite3.connect(path + ".copy").execute("SELECT hnum, blob FROM Packages")]
    os.unlink(path + ".copy")
    slots, body, block = [(0, 0, 0)], b"", 256
    for number, blob in blobs:
        raw = b"BlbS" + struct.pack("<III", number, 7, len(blob)) + blob
        raw += b"\0" * (-(len(raw) + 12) % 16)
        raw += struct.pack("<II", zlib.adler32(raw), len(blob)) + b"BlbE"
        slots.append((number, block, len(raw) // 16))
        block += len(raw) // 16
        body += raw
    slots += [(0, 0, 0)] * (254 - len(slots))
    head = b"RpmP" + struct.pack("<IIII", 0, 7, 1, max(n for n, _ in blobs) + 1)
    with open(to, "wb") as f:
        f.write(head.ljust(32, b"\0") + b"".join(b"Slot" + struct.pack("<III", *s) for s in slots) + body)


def ndb_headers(path):
    with open(path, "rb") as f:
        data = f.read()
    magic, version, _, pages, following = struct.unpack("<4sIIII", data[:20])
    assert (magic, version) == (b"RpmP", 0)
    seen, lines, used = set(), [], []
    for at in range(32, pages * 4096, 16):
        mark, number, block, count = struct.unpack("<4sIII", data[at:at + 16])
        assert mark == b"Slot"
        if not block:
            continue
        raw = data[16 * block:16 * (block + count)]
        _, again, _, size = struct.unpack("<4sIII", raw[:16])
        total, size_again, end = struct.unpack("<II4s", raw[-12:])
        assert raw[:4] == b"BlbS" and end == b"BlbE" and number == again and number not in seen and number < following
        assert size == size_again and total == zlib.adler32(raw[:-12]) and 16 * count - size < 16 + 12 + 16
        seen.add(number)
        used.append((block, count))
        lines.append(header_line(raw[16:16 + size]))
    used.sort()
    assert all(a + n <= b for (a, n), (b, _) in zip(used, used[1:])) and used[0][0] >= pages * 256
    print("\n".join(sorted(lines)))


# --- packages that lie ---


def parts(data):
    """signature header, header, payload: where each begins"""
    def end(at):
        n, size = struct.unpack(">II", data[at + 8:at + 16])
        return at + 16 + 16 * n + size
    header = (end(96) + 7) // 8 * 8
    return 96, header, end(header)


def cpio(path, mode, data):
    name = path.encode() + b"\0"
    head = b"070701" + b"".join(b"%08x" % v for v in (1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0))
    body = head + name
    body += b"\0" * (-len(body) % 4) + data
    return body + b"\0" * (-len(body) % 4)


def damage(path, how):
    with open(path, "rb") as f:
        data = bytearray(f.read())
    _, header, payload = parts(data)
    if how == "header":
        data[payload - 300] ^= 1
    elif how == "payload":
        data[payload + 40] ^= 1
    elif how == "short":
        del data[len(data) // 2:]
    elif how == "lead":
        data[0] = 0
    elif how == "magic":
        data[header] = 0
    elif how == "many":
        data[header + 8:header + 12] = b"\x7f\xff\xff\xff"
    else:
        files = {"traversal": [("./../../etc/evil", 0o100644, b"evil")],
                 "stranger": [("./usr/bin/stranger", 0o100644, b"evil")],
                 "content": [("./usr/share/held", 0o100644, b"other 2\n"[:7])],
                 "longer": [("./usr/share/held", 0o100644, b"held 2 and more\n")],
                 "twice": [("./usr/share/held", 0o100644, b"held 2\n")] * 2,
                 "empty": [],
                 "link": [("./usr/share/held", 0o120777, b"/etc/passwd")]}[how]
        # So that the archive itself is looked at, the header says nothing of its digest.
        at = data.index(struct.pack(">II", 5092, 8), header)
        data[at:at + 4] = struct.pack(">I", 5999)
        archive = b"".join(cpio(*f) for f in files) + cpio("TRAILER!!!", 0, b"")
        data[payload:] = archive
    with open(path, "wb") as f:
        f.write(data)


def reindex(repository):
    def replace(path, pairs):
        with open(path, "rb") as f:
            data = f.read()
        data = gzip.decompress(data) if path.endswith(".gz") else data
        for old, new in pairs:
            data = data.replace(old.encode(), new.encode())
        data = gzip.compress(data, mtime=0) if path.endswith(".gz") else data
        with open(path, "wb") as f:
            f.write(data)
        return hashlib.sha256(data).hexdigest(), len(data)

    package = [f for f in os.listdir(repository) if f.endswith(".rpm")][0]
    with open(os.path.join(repository, package), "rb") as f:
        new = hashlib.sha256(f.read()).hexdigest()
    folder = os.path.join(repository, "repodata")
    primary = [os.path.join(folder, f) for f in os.listdir(folder) if f.endswith("primary.xml.gz")][0]
    with open(primary, "rb") as f:
        packed = f.read()
    old = gzip.decompress(packed).split(b'type="sha256" pkgid="YES">')[1][:64].decode()
    after, _ = replace(primary, [(old, new)])
    before = hashlib.sha256(packed).hexdigest()
    name = os.path.basename(primary)
    replace(os.path.join(folder, "repomd.xml"), [(f">{before}<", f">{after}<"), (name, name)])


def corpus(package, folder):
    def put(target, name, data):
        os.makedirs(f"{folder}/{target}", exist_ok=True)
        with open(f"{folder}/{target}/{name}", "wb") as f:
            f.write(data)

    with open(package, "rb") as f:
        data = f.read()
    _, header, payload = parts(data)
    put("rpm-package", "package", data[:payload])
    put("rpm-package", "short", data[:header + 200])
    put("rpm-package", "large", data[:header + 8] + b"\x7f\xff\xff\xff" + data[header + 12:payload])
    put("rpm-payload", "packed", data[payload:])
    end = cpio("TRAILER!!!", 0, b"")
    put("rpm-payload", "plain", cpio("./usr", 0o40755, b"") + cpio("./usr/a", 0o100644, b"text\n") + end)
    put("rpm-payload", "traversal", cpio("./../a", 0o100644, b"text\n") + end)
    numbers = b"07070X%08x\0\0seven..\0" % 0 + b"07070X%08x\0\0" % 1 + b"07070X%08x\0\0abc\0" % 2
    put("rpm-payload", "numbers", numbers + b"07070X%08x\0\0" % 0xffffffff)
    put("rpm-repositories", "repo", b"""# a comment
[main]
excludepkgs=a*,b
tsflags=nodocs
[one]
name=One $releasever
baseurl=https://example.org/$releasever/${basearch}/
        https://mirror.example.org/
enabled=1
gpgcheck=1
repo_gpgcheck=0
gpgkey=file:///etc/pki/rpm-gpg/KEY
priority=10
""")
    put("rpm-repositories", "mirrors", b"[a]\nmirrorlist=http://example.org/$x\n[b]\nbaseurl=dir:///x\nenabled=0\n")
    put("rpm-repositories", "settings", b"%_excludedocs 1\n%_install_langs de:en\nsolvable_name: x\nx-1:2-3.*\n")

    def text(value):
        return bytes([len(value)]) + value.encode()

    step = b"".join(text(v) for v in ("alpha", "x86_64", "1-1", "2-1", "alpha.rpm", "ab" * 32, "alpha"))
    step += b"\x80\x01\x00" + text("old.rpm") + text("cd" * 32) + b"\x05\x00"
    put("rpm-answer", "step", b"\x01" + step + b"\x01" + text("alpha") + text("2-1") + b"\x01" + text("problem") + b"\x00")
    put("rpm-answer", "empty", b"\0\0\0\0")
    line = "alpha\t1-1\t1700000000\t1700000000\t(none)\t{}\t580\tx86_64\t{}\talpha-1-1.src.rpm\n"
    put("rpm-manifest", "list", (line.format("(none)", 0) + line.format(2, 2)).encode())
    put("rpm-manifest", "short", b"alpha-1-1.x86_64\n")


def main():
    what, *args = sys.argv[1:]
    if what == "cat":
        sys.stdout.buffer.write(merge(args[0], args[1])[args[2]][1])
        return
    {"build": build, "image": image, "list": list_image, "listroot": list_root, "extract": extract, "unpack": unpack,
     "dump": dump, "damage": damage, "reindex": reindex, "ndb": write_ndb,
     "headers": ndb_headers, "corpus": corpus}[what](*args)


if __name__ == "__main__":
    main()
