#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""guac-documents.py DIR: an SBOM of each kind and a provenance, which GUAC and this program both read."""
import json
import os
import sys

top = sys.argv[1]


def write(name, doc):
    with open(os.path.join(top, name), "w") as f:
        json.dump(doc, f)


def component(name, version, digest=None, licence=None, group=None):
    full = f"%40{group}/{name}" if group else name
    c = {"type": "library", "name": name, "version": version, "purl": f"pkg:npm/{full}@{version}", "bom-ref": f"{name}@{version}"}
    if digest:
        c["hashes"] = [{"alg": "SHA-256", "content": digest * 64}]
    if licence:
        c["licenses"] = [{"license": {"id": licence}}]
    return c


write("app.cdx.json", {
    "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "metadata": {"timestamp": "2024-05-01T10:00:00Z", "component": component("app", "1.0.0")},
    "components": [component("lodash", "4.17.20", "a", "MIT"), component("core", "2.0.0", "b", "Apache-2.0", group="x"),
                   component("left-pad", "1.3.0")],
    "dependencies": [{"ref": "app@1.0.0", "dependsOn": ["core@2.0.0"]}, {"ref": "core@2.0.0", "dependsOn": ["lodash@4.17.20"]}],
})


def package(n, name, version):
    return {"SPDXID": f"SPDXRef-{n}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "MIT", "licenseDeclared": "MIT", "copyrightText": "NONE",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": f"pkg:npm/{name}@{version}"}]}


write("tool.spdx.json", {
    "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "tool",
    "documentNamespace": "https://example.org/tool", "creationInfo": {"created": "2024-05-02T10:00:00Z", "creators": ["Tool: test"], "licenseListVersion": "3.20"},
    "packages": [package(1, "tool", "3.0.0"), package(2, "lodash", "4.17.20"), package(3, "minimist", "1.2.5")],
    "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-1", "relationshipType": "DESCRIBES"},
                      {"spdxElementId": "SPDXRef-1", "relatedSpdxElement": "SPDXRef-2", "relationshipType": "DEPENDS_ON"},
                      {"spdxElementId": "SPDXRef-2", "relatedSpdxElement": "SPDXRef-3", "relationshipType": "DEPENDS_ON"}],
})
write("image.slsa.json", {
    "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
    "subject": [{"name": "pkg:oci/image@1", "digest": {"sha256": "c" * 64}}],
    "predicate": {"builder": {"id": "https://example.org/builder"}, "buildType": "https://example.org/type",
                  "metadata": {"buildStartedOn": "2024-05-03T10:00:00Z", "buildFinishedOn": "2024-05-03T10:05:00Z"},
                  "materials": [{"uri": "git+https://github.com/example/image", "digest": {"sha1": "d" * 40}}]},
})


def scanned(purl, *found):
    """What a scanner says of a package: these vulnerabilities, or none."""
    name = purl.split("/")[-1].replace("@", "-")
    write(f"{name}.vulns.json", {
        "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://in-toto.io/attestation/vulns/v0.1", "subject": [{"uri": purl}],
        "predicate": {"invocation": {"uri": "https://example.org/scan", "producer_id": "example"},
                      "scanner": {"uri": "osv.dev", "version": "0.0.14", "db": {}, "result": [{"id": f} for f in found]},
                      "metadata": {"scanStartedOn": "2024-05-04T10:00:00Z", "scanFinishedOn": "2024-05-04T10:00:00Z"}}})


scanned("pkg:npm/lodash@4.17.20", "GHSA-35jh-r3h4-6jhm", "GHSA-29mw-wpgm-hmr9")
for purl in ("pkg:npm/%40x/core@2.0.0", "pkg:npm/left-pad@1.3.0", "pkg:npm/app@1.0.0"):
    scanned(purl)
