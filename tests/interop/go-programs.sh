#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: long
# Go programs of every system that Go builds for, read as `go version -m` reads them.
. "$(dirname "$0")/../lib.sh"
need go python3

export GOFLAGS=-mod=mod GOTOOLCHAIN=local GOPROXY=off GOCACHE=${GOCACHE:-$HOME/.cache/go-build}
mkdir -p "$T/src/dep" "$T/bin"
cat >"$T/src/go.mod" <<'END'
module example.com/app

go 1.20

require example.com/dep v1.2.3

replace example.com/dep v1.2.3 => ./dep
END
printf 'module example.com/dep\n\ngo 1.20\n' >"$T/src/dep/go.mod"
printf 'package dep\n\nconst Word = "hello"\n' >"$T/src/dep/dep.go"
printf 'package main\n\nimport "example.com/dep"\n\nfunc main() { println(dep.Word) }\n' >"$T/src/main.go"
# fat OUT FILE...: a file of macOS with several programs
cat >"$T/fat.py" <<'END'
import struct, sys
wide, out, files = sys.argv[1] == "64", sys.argv[2], sys.argv[3:]
head, at, body = b"", 1 << 14, b""
for name in files:
    data = open(name, "rb").read()
    cpu, sub = struct.unpack_from("<II", data, 4)
    head += struct.pack(">IIQQII", cpu, sub, at, len(data), 14, 0) if wide else struct.pack(">IIIII", cpu, sub, at, len(data), 14)
    body += b"\0" * (at - (1 << 14) - len(body)) + data
    at += len(data) + -len(data) % (1 << 14)
head = struct.pack(">II", 0xcafebabf if wide else 0xcafebabe, len(files)) + head
open(out, "wb").write(head + b"\0" * ((1 << 14) - len(head)) + body)
END
for target in linux/s390x windows/386 windows/amd64 darwin/amd64 darwin/arm64; do
	name=${target/\//-}
	if ! (cd "$T/src" && CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o "$T/bin/$name" . 2>"$T/err"); then
		skip "$target" "go cannot build it: $(tail -1 "$T/err")"
		continue
	fi
	(cd "$T/src" && CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -trimpath -ldflags='-s -w' -o "$T/bin/$name-stripped" .)
done
if [[ -e $T/bin/darwin-amd64 && -e $T/bin/darwin-arm64 ]]; then
	python3 "$T/fat.py" 32 "$T/bin/darwin-fat" "$T/bin/darwin-amd64" "$T/bin/darwin-arm64"
	python3 "$T/fat.py" 64 "$T/bin/darwin-fat64" "$T/bin/darwin-arm64" "$T/bin/darwin-amd64"
fi
check "lists them" "$HULLMARK" sbom "dir:$T/bin" -o json="$T/all.json" -q
tar -C "$T/bin" -cf "$T/bin.tar" . && "$PROJECT/tests/make-image.sh" image "$T/image:go" "$T/bin.tar" >/dev/null
check "in an image, too" "$HULLMARK" sbom "oci:$T/image:go" -o json="$T/image.json" -q
modules() { python3 -c 'import json, sys
print("\n".join(sorted({p["name"] + " " + p["version"] for p in json.load(open(sys.argv[1]))["packages"]
    if p["locations"][0]["path"] == sys.argv[2]})))' "$@"; }
for file in "$T"/bin/*; do
	name=${file##*/}
	# of a folder in its place a module has no version; the main module states its own, or none
	want=$(go version -m "$file" 2>/dev/null | awk -v file="$file:" '
		$1 == file { print "stdlib " $2 } $1 == "dep" { print $2 " " } $1 == "mod" { print $2 " " }' |
		sed 's/^stdlib go/stdlib /' | sort -u)
	[[ $want ]] || { skip "$name" "go does not read it"; continue; }
	for form in all image; do
		is "$name: $form" "$(modules "$T/$form.json" "$name" | sed -E 's/^(example.com.*) .*/\1 /; s/^stdlib go/stdlib /' | sort -u)" "$want"
	done
done
is "nothing is unknown" "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["unknownContent"])' "$T/image.json")" "[]"
done_testing
