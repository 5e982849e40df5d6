/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - every limit on what is read from outside, once.
 *
 * A row is X(NAME, value, "unit", "what it bounds"): the constant HM_MAX_NAME, and a line of the
 * table in the manual, which is made from hm_limit_rows[].
 */
#ifndef HM_BASE_LIMITS_H
#define HM_BASE_LIMITS_H

#include "base/cx.h"

#define HM_KIB (UINT64_C(1) << 10)
#define HM_MIB (UINT64_C(1) << 20)
#define HM_GIB (UINT64_C(1) << 30)

/* clang-format off */
#define HM_LIMITS(X)                                                                              \
	X(MANIFEST,         4 * HM_MIB,   "bytes",   "an image manifest or index")                    \
	X(CONFIG,           8 * HM_MIB,   "bytes",   "an image configuration")                        \
	X(ENVELOPE,         32 * HM_MIB,  "bytes",   "a signature envelope")                          \
	X(JSON,             64 * HM_MIB,  "bytes",   "a JSON document (SBOM, report, lock file)")     \
	X(JSON_DEPTH,       64,           "levels",  "nesting of a JSON document")                    \
	X(XML_DEPTH,        64,           "levels",  "nesting of an XML document; one with a DOCTYPE is refused") \
	X(YAML,             4 * HM_MIB,   "bytes",   "a YAML document")                               \
	X(YAML_DEPTH,       64,           "levels",  "nesting of a YAML document")                    \
	X(YAML_NODES,       200000,       "nodes",   "nodes of a YAML stream; aliases are refused")   \
	X(TOML,             32 * HM_MIB,  "bytes",   "a TOML document")                               \
	X(CBOR_DEPTH,       32,           "levels",  "nesting of CBOR")                                \
	X(CBOR_ITEMS,       200000,       "items",   "of one CBOR document")                           \
	X(TEMPLATE,         64 * HM_KIB,  "bytes",   "a template (--template)")                       \
	X(TEMPLATE_DEPTH,   64,           "levels",  "nesting of a template: blocks, and parentheses") \
	X(TEMPLATE_STEPS,   20000000,     "steps",   "of one template")                               \
	X(TEMPLATE_OUTPUT,  64 * HM_MIB,  "bytes",   "what a template prints, or a text that it makes") \
	X(LAYOUT_INDEX,     64 * HM_MIB,  "bytes",   "index.json of an OCI layout")                   \
	X(LAYOUT_ENTRIES,   200000,       "entries", "manifests listed by an OCI layout")             \
	X(COPY_NODES,       200000,       "entries", "manifests and blobs of one copy")               \
	X(ARCHIVE_ENTRIES,  1000000,      "entries", "files of an OCI or Docker archive")             \
	X(INDEX_DEPTH,      4,            "levels",  "image indexes within image indexes")            \
	X(INDEX_MANIFESTS,  1000,         "entries", "manifests of one image index")                  \
	X(MANIFEST_LAYERS,  512,          "entries", "layers of one image manifest")                  \
	X(ANNOTATIONS,      1000,         "entries", "annotations of one object")                     \
	X(REFERRERS,        10000,        "entries", "referrers of one subject")                      \
	X(REFERRERS_PAGES,  1000,         "pages",   "pages of one list of referrers or tags")        \
	X(EVIDENCE,         100,          "entries", "SBOMs or reports looked at for one manifest")      \
	X(EVIDENCE_MANIFEST, 256 * HM_KIB, "bytes",  "the manifest of an SBOM or report")                 \
	X(REFERRERS_DEPTH,  8,            "levels",  "referrers of referrers")                        \
	X(CACHED,           1 * HM_MIB,   "bytes",   "a manifest or blob that is kept in the cache by its digest") \
	X(CACHED_ALL,       256 * HM_MIB, "bytes",   "all of them")                                   \
	X(CACHED_REVOCATION, 256 * HM_MIB, "bytes",  "answers about revocation that are kept")         \
	X(CACHED_LAYERS,    2 * HM_GIB,   "bytes",   "what is kept of all layers that were read")     \
	X(TAGS,             1000000,      "entries", "tags of one repository")                        \
	X(BLOB,             64 * HM_GIB,  "bytes",   "one blob")                                      \
	X(LAYER_RATIO,      500,          "times",   "inflated size over compressed size of a layer past its first GiB") \
	X(LAYER_TAR,        64 * HM_GIB,  "bytes",   "one layer, inflated")                           \
	X(LAYER_ENTRIES,    8000000,      "entries", "entries of one layer")                          \
	X(ZSTD_WINDOW,      128 * HM_MIB, "bytes",   "the window of a zstd frame")                   \
	X(XZ_MEMORY,        128 * HM_MIB, "bytes",   "what decoding an xz stream takes")               \
	X(XZ_HALVED,        16 * HM_MIB,  "bytes",   "an xz file that is held to be decoded in halves") \
	X(SPARSE,           100000,       "entries", "extents of one sparse file in an archive")     \
	X(TAR_EXTENDED,     16,           "entries", "extended headers before one entry of an archive") \
	X(PATH,             4096,         "bytes",   "a path in an archive")                          \
	X(PAX,              1 * HM_MIB,   "bytes",   "one pax or GNU extended header")                \
	X(KEPT_FILE,        256 * HM_MIB, "bytes",   "one file kept for a cataloger")                 \
	X(KEPT_LAYER,       1 * HM_GIB,   "bytes",   "files of one layer kept for catalogers")        \
	X(PACKAGE_LINKS,    128 * HM_KIB, "bytes",   "paths of symbolic links to packages that are followed") \
	X(THROUGH_LINKS,    1000,         "links",   "symbolic links of lower layers that entries of an image go through") \
	X(TOLD_LINKS,       4096,         "links",   "other symbolic links that may lead there, and are followed")  \
	X(LAYER_PACKAGES,   500000,       "entries", "packages found in one layer")                   \
	X(WORKER_RESULT,    512 * HM_MIB, "bytes",   "the answer of a worker process")                \
	X(WORKER_MEMORY,    2 * HM_GIB,   "bytes",   "memory of a worker process")                    \
	X(WORKER_SECONDS,   3600,         "seconds", "processor time of a worker process")            \
	X(AUDITABLE,        16 * HM_MIB,  "bytes",   "the list of crates in a Rust program, inflated")  \
	X(CHISEL,           64 * HM_MIB,  "bytes",   "the manifest of chisel, inflated")               \
	X(ARCHIVE_DEPTH,    8,            "levels",  "archives within archives (jar in war in ear)")  \
	X(ZIP_ENTRIES,      1000000,      "entries", "entries of one zip or jar file")                \
	X(ZIP_ENTRY,        256 * HM_MIB, "bytes",   "one entry of a zip or jar file, inflated")      \
	X(ADVISORY,         16 * HM_MIB,  "bytes",   "one advisory")                                  \
	X(ECOSYSTEMS,       512,          "entries", "ecosystems of one update of advisories")        \
	X(EPSS,             64 * HM_MIB,  "bytes",   "a file of EPSS scores, inflated")                \
	X(ADVISORIES,       20000000,     "entries", "advisories of one database")                    \
	X(MATCHES,          500000,       "entries", "matches of one scan")                              \
	X(VEX_STATEMENTS,   200000,       "entries", "statements of the VEX documents of one scan")     \
	X(VEX_PRODUCTS,     1000000,      "entries", "products that they name")                       \
	X(IGNORE_RULES,     100000,       "entries", "rules of what a scan is to ignore")             \
	X(FIXED_VERSIONS,   64,           "entries", "fixed versions that are shown for one match")     \
	X(VERSION,          4096,         "bytes",   "a version string")                              \
	X(CERTIFICATES,     32,           "entries", "certificates of one chain")                     \
	X(CERTIFICATE_FILE, 4 * HM_MIB,   "bytes",   "a file of certificates or keys")                \
	X(KEY_URI,          4096,         "bytes",   "the URI of a signing key")                      \
	X(KEY_SERVICE,      256 * HM_KIB, "bytes",   "an answer of a service that has keys")          \
	X(DOCKER_CONFIG,    4 * HM_MIB,   "bytes",   "Docker's config.json") \
	X(CREDENTIAL,       64 * HM_KIB,  "bytes",   "a password, or the answer of a credential helper") \
	X(DN,               4096,         "bytes",   "a distinguished name as text")                  \
	X(CRL,              32 * HM_MIB,  "bytes",   "a certificate revocation list")                 \
	X(OCSP,             20 * HM_KIB,  "bytes",   "an answer about one certificate's revocation")  \
	X(TIMESTAMP,        1 * HM_MIB,   "bytes",   "a timestamp token")                             \
	X(REVOCATION_URLS,  8,            "entries", "places to ask about one certificate's revocation") \
	X(NOTE,             64 * HM_KIB,  "bytes",   "a signed note: the checkpoint of a log")          \
	X(NOTE_SIGNATURES,  100,          "entries", "signatures of one note")                         \
	X(BUNDLE_ENTRIES,   32,           "entries", "entries of logs in one Sigstore bundle")          \
	X(BUNDLE_TIMESTAMPS, 32,          "entries", "timestamps in one Sigstore bundle")               \
	X(BUNDLE_HASHES,    64,           "entries", "hashes of one inclusion proof")                  \
	X(SIMPLE_PAYLOAD,   1 * HM_MIB,   "bytes",   "the document that a signature of Cosign's older form is over") \
	X(TRUSTED_ROOT,     4 * HM_MIB,   "bytes",   "a trusted root of Sigstore")                     \
	X(SIGNING_CONFIG,   1 * HM_MIB,   "bytes",   "a signing configuration of Sigstore")            \
	X(IDENTITY_TOKEN,   64 * HM_KIB,  "bytes",   "an identity token (OpenID Connect)")             \
	X(CERTIFICATE_ANSWER, 256 * HM_KIB, "bytes", "an answer of an authority of certificates")      \
	X(LOG_ANSWER,       32 * HM_MIB,  "bytes",   "an answer of a transparency log")                \
	X(AUTHORITIES,      1000,         "entries", "authorities or logs of one trusted root")        \
	X(TUF_ROOTS,        256,          "entries", "versions of a TUF root that one update goes through") \
	X(TUF_ROOT,         512 * HM_KIB, "bytes",   "TUF metadata of role root")                    \
	X(TUF_TIMESTAMP,    16 * HM_KIB,  "bytes",   "TUF metadata of role timestamp")               \
	X(TUF_SNAPSHOT,     2 * HM_MIB,   "bytes",   "TUF metadata of role snapshot")                \
	X(TUF_TARGETS,      5 * HM_MIB,   "bytes",   "TUF metadata of role targets")                 \
	X(TUF_KEYS,         256,          "entries", "keys of a TUF root, or signatures of one file of TUF metadata") \
	X(TUF_FILES,        10000,        "entries", "files that one file of TUF metadata names")    \
	X(TUF_SECONDS,      120,          "seconds", "an update of one trust store from its TUF mirror") \
	X(STATEMENT_SUBJECTS, 1024,       "entries", "subjects of one in-toto statement")              \
	X(PREDICATE_TYPE,   4096,         "bytes",   "the predicate type of a statement")             \
	X(STATEMENT_DIGESTS, 32,          "entries", "digests of one subject")                         \
	X(SLSA_DEPENDENCIES, 65536,       "entries", "dependencies of one SLSA provenance")            \
	X(PATTERN,          4 * HM_KIB,   "bytes",   "a regular expression in a trust policy")                  \
	X(PATTERN_STEPS,    1000000,      "steps",   "of one regular expression on one text")                  \
	X(IDENTITIES,       1000,         "entries", "trusted identities of one statement")            \
	X(TRUST_FILES,      10000,        "files",   "files of one trust store")                      \
	X(POLICY,           8 * HM_MIB,   "bytes",   "a trust policy or configuration file")          \
	X(SIGNATURES,       100,          "entries", "signatures of one envelope, or given in files for one artifact") \
	X(SIGNATURES_TRIED, 2000,         "entries", "signatures tried for one artifact")             \
	X(SIGNATURE_BYTES,  256 * HM_MIB, "bytes",   "signatures read for one artifact, together: no more are begun") \
	X(PLUGIN,           256 * HM_MIB, "bytes",   "a plugin to be installed, and its files together: less than that") \
	X(PLUGIN_FILES,     1000,         "files",   "of one plugin")                                 \
	X(PLUGIN_OUTPUT,    64 * HM_MIB,  "bytes",   "each output of one command of a plugin")        \
	X(PLUGIN_SECONDS,   300,          "seconds", "one command of a plugin, however often it is run") \
	X(PLUGIN_TRIES,     4,            "runs",    "of one command of a plugin that is throttled or timed out") \
	X(HTTP_HEADERS,     64 * HM_KIB,  "bytes",   "headers of a request or response")              \
	X(GIVEN_HEADERS,    16,           "headers", "of requests, given by --header")                \
	X(CONCURRENCY,      64,           "transfers", "at once, of one command")                     \
	X(HTTP_REDIRECTS,   10,           "times",   "redirects of one request")                      \
	X(HTTP_RETRIES,     5,            "times",   "retries of one request")                        \
	X(HTTP_RESUMES,     64,           "times",   "requests that go on with a body that broke off") \
	X(WARNING,          4096,         "bytes",   "a registry's warning that is shown")              \
	X(HTTP_MEMORY,      128 * HM_MIB, "bytes",   "what a server holds for all requests in flight together; `memory` in hullmark.yaml sets another") \
	X(HTTP_JSON_BODY,   4 * HM_MIB,   "bytes",   "a request body that the server keeps in memory") \
	X(HTTP_STALL,       30,           "seconds", "without a byte from a peer")                    \
	X(H2_STREAMS,       128,          "streams", "requests at once of one HTTP/2 connection")      \
	X(H2_FRAMES,        10000,        "frames",  "that ask and bring nothing (PING, SETTINGS, PRIORITY, empty DATA, ...), at once of one HTTP/2 connection") \
	X(H2_FRAME_RATE,    100,          "frames a second", "of the same, after that; a request earns 4 more, a body two a frame and one a KiB") \
	X(H2_RESETS,        1000,         "streams", "reset by either side, at once of one HTTP/2 connection") \
	X(H2_RESET_RATE,    33,           "streams a second", "of the same, after that")              \
	X(H2_CONTINUATIONS, 8,            "frames",  "CONTINUATION of one header block in HTTP/2")    \
	X(H2_SETTINGS,      32,           "entries", "settings of one SETTINGS frame")                \
	X(H2_QUEUE,         2000,         "frames",  "that wait to be sent on one HTTP/2 connection") \
	X(PROVIDER_KEYS,    1000,         "entries", "keys of one provider request")                  \
	X(POD_CONTAINERS,   1000,         "entries", "containers of one admission request")           \
	X(PUT_TAGS,         64,           "entries", "tags that one request gives to a manifest")      \
	X(REPAIR_FILE,      64 * HM_MIB,  "bytes",   "one file of a package manager, in an image that is patched") \
	X(REPAIR_FILES,     512 * HM_MIB, "bytes",   "all of them, in one layer")                     \
	X(REPAIR_REPOSITORIES, 64,        "entries", "package repositories of one image")             \
	X(REPAIR_RELEASE,   4 * HM_MIB,   "bytes",   "the signed file of a package repository (InRelease, repomd.xml, ...)") \
	X(REPAIR_INDEX,     1 * HM_GIB,   "bytes",   "an index of a package repository, inflated")    \
	X(REPAIR_PACKAGES,  1000000,      "entries", "packages of all repositories of an image")      \
	X(REPAIR_PACKAGE,   2 * HM_GIB,   "bytes",   "one package that is fetched")                   \
	X(REPAIR_ARCHIVE,   512 * HM_MIB, "bytes",   "a package of a language that is fetched: a wheel, a tarball of npm") \
	X(REPAIR_JAR,       256 * HM_MIB, "bytes",   "a jar that is replaced, or fetched in its place") \
	X(REPAIR_INSIDE,    1 * HM_GIB,   "bytes",   "jars in one jar, and files there that name some, inflated") \
	X(REPAIR_INSIDE_SAID, 4 * HM_MIB, "bytes",   "what is said of the jars in one jar")           \
	X(REPAIR_POM,       4 * HM_MIB,   "bytes",   "a pom.xml of a Maven repository")               \
	X(REPAIR_NAMES,     4096,         "entries", "names of jars that one file has, and versions of one that a repository lists") \
	X(REPAIR_QUESTION,  256 * HM_MIB, "bytes",   "what is known of the packages of a language and of what their index offers") \
	X(REPAIR_ASKED,     1000,         "entries", "versions whose requirements are read to plan a patch") \
	X(REPAIR_CONTROL,   16 * HM_MIB,  "bytes",   "what a package says of itself: its scripts and lists") \
	X(SCRIPT,           1 * HM_MIB,   "bytes",   "a maintainer script of a package, and a text in it") \
	X(SCRIPT_DISK,      1 * HM_GIB,   "bytes",   "what scripts that are run may add to an image")       \
	X(SCRIPT_MEMORY,    8 * HM_GIB,   "bytes",   "address space of a process of a script that is run")  \
	X(SCRIPT_DEPTH,     100,          "levels",  "commands of a script in each other")            \
	X(SCRIPT_STEPS,     200000,       "entries", "commands of a script that are followed")        \
	X(REPAIR_KEYRINGS,  4 * HM_MIB,   "bytes",   "the keyrings of one package repository")        \
	X(UPLOADS,          10000,        "entries", "uploads in progress in the embedded registry")  \
	X(BASE_TAGS,       512,           "tags",    "tags of a repository among which a base is looked for") \
	X(GRAPH_KEY,        16384,         "bytes",   "the name of a noun in the graph, and one text in what a document says of it")  \
	X(GRAPH_TEXT,       1 * HM_MIB,    "bytes",   "all that a document says of a noun in one fact")  \
	X(GRAPH_DOCUMENTS,  10000,         "documents", "in one input: lines of JSON, each a document")  \
	X(GRAPH_WRAPPERS,   4,             "levels",  "envelopes and statements around a document")      \
	X(GRAPH_ROWS,       10000,         "rows",    "in the answer to one question to the graph")  \
	X(GRAPH_DEPTH,      32,            "steps",   "between two nouns of the answer to one question to the graph") \
	X(GRAPH_MILLISECONDS, 10000,       "ms",      "for one question to the graph") \
	X(GRAPH_VISITS,     500000,        "nouns",   "looked at for one question to the graph") \
	X(OIDC_TOKEN,       16 * HM_KIB,   "bytes",   "an identity token that a client of the graph shows") \
	X(OIDC_KEYS,        256 * HM_KIB,  "bytes",   "what an issuer says of itself, and its keys")      \
	X(OIDC_KEYS_EACH,   64,            "keys",    "of one issuer that are looked at")                  \
	X(GRAPH_ANSWER_SECONDS, 60,        "seconds", "until a server has answered one question to the graph, or taken a document") \
	X(GRAPHQL,          1 * HM_MIB,    "bytes",   "a GraphQL query")                                 \
	X(GRAPHQL_TOKENS,   50000,         "tokens",  "of one GraphQL query")                            \
	X(GRAPHQL_DEPTH,    48,            "levels",  "nesting of a GraphQL query, its values or its fragments") \
	X(GRAPHQL_FIELDS,   5000000,       "fields",  "that one GraphQL query is answered with")          \
	X(GRAPHQL_ROWS,     50000,         "rows",    "that one field of a GraphQL query finds, where it asks for no page") \
	X(GRAPHQL_LOOKUPS,  256,           "fields",  "of one GraphQL query for which the graph is searched") \
	X(FLEET_IMAGES,    1000,          "",        "repositories in one PatchConfig")              \
	X(FLEET_TAGS,      10000,         "",        "images that one PatchConfig may mean")         \
	X(REFERENCE,        512,          "bytes",   "an image reference")
/* clang-format on */

#define HM_LIMIT_CONSTANT_(name, value, unit, what) \
	static const uint64_t HM_MAX_##name __attribute__((unused)) = (value);
HM_LIMITS(HM_LIMIT_CONSTANT_)
#undef HM_LIMIT_CONSTANT_

struct hm_limit_row {
	const char *name, *unit, *what;
	uint64_t value;
};
extern const struct hm_limit_row hm_limit_rows[];
extern const size_t hm_limit_rows_n;

#endif
