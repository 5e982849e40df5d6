#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installed Python packages as importlib.metadata sees them: of many hundred folders that are whole, odd, damaged or
# full of symbolic links, each name and version that it sees is listed, or there is unknown content.
. "$(dirname "$0")/../lib.sh"
need python3

cat >"$T/make.py" <<'END'
import os, random, sys, zipfile

random.seed(20260102)
top, n = sys.argv[1], int(sys.argv[2])
number = 0

def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)

def tree():
    global number
    where = os.path.join(top, "t%04d" % number)
    number += 1
    os.makedirs(os.path.join(where, "site-packages"))
    return where, os.path.join(where, "site-packages")

texts = [b"Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: s\n\nbody\n"]
plain = texts[0]
texts += [plain.replace(b"\n", b"\r\n"), plain.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + plain,
    plain.replace(b"Name", b"NAME").replace(b"Version: %s", b"version: %s"),
    plain.replace(b"Name: ", b"Name:"), plain.replace(b"Name: ", b"Name:\t  "), plain.replace(b"Name: %s", b"Name: %s  "),
    plain.replace(b"Name: %s", b"Name: %s\nName: other"), plain.replace(b"Version: %s", b"Version: %s\nVersion: 9"),
    plain.replace(b"Name: ", b"Name:\n "), plain.replace(b"Name: ", b"Name :"), plain.replace(b"Name: %s", b"Name: %s\n more"),
    plain.replace(b"Summary: s", b"Summary: caf\xe9"), plain.replace(b"Summary: s", "Summary: café".encode()),
    plain.replace(b"Summary: s", b"Summary: a\n  b\n\tc"), plain.replace(b"Summary: s", b"no header"), b"no header\n" + plain,
    b"Summary: a\n more\n" + plain, b"Summary: a\n\n" + plain, b"\n" + plain, b"From me\n" + plain, b" folded\n" + plain,
    plain.replace(b"Summary: s", b"Description: " + b"x" * 100000), plain.replace(b"\n\nbody\n", b""), plain + b"\0", plain.replace(b"s\n", b"\0\n"),
    plain.replace(b"Metadata-Version: 2.1\n", b""), plain.replace(b"Name: %s\n", b"") + b"%.0s", plain.replace(b"Summary: s", b"Summary: \x0b\x0c\x1c\x1e\x85"),
    plain.replace(b"Summary: s", "Summary: \u2028Name: z\u0085".encode()), b"\x0cA: b\n" + plain]

def odd(name, version):
    data = bytearray(fill(random.choice(texts), name, version))
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        at = random.randrange(len(data))
        data[at:at + random.randrange(2)] = random.choice((b"\n", b"\r", b" ", b":", b"x", b"\xe9", b"", b"\n ", b"\t"))
    return bytes(data)

def fill(text, name, version):
    if b"%.0s" in text:
        return text.replace(b"%.0s", b"").replace(b"%s", version)
    return text.replace(b"%s", name, 1).replace(b"%s", version, 1)

def link(where, path, target):
    """A symbolic link, relative or absolute, or behind another."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    way = random.randrange(4)
    if way == 0:
        os.symlink(target, path)
    elif way == 1:
        os.symlink(os.path.relpath(target, os.path.dirname(path)), path)
    elif way == 2:
        over = os.path.join(where, "over")
        os.symlink(os.path.relpath(os.path.dirname(target), where), over)
        os.symlink(os.path.relpath(os.path.join(over, os.path.basename(target)), os.path.dirname(path)), path)
    else:
        step = os.path.join(where, "step")
        os.symlink(os.path.relpath(target, where), step)
        os.symlink(step, path)

def case(name):
    return random.choice((name, name, name, name.upper(), name.title()))

while number < n:
    name, version = b"Pkg_%d" % number, b"1.%d" % number
    where, site = tree()
    base = "pkg_%d-%s" % (number - 1, version.decode())
    data = odd(name, version) if number > len(texts) else fill(texts[number - 1], name, version)
    store = os.path.join(where, "store", "x")
    shape = random.randrange(12) if number > len(texts) else 0
    info = os.path.join(site, base + case(random.choice((".dist-info", ".egg-info"))))
    file = random.choice(("METADATA", "METADATA", "PKG-INFO"))
    if shape == 0:
        write(os.path.join(info, file), data)
    elif shape == 1:
        write(info[:-10] + ".egg-info", data)
    elif shape == 2:
        with zipfile.ZipFile(os.path.join(site, base + ".egg"), "w") as egg:
            egg.writestr("EGG-INFO/PKG-INFO", data)
    elif shape == 3:
        write(os.path.join(site, base + ".egg", "EGG-INFO", "PKG-INFO"), data)
    elif shape == 4:
        write(os.path.join(store, file), data)
        link(where, info, store)
    elif shape == 5:
        write(store, data)
        link(where, os.path.join(info, file), store)
    elif shape == 6:
        write(store, data)
        link(where, os.path.join(where, "far", file), store)
        os.symlink("../far", info)
    elif shape == 7:
        write(store, data)
        link(where, info[:-10] + ".egg-info", store)
    elif shape == 8:
        write(os.path.join(where, "real", os.path.basename(info), file), data)
        os.rmdir(site)
        os.symlink("real", site)
    elif shape == 9:
        write(os.path.join(store, "EGG-INFO", "PKG-INFO"), data)
        link(where, os.path.join(site, base + ".egg"), store)
    elif shape == 10:
        write(os.path.join(info, "METADATA"), b"")
        write(os.path.join(info, "PKG-INFO"), data)
    else:
        write(os.path.join(where, "store", "y"), data)
        os.symlink("y", store)
        link(where, os.path.join(info, file), store)
        os.symlink("a.dist-info", os.path.join(site, "b.dist-info"))
        os.symlink("b.dist-info", os.path.join(site, "a.dist-info"))
END
cat >"$T/compare.py" <<'END'
import importlib.metadata, json, os, re, sys
top, doc = sys.argv[1], json.load(open(sys.argv[2]))

def plain(name):
    return re.sub(r"[-_.]+", "-", " ".join(name.split())).lower()

listed, unknown, seen, bad = {}, set(), 0, 0

def is_listed(where, name, version):
    """A distribution without version may be listed with one that another reader sees."""
    have = listed.get(where, ())
    return (plain(name), " ".join(version.split())) in have if version else any(n == plain(name) for n, _ in have)

for p in doc["packages"]:
    for l in p["locations"]:
        listed.setdefault(l["path"].split("/")[0], set()).add((plain(p["name"]), " ".join(p.get("version", "").split())))
for u in doc["unknownContent"]:
    unknown.add(u["path"].split("/")[0])
for where in sorted(os.listdir(top)):
    site = os.path.join(top, where, "site-packages")
    path = [site] + [os.path.join(site, e) for e in os.listdir(site) if e.lower().endswith(".egg")]
    for d in importlib.metadata.distributions(path=path):
        try:
            name, version = d.metadata["Name"], d.metadata["Version"]
        except Exception:
            continue
        if not name:
            continue
        seen += 1
        if not is_listed(where, name, version) and where not in unknown:
            bad += 1
            print("%s: %r %r is not listed: %r" % (where, name, version, listed.get(where)), file=sys.stderr)
print(seen, len(listed), len(unknown), bad)
sys.exit(bad != 0)
END
mkdir "$T/app"
check "makes folders" python3 "$T/make.py" "$T/app" "${PACKAGES:-800}"
check "lists what is there" "$HULLMARK" sbom "dir:$T/app" -o json="$T/all.json" -q
check "importlib.metadata sees nothing else" python3 "$T/compare.py" "$T/app" "$T/all.json"
read -r seen listed unknown _ <<<"$out"
echo "# $seen distributions, $listed folders listed, $unknown with unknown content"
is "most of them could be read" "$((seen > 400 && listed > 500 && unknown < 300))" 1
done_testing
