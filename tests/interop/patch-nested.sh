#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` of jars within an archive of an application: Spring Boot's jars, wars, ears. Python's zipfile, unzip, jar and the JVM
# read what was written; all but the replaced entries is there as it was. Then archives that are not written again: nothing of them is.
. "$(dirname "$0")/../lib.sh"
need python3
package_kind=jar
. "$PROJECT/tests/language.bash"
nested() { PYTHONPATH=$(dirname "$0") "$python" "$(dirname "$0")/nested.py" "$@"; }
app=$T/srv/app
repo=$T/repo
check "archives and a repository are made" nested make "$T" "$app" "$repo"
check "an image of them" language image "$T/base" base "$app"

sbom() { "$HULLMARK" sbom "oci:$T/$1" -o cyclonedx-json | "$python" -c '
import json, sys
print(*sorted(c["name"] + "@" + c["version"] for c in json.load(sys.stdin)["components"] if c["name"] in sys.argv[1:]))' "${@:2}"; }

# same OUTER ENTRY NEWENTRY NEWJAR...: what was patched is the old archive with these in it, and nothing else
same() { nested same "$app/$1" "$T/unpacked$app/$1" "${@:2}"; }
# reads OUTER: other programs find no fault with it that the old one had not (unzip warns of what stands before)
reads() {
	local status
	if have unzip; then
		status=$(unzip -tqq "$app/$1" >/dev/null 2>&1; echo $?)
		exits "$status" "$1: unzip reads it" unzip -tqq "$T/unpacked$app/$1"
	fi
	if have jar; then
		check "$1: jar reads it" jar tf "$T/unpacked$app/$1"
	fi
}
unpack() {
	rm -rf "$T/unpacked"
	check "$1 is unpacked" language unpack "$T/$1" patched "$T/unpacked"
}

# --- Spring Boot's ---

report boot.json org.acme:core 2.12.3 2.17.0 "" org.acme:silent 1.0 1.1 "${app#/}/boot.jar/BOOT-INF/lib/silent-1.0.jar"
check "patches jars in a jar" patch out boot.json --repo "maven=$repo" -o json="$T/out.json"
is "all is fixed" "$(told "$T/out.json" | cut -d ' ' -f 1-3)" "org.acme:core 2.17.1 fixed
org.acme:silent 1.1 fixed"
like "what was changed has its place" "$(<"$T/out.json")" 'boot.jar!/BOOT-INF/lib/core-2.12.3.jar'
is "the layer has that archive alone" "$(language layer "$T/out" patched | grep -v '/$' | grep jar)" "${app#/}/boot.jar"
unpack out
is "it has the new jars, what the new one requires has moved along, and all else is as it was" "$(same boot.jar \
	BOOT-INF/lib/core-2.12.3.jar BOOT-INF/lib/core-2.17.1.jar "$repo/org/acme/core/2.17.1/core-2.17.1.jar" \
	BOOT-INF/lib/api-2.12.3.jar BOOT-INF/lib/api-2.17.1.jar "$repo/org/acme/api/2.17.1/api-2.17.1.jar" \
	BOOT-INF/lib/silent-1.0.jar BOOT-INF/lib/silent-1.1.jar "$repo/org/acme/silent/1.1/silent-1.1.jar" 2>&1)" \
	"BOOT-INF/classpath.idx: another content
BOOT-INF/layers.idx: another content"
is "Spring Boot's lists have their names" "$(nested lists "$T/unpacked$app/boot.jar" | grep -E -c 'BOOT-INF/lib/(core-2.17.1|api-2.17.1|silent-1.1|other-1.0).jar"')" 8
is "and no old ones" "$(nested lists "$T/unpacked$app/boot.jar" | grep -E -c '(core|api)-2.12.3|silent-1.0')" 0
is "what is to be unpacked says the new digest" "$(nested comment "$T/unpacked$app/boot.jar" BOOT-INF/lib/core-2.17.1.jar)" "UNPACK:$(sha1sum <"$repo/org/acme/core/2.17.1/core-2.17.1.jar" | cut -d ' ' -f 1)"
reads boot.jar
is "with the mode that it had" "$(stat -c %a "$T/unpacked$app/boot.jar")" "$(stat -c %a "$app/boot.jar")"
is "an inventory of the result has the new versions alone" "$(sbom out:patched core api silent)" "api@2.17.1 core@2.17.1 silent@1.1"
check "patches it again" patch again boot.json --repo "maven=$repo" -o json="$T/again.json"
is "and gets the same digest" "$(digest "$T/again.json")" "$(digest "$T/out.json")"
check "patches what was patched" "$HULLMARK" patch "oci:$T/out:patched" --to "oci:$T/twice:patched" --report "$T/boot.json" --repo "maven=$repo" -o json="$T/twice.json"
is "from its base: the same layer" "$("$python" -c 'import json, sys; print(*[json.load(open(p)).get("layer") for p in sys.argv[1:]], sep="\n")' "$T/twice.json" "$T/out.json" | sort -u | wc -l)" 1
check "--dry-run writes nothing" patch dry boot.json --repo "maven=$repo" --dry-run
fails "that is so" test -e "$T/dry/index.json"
check "the provenance names the jar" patch vouched boot.json --repo "maven=$repo" --provenance "$T/provenance"
like "by its digest" "$(<"$T/provenance")" "$(sha256sum "$repo/org/acme/api/2.17.1/api-2.17.1.jar" | cut -d ' ' -f 1)"
report earlier.json org.acme:inner 1.0 1.1 ""
check "another one later" "$HULLMARK" patch "oci:$T/out:patched" --to "oci:$T/later:patched" --report "$T/earlier.json" --repo "maven=$repo" -o json="$T/later.json"
is "keeps what was replaced before" "$(sbom later:patched core silent inner)" "core@2.17.1 inner@1.1 silent@1.1"

# fixed OUTER NAME FROM FIX VERSION ENTRY NEWENTRY [PATH]: it is replaced there, and nothing else
fixed() {
	report fixed.json "org.acme:$2" "$3" "$4" "${8:-}"
	rm -rf "$T/fixed"
	check "$1: $2 is replaced" patch fixed fixed.json --repo "maven=$repo" -o json="$T/fixed.out"
	like "$1: by $5" "$(told "$T/fixed.out")" "^org.acme:$2 $5 fixed"
	unpack fixed
	is "$1: all else is as it was" "$(same "$1" "$6" "$7" "$repo/org/acme/$2/$5/$2-$5.jar" 2>&1)" ""
	reads "$1"
}
lib=WEB-INF/lib
fixed shop.war inner 1.0 1.1 1.1 "$lib/inner-1.0.jar" "$lib/inner-1.1.jar"
fixed shop.war inner 1.0 1.1 1.1 "$lib/inner-1.0.jar" "$lib/inner-1.1.jar" "${app#/}/shop.war!/$lib/inner-1.0.jar"
fixed shop.war inner 1.0 1.1 1.1 "$lib/inner-1.0.jar" "$lib/inner-1.1.jar" "${app#/}/shop.war/$lib/inner-1.0.jar"
fixed shop.war inner 1.0 1.1 1.1 "$lib/inner-1.0.jar" "$lib/inner-1.1.jar" "${app#/}/shop.war"
fixed streamed.jar flow 1.0 1.1 1.1 flow-1.0.jar flow-1.1.jar
fixed whole.ear helper 1.0 1.1 1.1 lib/helper-1.0.jar lib/helper-1.1.jar
fixed script.jar shifted 1.0 1.1 1.1 lib/shifted-1.0.jar lib/shifted-1.1.jar
fixed many.jar one 1.0 1.1 1.1 lib/one-1.0.jar lib/one-1.1.jar
fixed named.jar listed 1.0 1.1 1.1 lib/listed-1.0.jar lib/listed-1.0.jar
like "named.jar: it is said what names it" "$(<"$T/fixed.out")" 'keeps its name, which .*named.jar!/META-INF/INDEX.LIST'
fixed plain.jar pathed 1.0 1.1 1.1 lib/pathed-1.0.jar lib/pathed-1.0.jar
like "plain.jar: its Class-Path names it" "$(<"$T/fixed.out")" 'keeps its name, which the Class-Path of .*plain.jar'

# --- by a scan of its own, and proven by another ---

mkdir "$T/advisories"
for row in a:core:2.17.0 b:inner:1.1 c:deep:1.1; do
	IFS=: read -r id name fix <<<"$row"
	printf '{"id": "GHSA-%s", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Maven", "name": "org.acme:%s"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "%s"}]}]}]}\n' "$id" "$name" "$fix" >"$T/advisories/$id.json"
done
check "a database" "$HULLMARK" db import "$T/advisories" --db "$T/db" -q
scan() { "$HULLMARK" scan "oci:$T/$1" --db "$T/db" -o json | "$python" -c '
import re, sys
print(*sorted(set(re.findall("GHSA-[a-d]", sys.stdin.read()))))'; }
is "a scan finds three" "$(scan base:base)" "GHSA-a GHSA-b GHSA-c"
refuses 3 'not everything that has a fix' "a scan of its own says what to patch" "$HULLMARK" patch "oci:$T/base:base" --to "oci:$T/scanned:patched" --db "$T/db" --repo "maven=$repo" -o json="$T/scanned.out" --vex "openvex=$T/vex.json"
is "two are fixed, and the one that lies deeper is named" "$(told "$T/scanned.out" | cut -d ' ' -f 1-3 | sort)" "org.acme:core 2.17.1 fixed
org.acme:deep 1.0 blocked
org.acme:inner 1.1 fixed"
like "with the reason" "$(told "$T/scanned.out")" 'deep 1.0 blocked it lies inside .*/whole.ear!/web.war", as "WEB-INF/lib/deep-1.0.jar": archives that lie deeper than one level'
is "the patched image has that one alone" "$(scan scanned:patched)" "GHSA-c"
is "and that is what its VEX says" "$("$python" -c '
import json, sys
print(*sorted((s["vulnerability"]["name"][:6] + ":" + s["status"]) for s in json.load(open(sys.argv[1]))["statements"]))' "$T/vex.json")" "GHSA-a:fixed GHSA-b:fixed GHSA-c:affected"

# --- what stays, and why ---

# stays OUTER REASON NAME [PATH]
stays() {
	report stays.json "org.acme:$3" 1.0 1.1 "${4:-}"
	rm -rf "$T/stays"
	refuses 3 'not everything that has a fix' "$1: stays" patch stays stays.json --repo "maven=$repo" -o json="$T/stays.out"
	like "$1: and says why" "$(told "$T/stays.out")" "$3 1.0 blocked .*$2"
	fails "$1: no image was written" test -e "$T/stays/index.json"
}
stays signed.jar 'signed.jar", as "lib/sig-1.0.jar": the archive cannot be written again: it is signed \(META-INF/ACME.SF\)' sig
stays signed.jar 'cannot be written again: it is signed' sig "${app#/}/signed.jar!/lib/sig-1.0.jar"
stays whole.ear 'deeper than one level' deep
stays whole.ear 'deeper than one level' deep "${app#/}/whole.ear/web.war/WEB-INF/lib/deep-1.0.jar"
stays whole.ear 'deeper than one level' deep "${app#/}/whole.ear!/web.war!/WEB-INF/lib/deep-1.0.jar"
stays twice.jar 'cannot be written again: "a.txt" is there twice' dup
stays locked.jar 'cannot be written again: "secret.txt" is encrypted' locked
stays wide.jar 'cannot be written again: .*zip64' wide
stays lying.jar 'cannot be written again: "a.txt" has another name where it lies' lying
stays sized.jar 'cannot be written again: "a.txt" has another size or kind where it lies' sized
stays gap.jar 'cannot be written again: behind "a.txt" are bytes that nothing explains' gap
stays over.jar 'cannot be written again: "a.txt" overlaps' over
stays soft.jar 'cannot be written again: "link" is a link' soft
stays ends.jar 'cannot be written again: its end' ends
stays hard.jar 'hard(-other)?.jar", which has other names' hard
stays taken.jar 'taken-1.1.jar" lies there already' taken
stays rotten.jar 'cannot be read' rotten "${app#/}/rotten.jar!/lib/rotten-1.0.jar"
stays tied.jar 'org.acme:user 1.0 requires org.acme:tied \[1.0,1.1\)' tied
report boundary.json org.acme:lonely 1.0 1.1 ""
check "a requirement of what lies in another archive counts for nothing" patch boundary boundary.json --repo "maven=$repo"
report mixed.json org.acme:sig 1.0 1.1 "" org.acme:inner 1.0 1.1 ""
refuses 3 'not everything that has a fix' "one that stays does not keep another" patch mixed mixed.json --repo "maven=$repo" -o json="$T/mixed.out"
like "which is fixed" "$(told "$T/mixed.out")" 'inner 1.1 fixed'

# a layer above that has it in another form, and one that hides it
check "an image whose second layer has it" nested two "$T/two" base "$app/shop.war" "$app/whole.ear"
report two.json org.acme:inner 1.0 1.1 ""
check "it is taken from that layer" "$HULLMARK" patch "oci:$T/two:base" --to "oci:$T/twoout:patched" --report "$T/two.json" --repo "maven=$repo"
is "and is the new one" "$(sbom twoout:patched inner)" "inner@1.1"

# --- a Java that runs it ---

# An application that finds its classes in the jars in it, as JarInputStream and ZipFile read them.
run_java() {
	local v
	mkdir -p "$T/java/src"
	cat >"$T/java/src/Main.java" <<'JAVA'
import java.io.*;
import java.util.*;
import java.util.jar.*;

public class Main extends ClassLoader {
	final Map<String, byte[]> classes = new HashMap<>();

	protected Class<?> findClass(String name) throws ClassNotFoundException {
		byte[] b = classes.get(name.replace('.', '/') + ".class");
		if (b == null)
			throw new ClassNotFoundException(name);
		return defineClass(name, b, 0, b.length);
	}

	public static void main(String[] args) throws Exception {
		Main loader = new Main();
		try (JarFile outer = new JarFile(System.getProperty("java.class.path"))) {
			for (JarEntry e : Collections.list(outer.entries())) {
				if (!e.getName().startsWith("BOOT-INF/lib/") || !e.getName().endsWith(".jar"))
					continue;
				JarInputStream in = new JarInputStream(outer.getInputStream(e));
				for (JarEntry i; (i = in.getNextJarEntry()) != null;)
					if (i.getName().endsWith(".class"))
						loader.classes.put(i.getName(), in.readAllBytes());
			}
		}
		System.out.println(loader.loadClass("lib.Greeting").getField("TEXT").get(null));
	}
}
JAVA
	for v in 1.0 1.2; do
		mkdir -p "$T/java/$v/lib" "$T/java/classes-$v"
		printf 'package lib; public class Greeting { public static final Object TEXT = "greeting %s"; }\n' "$v" >"$T/java/$v/lib/Greeting.java"
		javac -d "$T/java/classes-$v" "$T/java/$v/lib/Greeting.java" || return
		mkdir -p "$T/java/classes-$v/META-INF/maven/org.acme/greeting"
		printf 'groupId=org.acme\nartifactId=greeting\nversion=%s\n' "$v" >"$T/java/classes-$v/META-INF/maven/org.acme/greeting/pom.properties"
		jar --create --file "$T/java/greeting-$v.jar" -C "$T/java/classes-$v" . || return
	done
	mkdir -p "$T/java/main/BOOT-INF/lib" "$T/java/app"
	cp "$T/java/greeting-1.0.jar" "$T/java/main/BOOT-INF/lib"
	printf -- '- "BOOT-INF/lib/greeting-1.0.jar"\n' >"$T/java/main/BOOT-INF/classpath.idx"
	javac -d "$T/java/main" "$T/java/src/Main.java" || return
	jar --create --no-compress --main-class Main --file "$T/java/app/stored.jar" -C "$T/java/main" . || return
	jar --create --main-class Main --file "$T/java/app/packed.jar" -C "$T/java/main" . || return
	# shellcheck disable=SC2016 # the shell of the script fills it in
	{ printf '#!/bin/sh\nexec java -jar "$0"\n' && cat "$T/java/app/stored.jar"; } >"$T/java/app/script.jar"
	chmod 755 "$T/java/app/script.jar"
}
if have java && have javac && have jar; then
	check "javac and jar make an application" run_java || note "$err"
	for name in stored packed script; do is "which runs ($name)" "$(java -jar "$T/java/app/$name.jar")" "greeting 1.0"; done
	mkdir "$T/jnew" && cp "$T/java/greeting-1.2.jar" "$T/jnew"
	language image "$T/jbase" base "$T/java/app"
	report java.json org.acme:greeting 1.0 1.1 ""
	check "it is patched" "$HULLMARK" patch "oci:$T/jbase:base" --to "oci:$T/jout:patched" --report "$T/java.json" --repo "maven=$T/jnew"
	language unpack "$T/jout" patched "$T/jun"
	for name in stored packed script; do is "Java loads the class of the new jar ($name)" "$(java -jar "$T/jun$T/java/app/$name.jar")" "greeting 1.2"; done
	is "all else is as it was" "$(for name in stored packed script; do nested same "$T/java/app/$name.jar" "$T/jun$T/java/app/$name.jar" \
		BOOT-INF/lib/greeting-1.0.jar BOOT-INF/lib/greeting-1.2.jar "$T/java/greeting-1.2.jar" 2>&1; done | grep -v -e 'classpath.idx: another content' -e 'greeting-1.2.jar: another time')" ""
	is "and the shell still begins it" "$("$T/jun$T/java/app/script.jar")" "greeting 1.2"
else
	note "no JDK: nothing is run"
fi
done_testing
