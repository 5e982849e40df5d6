#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Jars as Java opens them: of a thousand that are whole, odd or damaged, each archive within that Java can open is
# listed, or the jar is unknown content.
. "$(dirname "$0")/../lib.sh"
need java python3
java --list-modules 2>/dev/null | grep -q '^jdk.compiler' || need a-java-that-compiles

mkdir "$T/jars"
cat >"$T/make.py" <<'END'
import io, os, random, struct, sys, zipfile

random.seed(20260101)
folder, n = sys.argv[1], int(sys.argv[2])

def jar(names, method=zipfile.ZIP_DEFLATED, content=None, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name in names:
            z.writestr(name, content(name) if content else b"Manifest-Version: 1.0\n")
        z.comment = comment
    return out.getvalue()

inner = lambda name: jar(["META-INF/MANIFEST.MF"])
number = 0
def put(data, name="%04d.jar"):
    global number
    with open(os.path.join(folder, name % number), "wb") as file:
        file.write(data)
    number += 1

names = ["lib/a-1.0.jar", "x.txt", "lib/b-2.0.jar", "lib/c-3.0.jar"]
plain = [jar(names, m, inner) for m in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)]
script = b"#!/bin/sh\nexec java -jar \"$0\" \"$@\"\n"
for data in plain:
    put(data)
    put(data, "%04d.JAR")
    put(data, "%04d.War")
    put(script + data)                       # self-executing, offsets as they were
    for size in (1, 21, 22, 4096, 65513, 65514, 65535, 65536, 70000):
        put(data + b"\0" * size)
        put(data + b"PK" * (size // 2))
    put(data + data)                         # two, one behind the other
    put(data + script)
    put(script + data + script)
    end = data.rfind(b"PK\5\6")
    for total in (0, 1, 2, 3, 4, 5, 0xffff): # a number of entries that is not true
        put(data[:end + 8] + struct.pack("<HH", total, total) + data[end + 12:])
    for disk in (1, 0xffff):                 # of several disks
        put(data[:end + 4] + struct.pack("<HH", disk, disk) + data[end + 8:])
    # zip64 records: true, of another size, not there
    size, at = struct.unpack_from("<II", data, end + 12)
    for wide_n, wide_size, wide_at, where in ((4, size, at, end), (1, size, at, end), (4, 46, at, end), (4, size, at, end + 7), (4, size, at + 1, end)):
        end64 = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, wide_n, wide_n, wide_size, wide_at)
        locator = struct.pack("<IIQI", 0x07064b50, 0, where, 1)
        for said in (data[end:], data[end:end + 8] + b"\xff" * 12 + data[end + 20:], data[end:end + 8] + b"\xff" * 4 + data[end + 12:]):
            put(data[:end] + end64 + locator + said)
    # comments that hold an end record
    for tail in (b"", b"x" * 5):
        comment = data[end:end + 22] + tail
        put(data[:end + 20] + struct.pack("<H", len(comment)) + comment)
    # names that stand twice
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as z:
        import warnings
        warnings.simplefilter("ignore")
        z.writestr("lib/a-1.0.jar", b"no zip")
        z.writestr("lib/a-1.0.jar", inner(""))
    put(twice.getvalue())
    # the local header says otherwise
    local = data.find(b"PK\3\4")
    for offset, value in ((4, b"\x63\0"), (6, b"\1\0"), (8, b"\x0c\0"), (14, b"abcd"), (18, b"\7\0\0\0"), (22, b"\7\0\0\0"), (30, b"z")):
        put(data[:local + offset] + value + data[local + offset + len(value):])
    # the directory says otherwise
    central = data.find(b"PK\1\2")
    for offset, value in ((8, b"\1\0"), (8, b"\x41\0"), (10, b"\x0c\0"), (10, b"\0\0"), (16, b"abcd"), (20, b"\0\0\0\0"), (24, b"\0\0\0\0"), (24, b"\1\0\0\0"), (42, b"\1\0\0\0"), (28, b"\0\0")):
        put(data[:central + offset] + value + data[central + offset + len(value):])
# at random: some bytes of what is not content are others
while number < n:
    data = bytearray(random.choice(plain))
    if random.random() < .3:
        data = bytearray(os.path.basename(folder).encode() * random.randrange(9)) + data
    if random.random() < .3:
        data += bytes(random.randrange(300))
    spots = [i for sign in (b"PK\5\6", b"PK\1\2", b"PK\3\4") for i in range(len(data)) if data.startswith(sign, i)]
    for _ in range(random.randrange(1, 4)):
        at = random.choice(spots) + random.randrange(46)
        if at < len(data):
            data[at] = random.choice((0, 1, 2, 0x7f, 0xff, random.randrange(256)))
    put(bytes(data))
END
cat >"$T/Oracle.java" <<'END'
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.zip.*;

/** Prints "FILE ENTRY" for each archive within a jar that Java opens. */
public class Oracle {
	static boolean opens(File file) {
		try (ZipFile z = new ZipFile(file)) {
			return z.size() > 0;
		} catch (Exception e) {
			return false;
		}
	}

	public static void main(String[] args) throws Exception {
		File temporary = File.createTempFile("oracle", ".jar");
		File[] files = new File(args[0]).listFiles();
		Arrays.sort(files);
		for (File file : files) {
			try (ZipFile z = new ZipFile(file)) {
				for (Enumeration<? extends ZipEntry> e = z.entries(); e.hasMoreElements();) {
					ZipEntry entry = e.nextElement();
					if (!entry.getName().endsWith(".jar"))
						continue;
					try (InputStream in = z.getInputStream(z.getEntry(entry.getName()))) {
						Files.copy(in, temporary.toPath(), StandardCopyOption.REPLACE_EXISTING);
					} catch (Exception x) {
						continue;
					}
					if (opens(temporary))
						System.out.println(file.getName() + " " + entry.getName());
				}
			} catch (Exception x) {
			}
		}
		temporary.delete();
	}
}
END
check "makes jars" python3 "$T/make.py" "$T/jars" "${JARS:-1000}"
check "asks Java" java -Xshare:auto -XX:TieredStopAtLevel=1 "$T/Oracle.java" "$T/jars"
printf '%s\n' "$out" >"$T/java"
check "lists what is in them" "$HULLMARK" sbom "dir:$T/jars" -o json="$T/all.json" -q
cat >"$T/compare.py" <<'END'
import json, sys
doc = json.load(open(sys.argv[1]))
found = {tuple(l["path"].split("!/", 1)) for p in doc["packages"] for l in p["locations"] if "!/" in l["path"]}
unknown = {u["path"].split("!/")[0] for u in doc["unknownContent"]}
java = [tuple(line.split(" ", 1)) for line in open(sys.argv[2]).read().splitlines()]
for file, entry in java:
    if (file, entry) not in found and file not in unknown:
        print("Java opens, and nothing says so:", file, entry)
print(len(java), "opened,", len([j for j in java if j in found]), "read")
END
python3 "$T/compare.py" "$T/all.json" "$T/java" >"$T/result"
is "nothing that Java opens is left out" "$(grep -v ', [0-9]* read$' "$T/result")" ""
read -r opened _ some _ <<<"$(tail -1 "$T/result")"
check "and most of it is read" test "$((some * 10))" -ge "$((opened * 9))"
note "$(tail -1 "$T/result")" 2>/dev/null || :
done_testing
