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
