#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trivy's own integration tests: its advisories, made into OSV, and the packages of its goldens, made
# into an SBOM, give the vulnerabilities and fixed versions that the goldens say, no more and no less.
. "$(dirname "$0")/../lib.sh"
need python3
need_data sbom/trivy-integration
python3 -c 'import yaml' 2>/dev/null || { echo "1..0 # skip no yaml module for python3"; exit 0; }

cat >"$T/convert.py" <<'END'
import glob, json, os, re, sys, urllib.parse, yaml
data, out = sys.argv[1:]
LANG = {"pip": "PyPI", "npm": "npm", "go": "Go", "cargo": "crates.io", "rust": "crates.io", "maven": "Maven", "pub": "Pub"}
OS = [(r"debian (\d+)", "Debian:{}"), (r"ubuntu ([\d.]+)", "Ubuntu:{}:LTS"), (r"alpine ([\d.]+)", "Alpine:v{}"),
      (r"rocky (\d+)", "Rocky Linux:{}"), (r"alma (\d+)", "AlmaLinux:{}")]

def ecosystem(bucket):
    if "::" in bucket:
        return LANG.get(bucket.split("::")[0])
    for pattern, name in OS:
        m = re.fullmatch(pattern, bucket)
        if m:
            return name.format(m[1])

def strip(v, eco):
    return v[1:] if eco == "Go" and v.startswith("v") else v

def constraint(text, eco):
    """One conjunction as the events of a range."""
    m = re.fullmatch(r"([\[(])([^,]*),([^,]*)([\])])", text)
    if m:
        text = ", ".join(x for x in [m[2] and (">= " if m[1] == "[" else "> ") + m[2], m[3] and ("<= " if m[4] == "]" else "< ") + m[3]] if x)
    events = [{"introduced": "0"}]
    for part in text.split(","):
        op, version = re.fullmatch(r"\s*(<=|>=|<|>|=)?\s*(\S+)\s*", part).groups()
        version = strip(version, eco)
        if op in (">=", ">", "=", None):
            events[0] = {"introduced": version}
        if op == "<":
            events.append({"fixed": version})
        if op in ("<=", "=", None):
            events.append({"last_affected": version})
    return events

def ranges(v, eco):
    vulnerable, patched = v.get("VulnerableVersions"), v.get("PatchedVersions") or []
    if vulnerable:
        found = [constraint(p, eco) for v in vulnerable for p in v.split("||")]
        if len(found) == len(patched) == 1 and "last_affected" in found[0][-1]:
            found[0][-1] = {"fixed": patched[0]}  # as the advisory itself has it
        return found
    if patched and eco:  # what no patched range contains
        lows = sorted((re.search(r">=?\s*([^\s,]+)", p)[1], (re.search(r"<\s*([^\s,]+)", p) or [0, None])[1]) for p in patched if ">" in p)
        events = [{"introduced": "0"}]
        for low, high in lows:
            events.append({"fixed": low})
            if high:
                events.append({"introduced": high})
        return [events]
    if v.get("Entries"):
        return [[{"introduced": "0"}, {"fixed": v["Entries"][0]["FixedVersion"]}]]
    return [[{"introduced": "0"}] + ([{"fixed": v["FixedVersion"]}] if v.get("FixedVersion") else [])]

os.mkdir(out + "/osv")
sources, n = {}, 0
for f in sorted(glob.glob(data + "/fixtures/db/*.yaml")):
    for bucket in yaml.safe_load(open(f)) or []:
        eco = ecosystem(bucket["bucket"])
        for package in (bucket.get("pairs") or []) if eco else []:
            for pair in package["pairs"]:
                v = pair["value"]
                if not isinstance(v, dict):
                    continue
                sources.setdefault((eco, pair["key"]), set()).add(package["bucket"])
                n += 1
                doc = {"id": f"TEST-{n}", "modified": "2024-01-01T00:00:00Z", "aliases": [pair["key"]],
                       "affected": [{"package": {"ecosystem": eco, "name": package["bucket"]},
                                     "ranges": [{"type": "ECOSYSTEM", "events": e} for e in ranges(v, eco)]}]}
                json.dump(doc, open(f"{out}/osv/{n}.json", "w"))

ECO_OF = {"deb/debian": "Debian:", "deb/ubuntu": "Ubuntu:", "apk/alpine": "Alpine:v", "rpm/rocky": "Rocky Linux:", "rpm/alma": "AlmaLinux:"}
def source_of(purl, cve, name):
    for head, eco in ECO_OF.items():
        if purl.startswith("pkg:" + head):
            found = set().union(*[s for (e, c), s in sources.items() if c == cve and e.startswith(eco)] or [set()])
            return None if not found or name in found else sorted(found)[0]

def lowest(fixed):
    """Of "v2.8.0" or ">= 3.1.0, >= 2.1.3, < 3.0.0" the lowest that has the fix."""
    versions = [re.sub(r"^(>=\s*|v)", "", f.strip()) for f in fixed.split(",") if not f.strip().startswith("<")]
    return min(versions, key=lambda v: [int(n) for n in re.findall(r"\d+", v)], default="")

TYPES = "alma alpine debian ubuntu rocky cargo npm pip gomod pom jar pylock uv yarn bun".split()
for f in sorted(glob.glob(data + "/*.json.golden")):
    name = os.path.basename(f).split(".json")[0]
    doc = json.load(open(f))
    # alpine-distroless: its repositories file names another release than its purls
    if name.startswith(("alpine-distroless", "gomod-vex", "gomod-skip", "spring4shell", "ubi", "alpine-39-", "test-repo")) or "ignore-unfixed" in name or "severity" in name:
        continue  # filtered by flags that are no part of matching, or of other databases
    components, want = {}, set()
    for r in doc.get("Results") or []:
        if r.get("Type") not in TYPES:
            continue
        for p in r.get("Packages") or []:
            if p.get("Version") and p["Identifier"].get("PURL"):
                components[p["Identifier"]["PURL"]] = (p["Name"], p["Version"])
        for v in r.get("Vulnerabilities") or []:
            purl, cve = v["PkgIdentifier"]["PURL"], v["VulnerabilityID"]
            source = source_of(purl, cve, v["PkgName"])
            if source:
                purl += ("&" if "?" in purl else "?") + "upstream=" + urllib.parse.quote(source)
            components[purl] = (v["PkgName"], v["InstalledVersion"])
            want.add((purl.split("?")[0], cve, lowest(v.get("FixedVersion") or "")))
    if not want:
        continue
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "bom-ref": purl, "name": n, "version": v, "purl": purl} for purl, (n, v) in sorted(components.items())]}
    json.dump(bom, open(f"{out}/{name}.cdx", "w"))
    open(f"{out}/{name}.want", "w").write("".join(sorted("\t".join(w) + "\n" for w in want)))
END
cat >"$T/got.py" <<'END'
import json, sys
for m in json.load(open(sys.argv[1]))["matches"]:
    ids = [m["id"]] + [a for a in m["aliases"] if not a.startswith("TEST-")]
    print(m["package"]["purl"].split("?")[0], next((i for i in ids if not i.startswith("TEST-")), ids[0]), (m["fixed"] or [""])[0], sep="\t")
END

mkdir "$T/trivy"
check "its advisories are made into OSV" python3 "$T/convert.py" "$TESTDATA/sbom/trivy-integration" "$T/trivy"
check "and imported" "$HULLMARK" db import "$T/trivy/osv" --db "$T/trivy/db" -q
for want in "$T"/trivy/*.want; do
	name=$(basename "$want" .want)
	"$HULLMARK" scan "sbom:$T/trivy/$name.cdx" --db "$T/trivy/db" -q -o json >"$T/$name.json" 2>"$T/err" || { not_ok "$name is scanned" "$(<"$T/err")"; continue; }
	python3 "$T/got.py" "$T/$name.json" | LC_ALL=C sort -u >"$T/$name.got"
	LC_ALL=C sort -u "$want" >"$T/$name.sorted"
	same "$name: $(wc -l <"$T/$name.sorted") vulnerabilities and their fixes, of $(grep -c bom-ref <(tr ',' '\n' <"$T/trivy/$name.cdx")) packages" "$T/$name.sorted" "$T/$name.got"
done
done_testing
