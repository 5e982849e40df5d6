#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""policy-mutations.py oci|blob DIR: trust policies in which one thing each is unusual, or breaks a rule of the specification.

Each is a file DIR/NAME.json; names are printed, one a line. What begins with "good-" is valid.
"""
import json
import sys

kind, folder = sys.argv[1:]
own = {"registryScopes": ["registry.example/team/app"]} if kind == "oci" else {}


def statement(**more):
    s = {"name": "first", **own, "signatureVerification": {"level": "strict"}, "trustStores": ["ca:acme"],
         "trustedIdentities": ["x509.subject: C=US, ST=WA, O=Acme"]}
    for key, value in more.items():
        if value is ...:
            del s[key]
        else:
            s[key] = value
    return s


def document(*statements, **more):
    d = {"version": "1.0", "trustPolicies": list(statements) or [statement()]}
    for key, value in more.items():
        if value is ...:
            del d[key]
        else:
            d[key] = value
    return d


def put(name, text):
    text = text if isinstance(text, (str, bytes)) else json.dumps(text)
    with open(f"{folder}/{name}.json", "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    print(name)


def one(case, **more):
    put(case, document(statement(**more)))


def verification(case, **more):
    one(case, signatureVerification={"level": "strict", **more})


def second(**more):
    other = {"registryScopes": ["registry.example/team/other"]} if kind == "oci" else {}
    return statement(**{"name": "second", **other, **more})


# --- the document ---
put("good-least", document())
put("good-two", document(statement(), second()))
put("good-indented", json.dumps(document(), indent=4) + "\n")
put("no-json", "{")
put("empty", "")
put("list", [document()])
put("null", "null")
put("more-behind", json.dumps(document()) + "x")
put("no-version", document(version=...))
put("version-empty", document(version=""))
put("version-2", document(version="2.0"))
put("version-number", document(version=1.0))
put("version-blank", document(version="1.0 "))
put("no-statements", document(trustPolicies=...))
put("statements-empty", document(trustPolicies=[]))
put("statements-null", document(trustPolicies=None))
put("statements-object", document(trustPolicies=statement()))
put("statement-text", document("x"))
put("statement-null", document(None))
put("same-name", document(statement(), second(name="first")))

# --- a statement's name ---
one("no-name", name=...)
one("name-empty", name="")
one("name-number", name=1)
one("good-name-of-words", name="a name, with \u00fcml\u00e4uts")

# --- how ---
one("no-verification", signatureVerification=...)
one("verification-null", signatureVerification=None)
one("verification-text", signatureVerification="strict")
one("no-level", signatureVerification={})
for level in ("strict", "permissive", "audit"):
    verification("good-" + level, level=level)
for level in ("", "lax", "Strict", "STRICT", " strict", "strict,audit"):
    verification("level-" + (level.strip() or "empty") + str(len(level)), level=level)
verification("level-number", level=1)
one("good-skip", signatureVerification={"level": "skip"}, trustStores=..., trustedIdentities=...)
one("good-skip-empty-lists", signatureVerification={"level": "skip"}, trustStores=[], trustedIdentities=[])
one("skip-with-stores", signatureVerification={"level": "skip"}, trustedIdentities=...)
one("skip-with-identities", signatureVerification={"level": "skip"}, trustStores=...)
for check in ("authenticity", "authenticTimestamp", "expiry", "revocation"):
    for action in ("enforce", "log"):
        verification(f"good-{check}-{action}", override={check: action})
        verification(f"good-permissive-{check}-{action}", level="permissive", override={check: action})
for check in ("authenticity", "authenticTimestamp", "expiry"):
    verification(f"{check}-skipped", override={check: "skip"})
verification("good-revocation-skipped", override={"revocation": "skip"})
for action in ("enforce", "log", "skip"):
    verification(f"integrity-{action}", override={"integrity": action})
verification("override-unknown-check", override={"freshness": "log"})
verification("override-unknown-action", override={"expiry": "warn"})
verification("override-empty-action", override={"expiry": ""})
verification("override-upper-case", override={"Expiry": "log"})
verification("override-list", override=["expiry"])
verification("override-number", override={"expiry": 1})
verification("good-override-empty", override={})
one("skip-overridden", signatureVerification={"level": "skip", "override": {"expiry": "log"}}, trustStores=..., trustedIdentities=...)
verification("good-timestamp-always", verifyTimestamp="always")
verification("good-timestamp-after", verifyTimestamp="afterCertExpiry")
verification("good-timestamp-empty", verifyTimestamp="")
for value in ("never", "Always", "aftercertexpiry"):
    verification("timestamp-" + value, verifyTimestamp=value)
verification("timestamp-true", verifyTimestamp=True)

# --- whom ---
one("no-stores", trustStores=...)
one("stores-empty", trustStores=[])
one("stores-text", trustStores="ca:acme")
one("stores-number", trustStores=[1])
for store in ("ca:a", "signingAuthority:a.b", "tsa:a_b-c", "ca:A1"):
    one("good-store-" + store.replace(":", "-"), trustStores=["ca:acme", store])
for i, store in enumerate(("", "*", "ca", "ca:", ":acme", "CA:acme", "root:acme", "ca:../x", "ca:a/b", "ca:a b", "ca:a:b", "ca:*",
                           "ca:\u00e4", "signingauthority:a")):
    one(f"store-{i}", trustStores=[store])
one("no-identities", trustedIdentities=...)
one("identities-empty", trustedIdentities=[])
one("identities-text", trustedIdentities="*")
one("good-anyone", trustedIdentities=["*"])
one("anyone-and-more", trustedIdentities=["*", "x509.subject: C=US, ST=WA, O=Acme"])
one("good-two-identities", trustedIdentities=["x509.subject: C=US, ST=WA, O=Acme", "x509.subject: C=US, ST=WA, O=Other"])
one("good-plugin-identity", trustedIdentities=["signer.example:arn:x"])
one("good-s-for-st", trustedIdentities=["x509.subject: C=US, S=WA, O=Acme"])
one("good-no-blanks", trustedIdentities=["x509.subject:C=US,ST=WA,O=Acme"])
one("good-escaped", trustedIdentities=["x509.subject: C=US, ST=WA, O=Acme\\, Inc."])
one("same-identity-twice", trustedIdentities=["x509.subject: C=US, ST=WA, O=Acme"] * 2)
one("identity-in-another", trustedIdentities=["x509.subject: C=US, ST=WA, O=Acme", "x509.subject: C=US, ST=WA, O=Acme, CN=x"])
for i, identity in enumerate(("", "x509.subject", "x509.subject:", "x509.subject: ", "Acme", "x509.subject: C=US", "x509.subject: C=US, ST=WA",
                              "x509.subject: C=US, O=Acme", "x509.subject: ST=WA, O=Acme", "x509.subject: C=US, ST=WA, O=Acme, O=Other",
                              "x509.subject: C=US, ST=WA, O", "x509.subject: C=US, ST=WA, O=Acme+CN=x", "x509.subject: C=US; ST=WA; O=Acme",
                              "x509.subject: C=US, ST=WA, O=Acme, =x", "x509.subject: C=US, ST=WA, O=", "x509.subject: C=, ST=WA, O=Acme")):
    one(f"identity-{i}", trustedIdentities=[identity])

# --- for which ---
if kind == "blob":
    one("good-global", globalPolicy=True)
    one("good-not-global", globalPolicy=False)
    one("good-global-audit", globalPolicy=True, signatureVerification={"level": "audit"})
    put("good-one-global", document(statement(globalPolicy=True), second()))
    put("two-global", document(statement(globalPolicy=True), second(globalPolicy=True)))
    one("global-skip", globalPolicy=True, signatureVerification={"level": "skip"}, trustStores=..., trustedIdentities=...)
    one("global-text", globalPolicy="true")
    one("global-number", globalPolicy=1)
    one("scopes", registryScopes=["registry.example/team/app"])
else:
    one("good-all", registryScopes=["*"])
    one("good-port", registryScopes=["localhost:5000/a/b"])
    one("good-more-scopes", registryScopes=["r.example/a", "r.example/b"])
    put("good-all-and-one", document(statement(), second(registryScopes=["*"])))
    one("no-scopes", registryScopes=...)
    one("scopes-empty", registryScopes=[])
    one("scopes-text", registryScopes="*")
    one("all-and-more", registryScopes=["*", "r.example/a"])
    put("all-twice", document(statement(registryScopes=["*"]), second(registryScopes=["*"])))
    put("same-scope", document(statement(), second(registryScopes=["registry.example/team/app"])))
    one("scope-twice", registryScopes=["r.example/a", "r.example/a"])
    for i, scope in enumerate(("", "r.example", "r.example/", "/a", "r.example/A", "r.example/a:v1", "r.example/a@sha256:x", "r.example/*",
                               "*/a", "https://r.example/a", "r.example//a", "r.example/a/", "r example/a")):
        one(f"scope-{i}", registryScopes=[scope])
    one("global", globalPolicy=True)

# --- what JSON readers take differently ---
text = json.dumps(document())
put("name-twice", text.replace('"name": "first"', '"name": "x", "name": "first"'))
put("level-twice", text.replace('"level": "strict"', '"level": "skip", "level": "strict"'))
put("other-case", text.replace('"level"', '"Level"'))
put("unknown-member", document(more=1))
one("unknown-member-of-a-statement", comment="x")
verification("unknown-member-of-verification", comment="x")
put("byte-order-mark", b"\xef\xbb\xbf" + text.encode())
put("no-utf-8", text.encode().replace(b"first", b"f\xff"))
put("comment", text + "// x")
put("comma-behind", text.replace("}]", "},]"))
