#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of jars in the folders of an application: the JVM runs it before and after, and loads the new versions.
# Then what must stay, because something names it or needs it, and repositories and jars that lie: nothing may be written.
. "$(dirname "$0")/../lib.sh"
need python3
package_kind=jar
. "$PROJECT/tests/language.bash"
app=$T/srv/app
repo=$T/repo

make_jars() {
	PYTHONPATH=$(dirname "$0") "$python" - "$T" "$app" "$repo" <<'PY'
import io, sys, zipfile
from language import jar, publish, write, class_bytes
top, app, repo = sys.argv[1:]
lib, g = f"{app}/lib", "org.acme"
def old(name, version="1.0", path=None, **more):
    return jar(path or f"{lib}/{name}-{version}.jar", g, name, version, **more)
def new(name, *versions, **more):
    for v in versions:
        publish(repo, g, name, v, **more)
# parts of one project: the version of api is told by the parent alone
old("core", "2.12.3", requires=["org.acme:api:"]), old("api", "2.12.3")
new("core", "2.12.4", "2.17.1", "3.0.0", requires=["org.acme:api:"]), new("api", "2.12.4", "2.17.1", "3.0.0")
old("alone"), new("alone", "1.0.5", "1.1", "2.0")
old("ranged"), new("ranged", "1.5", "2.0"), old("user", requires=["org.acme:ranged:[1.0,2.0)"])
old("whole", path=f"{lib}/whole.jar"), new("whole", "1.1")
old("named"), new("named", "1.1"), write(f"{app}/bin/run.sh", f"#!/bin/sh\nexec java -cp {lib}/named-1.0.jar:{lib}/* Main\n")
old("rawnamed", stated=False), new("rawnamed", "1.1", stated=False)
old("main", path=f"{app}/main.jar", manifest=["Class-Path: lib/rawnamed-1.0.jar", "Main-Class: Main"])
old("raw", stated=False), new("raw", "1.1", stated=False)
old("sealed", files={"META-INF/ACME.SF": "x"}), new("sealed", "1.1"), new("sealed", "1.2", files={"META-INF/ACME.SF": "y"})
old("stamped", files={"META-INF/ACME.SF": "x"}), new("stamped", "1.1", files={"META-INF/OTHER.SF": "x"})
old("modern"), new("modern", "1.1", java=17)
old("orphan"), new("orphan", "1.1", requires=["org.acme:absent:1.0"])
old("puller"), new("puller", "1.1", requires=["org.acme:helper:2.0"]), old("helper"), new("helper", "1.5")
old("lucky", requires=["org.acme:gone:1"]), new("lucky", "1.1", requires=["org.acme:gone:1"])
old("early"), new("early", "1.1-rc1", "1.1-SNAPSHOT")
old("flavour", "1.0-jre"), new("flavour", "1.1-android", "1.1-jre")
old("taken"), new("taken", "1.1"), old("taken", "1.1", path=f"{lib}/taken-1.1.jar", requires=[])
old("hard"), new("hard", "1.1", requires=["org.acme:api:[2.12.3]"])
old("native", path=f"{lib}/native-1.0-linux-x86_64.jar"), new("native", "1.1")
old("double", "1.0"), old("double", "1.1"), new("double", "1.2")
inner = jar(f"{top}/inner.jar", g, "inner", "1.0")
old("boot", path=f"{app}/boot.jar", files={"BOOT-INF/lib/inner-1.0.jar": open(inner, "rb").read()}, stored=["BOOT-INF/lib/inner-1.0.jar"])
new("inner", "1.1")
old("shaded", files={"META-INF/maven/org.acme/merged/pom.properties": "groupId=org.acme\nartifactId=merged\nversion=1.0\n"}), new("merged", "1.1")
jar(f"{app}/boot/BOOT-INF/lib/indexed-1.0.jar", g, "indexed", "1.0"), new("indexed", "1.1")
write(f"{app}/boot/BOOT-INF/classpath.idx", '- "BOOT-INF/lib/indexed-1.0.jar"\n')
for kind, digests in ("sha1", ["sha1"]), ("sha256", ["sha256", "sha1"]), ("unhashed", []):
    publish(f"{top}/served/{kind}", g, "alone", "1.0.5", digests=digests)
publish(f"{top}/served/changed", g, "alone", "1.0.5")
write(f"{top}/served/changed/org/acme/alone/1.0.5/alone-1.0.5.jar.sha512", "0" * 128)
publish(f"{top}/served/nodigest", g, "alone", "1.0.5")
write(f"{top}/served/nodigest/org/acme/alone/1.0.5/alone-1.0.5.jar.sha512", "<html>")
publish(f"{top}/served/meta", g, "alone", "1.0.5")
write(f"{top}/served/meta/org/acme/alone/maven-metadata.xml", "<metadata><groupId>org.acme</groupId><artifactId>x</artifactId></metadata>")
publish(f"{top}/served/html", g, "alone", "1.0.5")
write(f"{top}/served/html/org/acme/alone/maven-metadata.xml", "<html></html>")
publish(f"{top}/served/climb", g, "alone", "1.0.5")
write(f"{top}/served/climb/org/acme/alone/maven-metadata.xml", "<metadata><versioning><versions><version>1.0.5/../../x</version><version>..</version></versions></versioning></metadata>")
publish(f"{top}/served/gone", g, "alone", "1.0.5")
write(f"{top}/served/gone/org/acme/alone/maven-metadata.xml", "<metadata><versioning><versions><version>1.0.7</version></versions></versioning></metadata>")
publish(f"{top}/served/pom", g, "raw", "1.1", stated=False, pom="<project><groupId>org.acme</groupId><artifactId>raw</artifactId><version>1.1</version><dependencies>"
        "<dependency><groupId>org.acme</groupId><artifactId>api</artifactId><version>[9,)</version></dependency></dependencies></project>")
for lie in "traversal", "absolute", "backslash", "twice", "local", "link", "prefix", "none", "short", "crc", "name", "version":
    publish(f"{top}/lie-{lie}", g, "alone", "1.0.5", lie=lie)
PY
}
check "jars and a repository are made" make_jars || note "$err"
cp -a "$app" "$T/app.old"
check "an image of it is made" language image "$T/base" base "$app"

jars() { (cd "$1" && find . -name '*.jar' | sort); }

# --- what is replaced ---

report report.json org.acme:core 2.12.3 2.17.0 "" org.acme:alone 1.0 "1.0.3, 2.0" "${app#/}/lib/alone-1.0.jar"
check "patches the image" patch out report.json --repo "maven=$repo" -o json="$T/out.json"
is "all is fixed, by the least version with the fix" "$(told "$T/out.json" | cut -d ' ' -f 1-3)" "org.acme:core 2.17.1 fixed
org.acme:alone 1.0.5 fixed"
check "the result is unpacked" language unpack "$T/out" patched "$T/unpacked"
new=$T/unpacked$app
is "the old ones are gone, the new ones are there, and what the new one requires has moved along" "$(diff <(jars "$app") <(jars "$new"))" "$(printf '3,5c3,5\n< ./lib/alone-1.0.jar\n< ./lib/api-2.12.3.jar\n< ./lib/core-2.12.3.jar\n---\n> ./lib/alone-1.0.5.jar\n> ./lib/api-2.17.1.jar\n> ./lib/core-2.17.1.jar')"
is "byte by byte the repository's" "$(sha256sum <"$new/lib/core-2.17.1.jar")" "$(sha256sum <"$repo/org/acme/core/2.17.1/core-2.17.1.jar")"
is "with the mode of the old one" "$(stat -c %a "$new/lib/api-2.17.1.jar")" "$(stat -c %a "$app/lib/api-2.12.3.jar")"
is "an inventory of the result has the new versions alone" "$("$HULLMARK" sbom "oci:$T/out:patched" -o cyclonedx-json | "$python" -c '
import json, sys
print(*sorted(c["purl"] for c in json.load(sys.stdin)["components"] if c["name"] in ("core", "api", "alone")))')" "pkg:maven/org.acme/alone@1.0.5 pkg:maven/org.acme/api@2.17.1 pkg:maven/org.acme/core@2.17.1"
check "patches it again" patch again report.json --repo "maven=$repo" -o json="$T/again.json"
is "and gets the same digest" "$(digest "$T/again.json")" "$(digest "$T/out.json")"
mkdir "$T/plain" && cp "$repo"/org/acme/{core,api,alone}/*/*.jar "$T/plain"
check "a folder of jars" patch flat report.json --repo "maven=$T/plain" -o json="$T/flat.json"
is "gives the same image" "$(digest "$T/flat.json")" "$(digest "$T/out.json")"
check "--dry-run says what would be done" patch dry report.json --repo "maven=$repo" --dry-run
fails "and writes nothing" test -e "$T/dry/index.json"
check "the provenance names the jar" patch vouched report.json --repo "maven=$repo" --provenance "$T/provenance"
like "by its digest" "$(<"$T/provenance")" "$(sha256sum "$repo/org/acme/api/2.17.1/api-2.17.1.jar" | cut -d ' ' -f 1)"

# fixed NAME FROM FIX VERSION FILE: it is replaced by this version, in this file
fixed() {
	report fixed.json "org.acme:$1" "$2" "$3" ""
	rm -rf "$T/fixed"
	check "$1 is replaced" patch fixed fixed.json --repo "maven=$repo" -o json="$T/fixed.json.out" "${@:6}"
	like "$1: by $4" "$(told "$T/fixed.json.out")" "^org.acme:$1 $4 fixed"
	like "$1: as $5" "$(language layer "$T/fixed" patched)" "(^|/)$5($|
)"
}
fixed whole 1.0 1.1 1.1 'whole\.jar'
fixed named 1.0 1.1 1.1 'named-1\.0\.jar'
like "named: and it is said what names it" "$(<"$T/fixed.json.out")" 'keeps its name, which .*run.sh'
fixed indexed 1.0 1.1 1.1 'indexed-1\.0\.jar'
like "indexed: Spring Boot's index names it" "$(<"$T/fixed.json.out")" 'classpath.idx'
fixed raw 1.0 1.1 1.1 'raw-1\.1\.jar'
fixed sealed 1.0 1.1 1.2 'sealed-1\.2\.jar'
fixed flavour 1.0-jre 1.1-jre 1.1-jre 'flavour-1\.1-jre\.jar'
fixed lucky 1.0 1.1 1.1 'lucky-1\.1\.jar'
fixed inner 1.0 1.1 1.1 'boot\.jar' # patch-nested.sh has more
fixed ranged 1.0 "1.5" 1.5 'ranged-1\.5\.jar'
fixed core 2.12.3 "2.12.4, 2.17.1" 2.12.4 'core-2\.12\.4\.jar' --library-patch-level patch

# --- a patched image, patched again ---

report one.json org.acme:alone 1.0 1.0.3 ""
check "one is patched" patch one one.json --repo "maven=$repo"
report more.json org.acme:core 2.12.3 2.17.0 "${app#/}/lib/core-2.12.3.jar"
check "and patched again, for another" "$HULLMARK" patch "oci:$T/one:patched" --to "oci:$T/more:patched" --report "$T/more.json" --repo "maven=$repo" -o json="$T/more.out"
like "from its base" "$(<"$T/more.out")" '"replacedPatch": true'
is "the same bytes as both at once" "$(language layer "$T/more" patched)" "$(language layer "$T/out" patched)"
report newer.json org.acme:alone 1.0.5 1.1 "${app#/}/lib/alone-1.0.5.jar"
check "what was replaced is replaced again" "$HULLMARK" patch "oci:$T/one:patched" --to "oci:$T/newer:patched" --report "$T/newer.json" --repo "maven=$repo" -o json="$T/newer.out"
like "by a later one" "$(told "$T/newer.out")" 'alone 1.1 fixed'

# --- by a scan of its own, and proven by another ---

advisory() {
	printf '{"id": "GHSA-%s", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Maven", "name": "org.acme:%s"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "%s"}]}]}]}\n' "$1" "$2" "$3" >"$T/advisories/$1.json"
}
mkdir "$T/advisories"
advisory aaaa-aaaa-aaaa core 2.17.0
advisory bbbb-bbbb-bbbb inner 1.1
advisory cccc-cccc-cccc named 1.1
advisory dddd-dddd-dddd rawnamed 1.1
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db" -q
scan() { "$HULLMARK" scan "oci:$T/$1" --db "$T/db" -o json | "$python" -c '
import json, re, sys
print(*sorted(set(re.findall("GHSA-[a-d]", sys.stdin.read()))))'; }
is "a scan finds four" "$(scan base:base)" "GHSA-a GHSA-b GHSA-c GHSA-d"
refuses 3 'not everything that has a fix' "a scan of its own says what to patch" "$HULLMARK" patch "oci:$T/base:base" --to "oci:$T/scanned:patched" --db "$T/db" --repo "maven=$repo" -o json="$T/scanned.out" --vex "openvex=$T/vex.json"
is "three are fixed, and the other is named" "$(told "$T/scanned.out" | cut -d ' ' -f 1-3 | LC_ALL=C sort)" "org.acme.rawnamed:rawnamed 1.0 notInRepositories
org.acme:core 2.17.1 fixed
org.acme:inner 1.1 fixed
org.acme:named 1.1 fixed"
like "with its reason" "$(told "$T/scanned.out")" 'rawnamed 1.0 notInRepositories .*only a guess'
is "the patched image has that alone, one of the fixed under its old name" "$(scan scanned:patched)" "GHSA-d"
is "and that is what its VEX says" "$("$python" -c '
import json, sys
print(*sorted((s["vulnerability"]["name"][:6] + ":" + s["status"]) for s in json.load(open(sys.argv[1]))["statements"]))' "$T/vex.json")" "GHSA-a:fixed GHSA-b:fixed GHSA-c:fixed GHSA-d:affected"

# --- a repository ---

"$python" "$PROJECT/tests/interop/language.py" serve_folder "$T" "$T/port" & # no function: $! would be that of a shell around it
pid=$!
test_pids+=("$pid")
retry 10 test -s "$T/port"
base=http://127.0.0.1:$(<"$T/port")
check "a repository over HTTP" patch http report.json --repo "maven=$base/repo/" -o json="$T/http.json"
is "gives the same image, too" "$(digest "$T/http.json")" "$(digest "$T/out.json")"
report alone.json org.acme:alone 1.0 1.0.3 ""
for kind in sha1 sha256; do
	check "a repository with $kind" patch "$kind" alone.json --repo "maven=$base/served/$kind"
done
# served NAME REASON: nothing is taken from it
served() {
	refuses 3 'not everything that has a fix' "$1: fixes nothing" patch "no-$1" alone.json --repo "maven=$base/served/$1" -o json="$T/served.json"
	like "$1: and says why" "$(told "$T/served.json")" "$2"
	fails "$1: nothing was written" test -e "$T/no-$1/index.json"
}
served unhashed 'states no digest'
served climb 'no later version'
served gone 'not there, though the index names it|states no digest'
refuses 1 'is not the file that the index names' "a jar that is another than its digest" patch changed alone.json --repo "maven=$base/served/changed"
fails "and nothing was written" test -e "$T/changed/index.json"
refuses 1 'is not the file that the index names' "the same in a folder" patch changed alone.json --repo "maven=$T/served/changed"
refuses 1 'is not a digest' "a digest that is none" patch nodigest alone.json --repo "maven=$base/served/nodigest"
refuses 1 'its metadata is of "x"' "metadata of another artifact" patch meta alone.json --repo "maven=$base/served/meta"
refuses 1 'not the metadata of a Maven repository' "an address that answers otherwise" patch html alone.json --repo "maven=$base/served/html"
refuses 1 '127.0.0.1:1' "a repository that is not there" patch nobody alone.json --repo "maven=http://127.0.0.1:1/x"
refuses 1 'there is no folder' "a folder that is not there" patch nobody alone.json --repo "maven=$T/nowhere"

# --- what stays, and why ---

# stays WHAT REASON PACKAGE VERSION FIXED [FLAG...]
stays() {
	report stays.json "org.acme:$3" "$4" "$5" ""
	rm -rf "$T/stays"
	refuses 3 'not everything that has a fix' "$1: stays" patch stays stays.json --repo "maven=$repo" -o json="$T/stays.json.out" "${@:6}"
	like "$1: and says why" "$(told "$T/stays.json.out")" "$2"
	fails "$1: no image was written" test -e "$T/stays/index.json"
}
stays "what another needs older" 'org.acme:user 1.0 requires org.acme:ranged \[1.0,2.0\)' ranged 1.0 2.0 --library-patch-level major
stays "another major version" 'another major version' alone 1.0 2.0
stays "another minor version, where only patches are allowed" 'another minor version' alone 1.0 1.1 --library-patch-level patch
stays "what a Class-Path names, and only its name tells the version of" 'the Class-Path of .*main.jar' rawnamed 1.0 1.1
stays "what was signed, and would not be any more" 'is signed \(META-INF/ACME.SF\)' stamped 1.0 1.1
stays "what needs a newer Java" 'needs Java 17, and nothing says' modern 1.0 1.1
stays "what needs something that is not there" 'it requires org.acme:absent 1.0, which is not there' orphan 1.0 1.1
stays "what needs something newer than there is" 'it requires org.acme:helper 2.0, and 1.0 is there' puller 1.0 1.1
stays "what comes only as an early release" 'no later version' early 1.0 1.1
stays "what has no such version" 'the newest version in the repositories is 1.1' whole 1.0 1.2
stays "what is not there" 'no such jar' elsewhere 1.0 1.1
stays "what is there already, in that version" 'taken-1.1.jar" lies there already' taken 1.0 1.1
stays "what has a classifier" 'has a classifier \(linux-x86_64\)' native 1.0 1.1
report double.json org.acme:double 1.0 1.2 "" org.acme:double 1.1 1.2 ""
refuses 3 'not everything that has a fix' "two that would become one" patch double double.json --repo "maven=$repo" -o json="$T/double.out"
like "the second stays, and it is said" "$(told "$T/double.out")" 'double 1.1 blocked .*another jar gets the name'
stays "what was merged into another" 'merged into .*shaded-1.0.jar' merged 1.0 1.1
report pom.json org.acme:raw 1.0 1.1 ""
refuses 3 'not everything that has a fix' "the pom beside a jar counts where it has none" patch pom pom.json --repo "maven=$base/served/pom" -o json="$T/pom.out"
like "and is named" "$(told "$T/pom.out")" 'it requires org.acme:api \[9,\), and 2.12.3 is there'
refuses 3 'not everything that has a fix' "without a repository nothing is fixed" patch none alone.json -o json="$T/none.json"
like "and it says how one is named" "$(told "$T/none.json")" '--repo maven='
refuses 3 'not everything that has a fix' "packages of languages can be left out" patch os alone.json --repo "maven=$repo" --pkg-types os

# in other images
export IMAGE_CONFIG
IMAGE_CONFIG="{\"Entrypoint\": [\"java\", \"-cp\", \"$app/lib/alone-1.0.jar\", \"Main\"]}"
check "an image that starts it" language image "$T/base" base "$app"
fixed alone 1.0 1.0.5 1.0.5 'alone-1\.0\.jar'
IMAGE_CONFIG="{\"Env\": [\"CLASSPATH=/lib/raw-1.0.jar:/x\"]}"
check "an image with a CLASSPATH" language image "$T/base" base "$app"
stays "what CLASSPATH names" "the image's Env names" raw 1.0 1.1
IMAGE_CONFIG="{\"Cmd\": [\"sh\", \"-c\", \"java -cp /lib/raw-\$V.jar Main\"]}"
check "an image whose command fills it in" language image "$T/base" base "$app"
stays "what a variable may name" "the image's Cmd names" raw 1.0 1.1
unset IMAGE_CONFIG
for java in '"11.0.2"' '"1.8.0_392"'; do
	mkdir -p "$T/srv/app/java" && echo "JAVA_VERSION=$java" >"$app/java/release"
	check "an image with Java $java" language image "$T/base" base "$app"
	stays "what needs a newer one than Java $java" 'needs Java 17, and the image has Java (11|8)' modern 1.0 1.1
done
echo 'JAVA_VERSION="17.0.9"' >"$app/java/release"
cp "$app/lib/alone-1.0.jar" "$app/java/alone-1.0.jar"
rm "$app/lib/alone-1.0.jar"
check "an image with Java 17" language image "$T/base" base "$app"
fixed modern 1.0 1.1 1.1 'modern-1\.1\.jar'
stays "what is part of Java" 'part of the Java in' alone 1.0 1.0.5
rm -rf "$app" && cp -a "$T/app.old" "$app"
ln -s raw-1.0.jar "$app/lib/current.jar"
check "an image with a link to it" language image "$T/base" base "$app"
stays "what a link leads to" 'current.jar" names' raw 1.0 1.1
rm -rf "$app" && cp -a "$T/app.old" "$app"
echo broken >"$app/lib/alone-1.0.jar"
check "an image with a jar that is none" language image "$T/base" base "$app"
report broken.json org.acme:alone 1.0 1.0.5 "${app#/}/lib/alone-1.0.jar"
refuses 3 'not everything that has a fix' "a jar that cannot be read stays" patch broken broken.json --repo "maven=$repo" -o json="$T/broken.out"
like "and it is said" "$(told "$T/broken.out")" 'cannot be read'
rm -rf "$app" && cp -a "$T/app.old" "$app"
check "the image, as it was" language image "$T/base" base "$app"

# --- a jar of the distribution ---

mkdir -p "$T/root/var/lib/dpkg/info" "$T/root/usr/share/java" "$T/root/etc" "$T/root$app/lib"
printf 'Package: libalone-java\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\nMaintainer: x\nDescription: x\n' >"$T/root/var/lib/dpkg/status"
printf '/usr/share/java/alone-1.0.jar\n' >"$T/root/var/lib/dpkg/info/libalone-java.list"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/root/etc/os-release"
cp "$app/lib/alone-1.0.jar" "$T/root/usr/share/java"
check "an image with a jar of a package" env IMAGE_ROOT="$T/root" "$python" "$(dirname "$0")/language.py" image "$T/base" base "$T/root"
stays "what belongs to a package of the distribution" 'part of (libalone-java|pkg:deb)' alone 1.0 1.0.5
cp "$app/lib/alone-1.0.jar" "$T/root$app/lib"
check "an image that has it in an application, too" env IMAGE_ROOT="$T/root" "$python" "$(dirname "$0")/language.py" image "$T/base" base "$T/root"
report own.json org.acme:alone 1.0 1.0.5 "${app#/}/lib/alone-1.0.jar"
check "the application's is replaced" patch own own.json --repo "maven=$repo"
language layer "$T/own" patched >"$T/own.layer"
check "in its place" grep -q "${app#/}/lib/alone-1.0.5.jar" "$T/own.layer"
fails "and the distribution's is left alone" grep -q usr/share/java "$T/own.layer"
check "the image, as it was" language image "$T/base" base "$app"

# --- jars that lie ---

for lie in "traversal:out of the root|not a plain path" "absolute:not a plain path" "backslash:not a plain path" "twice:is there twice" "local:another name where it lies" \
	"link:not a plain file" "prefix:stands before its first entry" "none:not a zip file" "short:not a zip file|directory" "crc:checksum|damaged|deflate" \
	"name:another artifact or version" "version:another artifact or version"; do
	refuses 3 'not everything that has a fix' "a jar that lies (${lie%%:*})" patch "no-${lie%%:*}" alone.json --repo "maven=$T/lie-${lie%%:*}" -o json="$T/told.json"
	like "is not taken (${lie%%:*})" "$(told "$T/told.json")" "${lie#*:}"
	fails "and nothing is written (${lie%%:*})" test -e "$T/no-${lie%%:*}/index.json"
done

# --- a Java that runs it ---

run_java() {
	local v
	mkdir -p "$T/java/src" "$T/java/lib"
	printf 'public class Main { public static void main(String[] a) { System.out.println(lib.Greeting.TEXT.toString()); } }\n' >"$T/java/src/Main.java"
	for v in 1.0 1.2; do
		mkdir -p "$T/java/$v/lib" "$T/java/classes-$v"
		printf 'package lib; public class Greeting { public static final Object TEXT = "greeting %s"; }\n' "$v" >"$T/java/$v/lib/Greeting.java"
		javac -d "$T/java/classes-$v" "$T/java/$v/lib/Greeting.java" || return
		mkdir -p "$T/java/classes-$v/META-INF/maven/org.acme/greeting"
		printf 'groupId=org.acme\nartifactId=greeting\nversion=%s\n' "$v" >"$T/java/classes-$v/META-INF/maven/org.acme/greeting/pom.properties"
		jar --create --file "$T/java/greeting-$v.jar" -C "$T/java/classes-$v" . || return
	done
	javac -cp "$T/java/greeting-1.0.jar" -d "$T/java/main" "$T/java/src/Main.java" && jar --create --file "$T/java/lib/main.jar" -C "$T/java/main" . && cp "$T/java/greeting-1.0.jar" "$T/java/lib"
}
if command -v java >/dev/null && command -v javac >/dev/null && command -v jar >/dev/null; then
	check "javac and jar make an application" run_java || note "$err"
	is "which runs" "$(java -cp "$T/java/lib/*" Main)" "greeting 1.0"
	mkdir "$T/jnew" && cp "$T/java/greeting-1.2.jar" "$T/jnew"
	language image "$T/jbase" base "$T/java/lib"
	report java.json org.acme:greeting 1.0 1.1 ""
	check "it is patched" "$HULLMARK" patch "oci:$T/jbase:base" --to "oci:$T/jout:patched" --report "$T/java.json" --repo "maven=$T/jnew"
	language unpack "$T/jout" patched "$T/jun"
	is "and Java loads the new jar, and no old one" "$(java -cp "$T/jun$T/java/lib/*" Main)" "greeting 1.2"
	is "which is the only one" "$(ls "$T/jun$T/java/lib")" "greeting-1.2.jar
main.jar"
else
	skip "an application that Java runs" "java, javac or jar is missing"
fi
done_testing
