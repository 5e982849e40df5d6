#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Labels that people gave to the findings of scanners (Anchore's vulnerability match labels): of each
# labelled image an SBOM is made of the packages that the labels name, and scanned with the advisories
# at hand. Prints, for each image, how many labelled findings are right (TP) and wrong (FP), and how
# many right ones are not found. What nobody labelled is not counted. The labels do not say of what
# type a package is: where no distribution is known, it is tried as one of each language, which
# finds some that are wrong; and the rebuilds that stand in for RHEL number their modules anew.
. "$(dirname "$0")/../lib.sh"
need python3 zstd
need_data sbom/vml/labels.tsv.zst vuln/osv
zstd -dcq "$TESTDATA/sbom/vml/labels.tsv.zst" >"$T/labels.tsv"

cat >"$T/sboms.py" <<'END'
import collections, csv, json, os, re, sys, urllib.parse
labels, out = sys.argv[1:]
# The distribution of an image, where its name says it.
DISTROS = [(r"debian:(\d+)", "deb", "debian", "debian-{}"), (r"distroless/.*-debian(\d+)", "deb", "debian", "debian-{}"),
           (r"alpine[:-](3\.\d+)", "apk", "alpine", "alpine-{}"), (r"chainguard-images/", "apk", "wolfi", "wolfi-20230201"),
           # The rebuild stands in for its original: it fixes the same in the same versions.
           (r"(?:rhel|centos-stream)-(\d)", "rpm", "almalinux", "almalinux-{}")]
LANGUAGES = ["npm", "pypi", "golang", "maven", "cargo"]
images = collections.defaultdict(lambda: {"packages": set(), "labels": collections.defaultdict(dict)})
for row in csv.DictReader(open(labels), delimiter="\t", quoting=csv.QUOTE_NONE):
    if not row["package"] or not row["version"] or row["label"] not in ("TP", "FP"):
        continue
    image = images[row["image"]]
    image["packages"].add((row["package"], row["version"]))
    for cve in {row["vulnerability_id"], row["effective_cve"]} - {""}:
        image["labels"][row["package"], row["version"]].setdefault(cve, set()).add(row["label"])
for name, image in images.items():
    distro = next(((t, s, d.format(*m.groups())) for p, t, s, d in DISTROS for m in [re.search(p, name)] if m), None)
    components, keys = [], {}
    for package, version in sorted(image["packages"]):
        quote = lambda s: urllib.parse.quote(s, safe="")
        purls = [f"pkg:{distro[0]}/{distro[1]}/{quote(package)}@{quote(version)}?distro={distro[2]}"] if distro else []
        if not distro:
            for type in LANGUAGES:
                head, _, last = package.rpartition(":" if type == "maven" else "/")
                if type == "maven" and not head:
                    continue
                purls.append(f"pkg:{type}/" + (urllib.parse.quote(head, safe="/").replace("@", "%40") + "/" if head else "") + f"{quote(last)}@{quote(version)}")
        for purl in purls:
            components.append({"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl})
    safe = re.sub(r"[^A-Za-z0-9.]+", "-", name)
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}, open(f"{out}/{safe}.cdx", "w"))
    json.dump([[p, v, {k: sorted(l) for k, l in ids.items()}] for (p, v), ids in sorted(image["labels"].items())], open(f"{out}/{safe}.labels", "w"))
END
cat >"$T/score.py" <<'END'
import json, os, sys
folder = sys.argv[1]
total, rows = [0, 0, 0], []
for f in sorted(os.listdir(folder)):
    if not f.endswith(".labels") or not os.path.exists(f"{folder}/{f[:-7]}.json"):
        continue
    labels = {(p, v): ids for p, v, ids in json.load(open(f"{folder}/{f}"))}
    found = {}
    for m in json.load(open(f"{folder}/{f[:-7]}.json"))["matches"]:
        p = m["package"]
        for name in {p["name"], p["name"].split("/")[-1], p["name"].split(":")[-1]}:
            found.setdefault((name, p["version"]), []).append({m["id"], *m["aliases"], *m["advisories"]})
    tp = fp = 0
    for key, ids in labels.items():
        for match in found.get(key, []):
            said = {l for i in match for l in ids.get(i, [])}
            tp += said == {"TP"}
            fp += said == {"FP"}
    right = sum(1 for ids in labels.values() for l in ids.values() if l == ["TP"])
    if tp or fp:
        rows.append((f[:-7], tp, fp, right))
        total = [total[0] + tp, total[1] + fp, total[2] + right]
for name, tp, fp, right in rows:
    print(f"# {name:64} TP {tp:5} FP {fp:4}  precision {tp / (tp + fp):.3f}  of {right} ids labelled TP")
print(f"# all: TP {total[0]} FP {total[1]} precision {total[0] / max(1, total[0] + total[1]):.3f}")
json.dump({n: [t, f] for n, t, f, _ in rows}, open(f"{folder}/scores", "w"))
END

mkdir "$T/sboms"
check "the labels are made into SBOMs" python3 "$T/sboms.py" "$T/labels.tsv" "$T/sboms"
check "the advisories are imported" "$HULLMARK" db import "$TESTDATA/vuln/osv" --db "$T/db" -q
failed=0
for sbom in "$T"/sboms/*.cdx; do
	"$HULLMARK" scan "sbom:$sbom" --db "$T/db" -q -o json="${sbom%.cdx}.json" >"$T/err" 2>&1 || { ((++failed)) && note "$(<"$T/err")"; }
done
is "each is scanned" "$failed" 0
python3 "$T/score.py" "$T/sboms"
read -r tp fp < <(python3 -c 'import json, re, sys
s = [v for k, v in json.load(open(sys.argv[1])).items() if re.search(r"alpine|debian|chainguard", k)]
print(sum(t for t, _ in s), sum(f for _, f in s))' "$T/sboms/scores")
if ((tp >= 10 && fp == 0)); then ok "distributions whose own advisories are at hand: none wrong ($tp right)"; else not_ok "distributions whose own advisories are at hand: none wrong" "$tp right, $fp wrong"; fi
done_testing
