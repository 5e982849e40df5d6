// SPDX-License-Identifier: Apache-2.0
// documents.mjs DIR [PARTS]: what the page's tests look at. Two releases that differ in a few parts, one of PARTS parts (5000),
// and one whose every text tries to be something else.
import { mkdirSync, writeFileSync } from "node:fs";

const [dir, parts = "5000"] = process.argv.slice(2);
mkdirSync(dir, { recursive: true });

const part = (name, version, more = {}) => ({
  type: "library",
  name,
  version,
  "bom-ref": `${name}@${version}`,
  purl: `pkg:npm/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
  ...more,
});
const bom = (name, version, components, dependencies) => ({
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  version: 1,
  metadata: {
    timestamp: "2026-03-01T10:00:00Z",
    component: { type: "container", name, version, "bom-ref": "root", purl: `pkg:oci/${encodeURIComponent(name)}@${version}` },
  },
  components,
  dependencies: dependencies ?? [{ ref: "root", dependsOn: components.map((c) => c["bom-ref"]) }],
});
const put = (name, document) => writeFileSync(`${dir}/${name}`, JSON.stringify(document));

const licence = (id) => ({ licenses: [{ license: { id } }] });
const shared = Array.from({ length: 12 }, (_, i) => part(`common-${i}`, "1.0.0", licence(i % 3 ? "MIT" : "Apache-2.0")));
put("shop-1.json", bom("shop", "1.0.0", [...shared, part("lodash", "4.17.20", licence("MIT")), part("left-pad", "1.1.0")]));
put("shop-2.json", bom("shop", "2.0.0", [...shared, part("lodash", "4.17.21", licence("MIT")), part("right-pad", "1.0.0")]));
put("many.json", bom("many", "1.0.0", Array.from({ length: Number(parts) }, (_, i) => part(`part-${i}`, "1.0.0"))));

export const hostile = [
  "<img src=x onerror=alert(1)>",
  '"><script>alert(2)</script>',
  "javascript:alert(3)",
  "'onmouseover='alert(4)",
  "\u202egnp.exe",
  "a\u0007b\u200bc",
  "${alert(5)}{{7*7}}",
  "</title><svg onload=alert(6)>",
  "--><!--<iframe src=//example.invalid>",
  "pkg:npm/x?q=<b>&amp;%3Cb%3E",
];
put(
  "hostile <img src=x onerror=alert(7)>.json",
  bom(
    "evil",
    "1.0.0",
    hostile.map((name, i) =>
      part(name, `1.${i}.0-${name.slice(0, 12)}`, {
        licenses: [{ license: { name: `${name} licence` } }],
        supplier: { name, url: ["javascript:alert(8)"] },
        externalReferences: [{ type: "website", url: "javascript:alert(9)" }],
        description: name,
        copyright: name,
      }),
    ),
  ),
);

// what a scanner found in the older of the two, and what VEX says of one of it; the vulnerability has a package with a long name, too
const found = (id, name, version, severity) => ({
  VulnerabilityID: id, PkgName: name, PkgIdentifier: { PURL: `pkg:npm/${name}@${version}` }, InstalledVersion: version, Severity: severity,
});
const long = "a-package-whose-name-has-neither-end-nor-a-place-to-break-it".repeat(2);
put("long.json", bom("long", "1.0.0", [part(long, "1.0.0"), part("lodash", "4.17.19")]));
put("report.json", {
  SchemaVersion: 2,
  CreatedAt: "2026-03-02T10:00:00Z",
  ArtifactName: "shop",
  ArtifactType: "container_image",
  Results: [
    {
      Target: "shop",
      Class: "lang-pkgs",
      Type: "npm",
      Vulnerabilities: [
        found("CVE-2021-23337", "lodash", "4.17.20", "HIGH"),
        found("CVE-2021-23337", "lodash", "4.17.19", "HIGH"),
        found("CVE-2021-23337", long, "1.0.0", "HIGH"),
        found("CVE-2020-28500", "lodash", "4.17.20", "MEDIUM"),
      ],
    },
  ],
});
put("vex.json", {
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex/1",
  author: "shop",
  timestamp: "2026-03-03T10:00:00Z",
  version: 1,
  statements: [
    {
      vulnerability: { name: "CVE-2021-23337" },
      products: [{ "@id": "pkg:npm/lodash@4.17.19" }],
      status: "not_affected",
      justification: "vulnerable_code_not_in_execute_path",
    },
  ],
});
