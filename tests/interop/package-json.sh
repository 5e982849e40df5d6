#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package.json as Node.js reads it: of two thousand that are whole, odd or damaged, each name and version that Node
# sees is listed, or the file is unknown content.
. "$(dirname "$0")/../lib.sh"
need node python3

cat >"$T/make.py" <<'END'
import os, random, sys

random.seed(20260101)
folder, n = sys.argv[1], int(sys.argv[2])
number = 0
def put(data):
    global number
    where = os.path.join(folder, "node_modules", "p%04d" % number)
    os.makedirs(where)
    with open(os.path.join(where, "package.json"), "wb") as file:
        file.write(data)
    number += 1

plain = b'{"name":"a","version":"1.0.0","description":"d","dependencies":{"b":"^1"}}'
put(plain)
put(b"\xef\xbb\xbf" + plain)
put(b"\xef\xbb\xbf\xef\xbb\xbf" + plain)
put(b"\xff\xfe" + plain.decode().encode("utf-16-le"))
put(plain + b"\0")
put(plain + b"\n\n\t ")
put(plain + b"x")
put(plain + b"// comment")
put(b"/* comment */" + plain)
put(plain[:-1] + b",}")
put(plain[:-1])
put(b"")
put(b"null")
put(b"[" + plain + b"]")
put(b"{}")
for text in (b"caf\xe9", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x92", b"\xf0\x9f", b"\xed\xa0\x80", b"\xc0\x80", b"\xff", b"\x80\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\xaf",
             rb"\ud800", rb"\udc00", rb"\ud83d\ude00", rb"\ud83d\ud83d\ude00", rb"\ud83dx", rb"\udc00\ud800", rb"\uD8zz", rb"\u00e9", rb"\u0000", rb"\x41", rb"\\ud800", rb"\/", rb"\"",
             b"\0", b"\x01", b"\t", b"\n", b"\x7f", "\u2028".encode(), "\ufeff".encode()):
    put(plain.replace(b'"d"', b'"' + text + b'"'))       # beside what counts
    put(plain.replace(b'"a"', b'"a' + text + b'"'))      # in it
    put(plain.replace(b'"1.0.0"', b'"1.0.0' + text + b'"'))
    put(plain.replace(b'"description"', b'"x' + text + b'"'))
for second in (b'"name":"z"', b'"version":"9"', b'"version":null', b'"name":1', b'"version":["1"]', rb'"n\u0061me":"z"', rb'"\u0076ersion":"9"', b'"Name":"z"', b'"__proto__":{"name":"z"}', b'"dependencies":7'):
    put(plain[:-1] + b"," + second + b"}")
    put(b"{" + second + b"," + plain[1:])
for value in (b"1e999", b"-0", b"1" * 400, b"01", b"1.", b".5", b"NaN", b"Infinity", b"0x1", b"1e5", b"true", b"undefined", b"'x'"):
    put(plain.replace(b'"d"', value))
for depth in (60, 64, 65, 1000, 20000):
    put(plain.replace(b'"d"', b"[" * depth + b"]" * depth))
put(plain.replace(b'"d"', b'"' + b"x" * (17 << 20) + b'"'))
while number < n:
    data = bytearray(plain)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data))
        what = random.randrange(4)
        if what == 0:
            data[at] = random.randrange(256)
        elif what == 1:
            data[at:at] = bytes([random.randrange(256)])
        elif what == 2:
            data[at:at] = random.choice((rb"\ud800", rb"\u0041", b"\xe9", b'"', b"\\", b",", b'"name":"q",', b" \r\n"))
        else:
            del data[at]
    put(bytes(data))
END
cat >"$T/oracle.js" <<'END'
const trim = (s) => s.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
const fs = require("fs"), path = require("path");
const top = path.join(process.argv[2], "node_modules"), found = {};
for (const folder of fs.readdirSync(top)) {
	const file = path.join(top, folder, "package.json");
	try {
		const p = require(file);
		if (p && typeof p.name === "string" && typeof p.version === "string" && trim(p.name) && trim(p.version))
			found[folder] = [trim(p.name).toWellFormed(), trim(p.version).toWellFormed()];
	} catch {
	}
}
process.stdout.write(JSON.stringify(found));
END
mkdir "$T/app"
check "makes files" python3 "$T/make.py" "$T/app" "${PACKAGES:-2000}"
check "asks Node.js" node "$T/oracle.js" "$T/app"
printf '%s' "$out" >"$T/node"
check "lists what is there" "$HULLMARK" sbom "dir:$T/app" -o json="$T/all.json" -q
cat >"$T/compare.py" <<'END'
import json, sys
doc = json.load(open(sys.argv[1]))
folder = lambda path: path.split("/")[1]
found = {folder(p["locations"][0]["path"]): [p["name"], p["version"]] for p in doc["packages"]}
unknown = {folder(u["path"]) for u in doc["unknownContent"]}
node = json.load(open(sys.argv[2]))
read = 0
for name, sees in sorted(node.items()):
    if found.get(name) == sees:
        read += 1
    elif name not in unknown:
        print("Node sees", sees, "in", name, "and nothing says so, but", found.get(name))
for name in sorted(set(found) - set(node)):
    print("Node sees nothing in", name, "but", found[name], "is listed")
print(len(node), "seen,", read, "read")
END
python3 "$T/compare.py" "$T/all.json" "$T/node" >"$T/result"
is "nothing that Node.js sees is left out, and nothing else is listed" "$(grep -v ', [0-9]* read$' "$T/result")" ""
read -r seen _ some _ <<<"$(tail -1 "$T/result")"
check "and nearly all of it is read" test "$((some * 100))" -ge "$((seen * 98))"
note "$(tail -1 "$T/result")"
done_testing
