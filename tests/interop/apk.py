# SPDX-License-Identifier: Apache-2.0
"""apk's formats, written out for tests: signed indexes, packages, and the records of what is installed.

    apk.py make DIR            keys, repositories and images below DIR
    apk.py repo DIR VARIANT    DIR/repo again, with a lie in it
    apk.py list LAYOUT TAG     every path of an image: type, mode, owner, digest or link
    apk.py list DIR/wanted     the same of what apk would leave
    apk.py cat LAYOUT TAG PATH

A package is gzip members one behind the other: a tar archive with a signature, one with .PKGINFO and scripts (both
without the blocks that end an archive), one with the files. C: of the index is the SHA-1 of the second member;
datahash in .PKGINFO is the SHA-256 of the third. An index has two members; the first signs the second's bytes.
"""
import base64, gzip, hashlib, io, json, os, subprocess, sys, tarfile

BUILT = 1700000000
DATABASE = "lib/apk/db"


def tar(entries, end):
    """entries: (name, type, mode, uid, gid, content or link); the checksums are pax records, as abuild-tar has them"""
    out = io.BytesIO()
    t = tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT)
    for name, kind, mode, uid, gid, data in entries:
        e = tarfile.TarInfo(name)
        e.mode, e.uid, e.gid, e.mtime = mode, uid, gid, BUILT
        e.type = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE,
                  "c": tarfile.CHRTYPE, "p": tarfile.FIFOTYPE}[kind]
        if kind in "lh":
            e.linkname = data
        if kind == "f":
            e.size = len(data)
            e.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(data).hexdigest()}
        t.addfile(e, io.BytesIO(data if kind == "f" else b""))
    length = t.offset
    t.close()
    return out.getvalue() if end else out.getvalue()[:length]


def pack(data):
    return gzip.compress(data, 9, mtime=0)


def q1(data):
    return "Q1" + base64.b64encode(hashlib.sha1(data).digest()).decode()


def signature(key, name, data, digest="sha1"):
    made = subprocess.run(["openssl", "dgst", "-" + digest, "-sign", key], input=data, capture_output=True, check=True)
    kind = {"sha1": "RSA", "sha256": "RSA256"}[digest]
    return pack(tar([(".SIGN.%s.%s" % (kind, name), "f", 0o644, 0, 0, made.stdout)], False))


class Package:
    def __init__(self, name, version, files, depends="", provides="", scripts=None, triggers="", replaces="", extra=None):
        self.name, self.version, self.files = name, version, files
        self.depends, self.provides, self.triggers, self.replaces = depends, provides, triggers, replaces
        self.scripts, self.extra = scripts or {}, extra or {}

    def build(self, key, lie=None):
        data = pack(tar(self.files, True))
        digest = hashlib.sha256(data).hexdigest()
        lines = [("pkgname", self.name), ("pkgver", self.version), ("pkgdesc", self.name + ", for tests"),
                 ("url", "https://example.com/"), ("builddate", BUILT), ("size", 4096), ("arch", "x86_64"),
                 ("origin", self.name), ("maintainer", "Nobody <nobody@example.com>"), ("license", "MIT")]
        lines += [("depend", d) for d in self.depends.split()]
        lines += [("provides", p) for p in self.provides.split()]
        lines += [("replaces", r) for r in self.replaces.split()]
        if self.triggers:
            lines.append(("triggers", self.triggers))
        lines.append(("datahash", digest))
        if lie == "name":
            lines[0] = ("pkgname", "other")
        info = "".join("%s = %s\n" % l for l in lines).encode()
        control = [(".PKGINFO", "f", 0o644, 0, 0, info)]
        control += [("." + n, "f", 0o755, 0, 0, t.encode()) for n, t in sorted(self.scripts.items())]
        self.control = pack(tar(control, False))
        self.bytes = signature(key, "test.rsa.pub", self.control) + self.control + data
        self.checksum, self.size = q1(self.control), len(self.bytes)
        if lie == "control":
            control[0] = (".PKGINFO", "f", 0o644, 0, 0, info.replace(b"for tests", b"for jests"))
            self.bytes = signature(key, "test.rsa.pub", self.control) + pack(tar(control, False)) + data
            self.size = len(self.bytes)
        if lie == "data":
            evil = [(n, k, m, u, g, d + b"!" if k == "f" else d) for n, k, m, u, g, d in self.files]
            self.bytes = signature(key, "test.rsa.pub", self.control) + self.control + pack(tar(evil, True))
            self.size = len(self.bytes)
        return self

    def stanza(self):
        text = "C:%s\nP:%s\nV:%s\nA:x86_64\nS:%d\nI:4096\nT:%s, for tests\nU:https://example.com/\nL:MIT\n" % (
            self.checksum, self.name, self.version, self.size, self.name)
        text += "o:%s\nm:Nobody <nobody@example.com>\nt:%d\n" % (self.name, BUILT)
        for letter, value in (("D", self.depends), ("p", self.provides), ("i", self.extra.get("install_if", ""))):
            if value:
                text += "%s:%s\n" % (letter, value)
        return text

    def record(self):
        text = self.stanza() + ("r:%s\n" % self.replaces if self.replaces else "")
        dirs, sums = {}, {}
        for name, kind, mode, uid, gid, data in self.files:
            name = name.rstrip("/")
            if kind == "d":
                dirs.setdefault(name, ["", []])[0] = "" if (mode, uid, gid) == (0o755, 0, 0) else "M:%d:%d:%o\n" % (uid, gid, mode)
                continue
            if kind == "h":
                line = sums[data]
            else:
                line = ("" if (mode, uid, gid) == (0o644, 0, 0) else "a:%d:%d:%o\n" % (uid, gid, mode))
                line += "Z:%s\n" % q1(data if kind == "f" else data.encode())
            sums[name] = line
            dirs.setdefault(os.path.dirname(name), ["", []])[1].append("R:%s\n%s" % (os.path.basename(name), line))
        for name, (owner, files) in dirs.items():
            text += "F:%s\n%s%s" % (name, owner, "".join(files))
        return text + "\n"


def d(name, mode=0o755, uid=0, gid=0):
    return (name, "d", mode, uid, gid, "")


def f(name, text, mode=0o644, uid=0, gid=0):
    return (name, "f", mode, uid, gid, text.encode())


BUSYBOX_TRIGGER = """#!/bin/sh

do_bb_install=
for i in "$@"; do
	case "$i" in
		/lib/modules/*)
			if [ -d "$i" ]; then
				/sbin/depmod ${i#/lib/modules/}
			fi
			;;
		*) do_bb_install=yes;;
	esac
done

if [ -n "$do_bb_install" ]; then
	[ -e /bin/bbsuid ] && /bin/bbsuid --install
	[ -e /bin/busybox ] && /bin/busybox --install -s
fi
"""
LINKS = "#!/bin/busybox sh\nexec /bin/busybox --install -s\n"
USERS = "#!/bin/sh\n\naddgroup -S zeta 2>/dev/null\nadduser -S -D -H -G zeta -g zeta zeta 2>/dev/null\n\nexit 0\n"
LONG = "usr/share/alpha/a very long name that does not fit into the hundred bytes of an old header, and has ümlauts too/x"


def packages(v):
    alpha = [d("etc"), d("usr"), d("usr/bin"), d("usr/share"), d("usr/share/alpha"), f("usr/bin/alpha", "program %d" % v, 0o755),
             ("usr/bin/alpha-link", "l", 0o777, 0, 0, "../share/alpha/data"),
             f("usr/share/alpha/data", "data %d" % v), f("usr/share/alpha/same", "same"),
             ("usr/share/alpha/hard", "h", 0o644, 0, 0, "usr/share/alpha/data"), f(LONG, "long %d" % v)]
    for conf in ("alpha", "unchanged", "edited", "edited-unchanged", "deleted"):
        new = "version %d" % v if conf in ("alpha", "edited", "deleted") else ""
        alpha.append(f("etc/%s.conf" % conf, "conf %s %s" % (conf, new)))
    if v == 1:
        alpha += [d("usr/share/alpha/old"), d("usr/share/alpha/old/deep"), f("usr/share/alpha/old/deep/gone", "gone"),
                  d("usr/share/shared"), f("usr/share/shared/alpha", "shared"), f("etc/obsolete.conf", "obsolete"),
                  f("etc/obsolete-edited.conf", "obsolete"), f("usr/bin/moves", "of alpha", 0o755)]
    else:
        alpha += [d("usr/share/alpha/new", 0o750, 0, 123), f("usr/share/alpha/new/here", "here")]
    gamma = [d("usr"), d("usr/bin"), f("usr/bin/gamma", "gamma %d" % v, 0o755), d("usr/share"), d("usr/share/shared"),
             f("usr/share/shared/gamma", "shared")]
    if v == 2:
        gamma.append(f("usr/bin/moves", "of gamma", 0o755))
    out = [
        Package("alpha", "1.%d_rc%d-r%d" % (8 + v, v, v), alpha, "so:libbeta.so.%d>=%d busybox !nobody" % (v, v),
                "cmd:alpha=1.%d_rc%d-r%d" % (8 + v, v, v)),
        Package("busybox", "1.36.1-r%d" % v, [d("bin"), f("bin/busybox", "busybox %d" % v, 0o755)], "",
                "/bin/sh cmd:[=1.36.1-r%d cmd:sh=1.36.1-r%d" % (v, v),
                {"post-install": LINKS, "post-upgrade": LINKS, "trigger": BUSYBOX_TRIGGER}, "/bin /usr/bin /lib/modules/*"),
        Package("gamma", "2.%d.%d-r0" % (v, 9 + v), gamma, "/bin/sh cmd:[" + (" epsilon~3.1" if v == 2 else ""), "", None, "",
                "alpha<1.10" if v == 2 else ""),
        Package("kept", "5-r0", [d("usr"), d("usr/bin"), f("usr/bin/kept", "kept", 0o755)], "", "", {"post-install": "#!/bin/sh\nrm -rf /\n"}),
        Package("libbeta", "%d.0-r0" % v, [d("lib"), f("lib/libbeta.so.%d" % v, "library %d" % v, 0o755),
                                            ("lib/libbeta.so", "l", 0o777, 0, 0, "libbeta.so.%d" % v)], "", "so:libbeta.so.%d=%d.0" % (v, v)),
        Package("zeta", "%d" % v, [d("var"), d("var/lib"), d("var/lib/zeta", 0o700, 123, 123),
                                   f("var/lib/zeta/private", "zeta %d" % v, 0o640, 123, 123), f("usr/bin/zeta", "zeta %d" % v, 0o4755)],
                "", "", {"pre-install": USERS, "pre-upgrade": USERS}),
    ]
    if v == 2:
        out.insert(2, Package("epsilon", "3.1.4-r1", [d("usr"), d("usr/share"), f("usr/share/epsilon", "new")]))
    return out


EDITS = {"etc/edited.conf": b"by hand", "etc/edited-unchanged.conf": b"by hand", "etc/obsolete-edited.conf": b"by hand",
         "etc/passwd": b"root:x:0:0::/root:/bin/sh\nzeta:x:123:123::/:/bin/sh\n", "etc/group": b"root:x:0:\nzeta:x:123:\n",
         "etc/os-release": b"ID=alpine\nVERSION_ID=3.18.4\n", "etc/apk/arch": b"x86_64\n",
         "etc/apk/world": b"alpha\nbusybox\ngamma>2\nkept=5-r0\nzeta\n",
         "etc/apk/repositories": b"# ours\nhttp://127.0.0.1:1/alpine/v3.18/main\n@edge http://127.0.0.1:1/alpine/edge/main\n"}


def scripts_tar(all):
    entries = []
    for p in all:
        entries += [("%s-%s.%s.%s" % (p.name, p.version, p.checksum, n), "f", 0o755, 0, 0, t.encode()) for n, t in sorted(p.scripts.items())]
    return tar(entries, True)


def root(all, key, edits=True):
    """path -> (type, mode, uid, gid, content or link)"""
    tree = {"lib/apk/db/lock": ("f", 0o600, 0, 0, b"")}
    for p in all:
        for name, kind, mode, uid, gid, data in p.files:
            if kind == "h":
                tree[name] = tree[data]
            elif kind != "d" or name not in tree:
                tree[name] = (kind, mode, uid, gid, data)
    for path, data in EDITS.items():
        tree[path] = ("f", 0o644, 0, 0, data)
    tree["etc/apk/keys/test.rsa.pub"] = ("f", 0o644, 0, 0, open(key + ".pub", "rb").read())
    del tree["etc/deleted.conf"]
    tree[DATABASE + "/installed"] = ("f", 0o644, 0, 0, "".join(p.record() for p in all).encode())
    tree[DATABASE + "/triggers"] = ("f", 0o644, 0, 0, "".join("%s %s\n" % (p.checksum, p.triggers) for p in all if p.triggers).encode())
    tree[DATABASE + "/scripts.tar"] = ("f", 0o644, 0, 0, scripts_tar(all))
    for path in list(tree):
        while path := os.path.dirname(path):
            tree.setdefault(path, ("d", 0o755, 0, 0, ""))
    return tree


def image(tree, out):
    os.makedirs(out + "/blobs/sha256", exist_ok=True)
    def put(data, kind):
        name = hashlib.sha256(data).hexdigest()
        open(out + "/blobs/sha256/" + name, "wb").write(data)
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + name, "size": len(data)}
    layer = tar([(path, *tree[path]) for path in sorted(tree)], True)
    config = {"architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "a test"}],
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}
    manifest = put(json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": put(json.dumps(config).encode(), "config.v1+json"),
                               "layers": [put(gzip.compress(layer, 1, mtime=0), "layer.v1.tar+gzip")]}).encode(), "manifest.v1+json")
    open(out + "/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
    json.dump({"schemaVersion": 2, "manifests": [{**manifest, "annotations": {"org.opencontainers.image.ref.name": "base"}}]},
              open(out + "/index.json", "w"))


def index(key, all, name="test.rsa.pub", digest="sha1", drop=(), over=None):
    text = "\n".join(p.stanza() for p in all if p.name not in drop) + "\n"
    data = pack(tar([("DESCRIPTION", "f", 0o644, 0, 0, b"test"), ("APKINDEX", "f", 0o644, 0, 0, text.encode())], True))
    return signature(key, name, over or data, digest) + data


def repository(top, variant):
    key, stranger = top + "/test.rsa", top + "/stranger.rsa"
    files = {"traversal": ("../../etc/passwd", "f", 0o644, 0, 0, b"evil"), "device": ("dev/x", "c", 0o644, 0, 0, ""),
             "pipe": ("dev/x", "p", 0o644, 0, 0, ""), "setuid": ("usr/bin/alpha2", "f", 0o4755, 0, 0, b"evil"),
             "hardlink": ("usr/x", "h", 0o644, 0, 0, "etc/passwd"), "dot": (".hidden", "f", 0o644, 0, 0, b"evil"),
             "foreign": ("usr/bin/kept", "f", 0o755, 0, 0, b"evil"), "twice": ("usr/bin/gamma", "f", 0o755, 0, 0, b"evil")}
    all = packages(2)
    for p in all:
        if p.name == "alpha" and variant in files:
            p.files = p.files + [files[variant]]
        if p.name == "alpha" and variant == "missing":
            p.depends += " so:nobody.so.1"
        if p.name == "gamma" and variant == "script":
            p.scripts = {"post-upgrade": "#!/bin/sh\nrm -rf /\n"}
        if p.name == "gamma" and variant == "trigger":
            p.scripts, p.triggers = {"trigger": "#!/bin/sh\nrm -rf /\n"}, "/usr/share/*"
        if p.name == "busybox" and variant == "applets":
            p.provides += " cmd:new=1"
        if p.name == "alpha" and variant == "conflict":
            p.depends += " !kept"
        if p.name == "alpha" and variant == "old":
            p.version = "1.9_alpha1-r9"
        p.build(key, variant if p.name == "alpha" else None)
    data = index(key, all)
    if variant in ("missing", "conflict", "old"):  # gamma takes a file over from alpha, but only from a new one
        data = index(key, all, drop=("gamma",))
    elif variant == "sha256":
        data = index(key, all, digest="sha256")
    elif variant == "stranger":
        data = index(stranger, all, "stranger.rsa.pub")
    elif variant == "forged":
        data = index(stranger, all)
    elif variant == "unsigned":
        data = pack(tar([("APKINDEX", "f", 0o644, 0, 0, "".join(p.stanza() for p in all).encode())], True))
    elif variant == "changed":
        data = index(key, all, over=b"something else")
    elif variant == "cut":
        data = data[:-20]
    elif variant == "third":
        data += pack(tar([("APKINDEX", "f", 0o644, 0, 0, b"")], True))
    elif variant == "absent":
        data = index(key, all)
    out = top + "/repo/x86_64"
    os.makedirs(out, exist_ok=True)
    for name in os.listdir(out):
        os.remove(out + "/" + name)
    open(out + "/APKINDEX.tar.gz", "wb").write(data)
    for p in all:
        if not (variant == "absent" and p.name == "alpha"):
            body = p.bytes[:-9] if variant == "short" and p.name == "alpha" else p.bytes
            open("%s/%s-%s.apk" % (out, p.name, p.version), "wb").write(body)


def wanted(top):
    """What apk leaves: the new versions, what was edited, and the new ones beside that."""
    key = top + "/test.rsa"
    old, new = [p.build(key) for p in packages(1)], [p.build(key) for p in packages(2)]
    tree = root(new, key)
    files = {e[0]: e for p in new for e in p.files}
    tree["etc/edited.conf.apk-new"] = files["etc/edited.conf"][1:]
    tree["etc/edited-unchanged.conf.apk-new"] = files["etc/edited-unchanged.conf"][1:]
    tree["etc/deleted.conf"] = files["etc/deleted.conf"][1:]
    kept = [p for p in new if p.version in [o.version for o in old]]
    changed = [p for p in new if p not in kept]
    tree[DATABASE + "/scripts.tar"] = ("f", 0o644, 0, 0, scripts_tar(kept + changed))
    return tree


def layers(layout, tag):
    def blob(d):
        return open(layout + "/blobs/" + d["digest"].replace(":", "/"), "rb")
    found = [m for m in json.load(open(layout + "/index.json"))["manifests"]
             if m.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag]
    tree = {}
    for layer in json.load(blob(found[0]))["layers"]:
        with tarfile.open(fileobj=blob(layer)) as t:
            members = t.getmembers()
            for e in members:
                base = os.path.basename(e.name)
                if base.startswith(".wh."):
                    gone = os.path.join(os.path.dirname(e.name), base[4:])
                    assert gone in tree, "a whiteout of nothing: " + gone
                    tree = {p: v for p, v in tree.items() if p != gone and not p.startswith(gone + "/")}
            for e in members:
                if os.path.basename(e.name).startswith(".wh."):
                    continue
                if e.islnk():
                    tree[e.name] = tree[e.linkname]
                elif e.isdir():
                    tree[e.name.rstrip("/")] = ("d", e.mode, e.uid, e.gid, "")
                else:
                    tree[e.name] = ("l" if e.issym() else "f", e.mode, e.uid, e.gid, e.linkname if e.issym() else t.extractfile(e).read())
    return tree


def show(tree):
    for path in sorted(tree):
        kind, mode, uid, gid, data = tree[path]
        if path == DATABASE + "/scripts.tar":
            with tarfile.open(fileobj=io.BytesIO(data)) as t:
                data = repr([(e.name, e.mode, e.mtime, t.extractfile(e).read()) for e in t]).encode()
        print(path, kind, "%o" % mode if kind != "l" else "-", uid, gid, hashlib.sha256(data).hexdigest() if kind == "f" else data)


def main(command, top, *rest):
    if command == "make":
        for name in ("test", "stranger"):
            subprocess.run(["openssl", "genrsa", "-out", "%s/%s.rsa" % (top, name), "2048"], check=True, capture_output=True)
            subprocess.run(["openssl", "rsa", "-in", "%s/%s.rsa" % (top, name), "-pubout", "-out", "%s/%s.rsa.pub" % (top, name)],
                           check=True, capture_output=True)
        image(root([p.build(top + "/test.rsa") for p in packages(1)], top + "/test.rsa"), top + "/img")
        repository(top, "good")
    elif command == "repo":
        repository(top, *rest)
    elif command == "list":
        show(layers(top, *rest) if rest else wanted(os.path.dirname(top)))
    elif command == "cat":
        sys.stdout.buffer.write((layers(top, rest[0]) if len(rest) > 1 else wanted(os.path.dirname(top)))[rest[-1]][4])


main(*sys.argv[1:])
