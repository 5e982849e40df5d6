#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packages that are reached only by symbolic links are listed, of images and of folders: python3 sees them in the same
# tree. Where a link leads out of a folder, that is unknown content.
. "$(dirname "$0")/../lib.sh"
need python3

python_package() { # FOLDER NAME [FILE]
	mkdir -p "$1"
	printf 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' "$2" >"$1/${3:-METADATA}"
}
npm_package() { # FOLDER NAME [FILE]
	mkdir -p "$1"
	printf '{"name":"%s","version":"1.0"}' "$2" >"$1/${3:-package.json}"
}

low=$T/low high=$T/high
site=$low/usr/lib/python3/site-packages
mkdir -p "$site" "$low/opt" "$low/srv/node_modules" "$low/srv/lib" "$high"
python_package "$low/opt/store/abc123" folder
ln -s ../../../../opt/store/abc123 "$site/folder-1.0.dist-info"
python_package "$low/opt/meta" file m
mkdir "$site/file-1.0.dist-info"
ln -s ../../../../../opt/now/m "$site/file-1.0.dist-info/METADATA"
ln -s meta "$low/opt/now"
python_package "$low/opt/store/def" both x
ln -s ../../../../opt/store/def "$site/both-1.0.dist-info"
ln -s x "$low/opt/store/def/METADATA"
python_package "$low/opt/store/egg" egg PKG-INFO
ln -s ../../../../opt/store/egg "$site/egg.egg-info"
python_package "$high/opt/store/high" high
ln -s ../../../../opt/store/high "$site/high-1.0.Dist-Info"
python_package "$low/opt/gone" gone
ln -s ../../../../opt/gone "$site/gone-1.0.dist-info"
mkdir -p "$high/usr/lib/python3/site-packages"
: >"$high/usr/lib/python3/site-packages/.wh.gone-1.0.dist-info"
ln -s circle-1.dist-info "$site/round-1.dist-info"
ln -s round-1.dist-info "$site/circle-1.dist-info"
ln -s nowhere "$site/nowhere-1.dist-info"
npm_package "$low/srv/packages/linked" linked
ln -s ../packages/linked "$low/srv/node_modules/linked"
npm_package "$low/opt/modules/inner" inner
mkdir -p "$low/app"
ln -s ../opt/modules "$low/app/node_modules"
npm_package "$low/opt/json" json j
mkdir "$low/srv/node_modules/json"
ln -s ../../../opt/json/j "$low/srv/node_modules/json/package.json"
mkdir -p "$T/jar/META-INF/maven/org.example/jar"
printf 'groupId=org.example\nartifactId=jar\nversion=1.0\n' >"$T/jar/META-INF/maven/org.example/jar/pom.properties"
mkdir -p "$T/inner/META-INF/maven/org.example/inner"
printf 'groupId=org.example\nartifactId=inner\nversion=1.0\n' >"$T/inner/META-INF/maven/org.example/inner/pom.properties"
(cd "$T/inner" && python3 -m zipfile -c "$T/jar/inner.jar" META-INF)
(cd "$T/jar" && python3 -m zipfile -c "$low/opt/library" META-INF inner.jar)
ln -s ../../opt/library "$low/srv/lib/jar-1.0.jar"

for folder in "$low" "$high"; do
	tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$folder.tar" .
done
"$PROJECT/tests/make-image.sh" image "$T/images:a" "$low.tar" "$high.tar" >/dev/null

names() { python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
print(*sorted(p["name"] for p in v["packages"]))' "$1"; }

want="both egg file folder high inner json linked org.example:inner org.example:jar"
for time in first second; do
	check "an image with links, the $time time" "$HULLMARK" sbom "oci:$T/images:a" -o json="$T/s.json"
	is "has all that they lead to" "$(names "$T/s.json")" "$want"
	is "and no unknown content" "$(grep -c '"reason"' "$T/s.json")" 0
	is "all of an archive is where that lies" "$(grep -o '[a-z/0-9.-]*\(library\|jar-1.0.jar\)\(!/inner.jar\)\?\b' "$T/s.json" | sort -u | paste -sd' ')" "opt/library opt/library!/inner.jar"
done

rm -f "$site/gone-1.0.dist-info"
cp -r "$high/opt" "$low/"
rm -rf "$low/opt/gone"
check "the same as a folder" "$HULLMARK" sbom "dir:$low" -o json="$T/d.json"
is "has the same" "$(names "$T/d.json")" "$want"
is "and no unknown content" "$(grep -c '"reason"' "$T/d.json")" 0
rm "$site"/{round,circle}-1.dist-info # python3 gives up at them
is "python3 sees what is its" "$(python3 -c 'import sys
from importlib import metadata
print(*sorted(d.metadata["Name"] for d in metadata.distributions(path=[sys.argv[1]]) if d.metadata["Name"]))' "$site")" "both egg file folder high"

python_package "$T/outside" outside
ln -s "$T/outside" "$site/outside-1.0.dist-info"
ln -s "$low/opt/store/abc123" "$site/inside-1.0.dist-info"
check "a link that leads out of the folder" "$HULLMARK" sbom "dir:$low" -o json="$T/o.json"
like "is unknown content" "$(cat "$T/o.json")" 'outside-1.0.dist-info'
like "with the reason" "$(cat "$T/o.json")" 'a symbolic link that leads out of the folder'
is "once" "$(grep -c '"reason"' "$T/o.json")" 1
done_testing
