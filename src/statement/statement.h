/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statement.h - in-toto statements: which subjects, what is said of them, in which terms.
 *
 * The law of the room: it reads and writes text. Who signed it, and whether that is to be believed,
 * is trust/'s part.
 * Sources: in-toto attestation framework 1.0 (Statement v1) and its v0.1; slsa.dev/provenance/v1,
 * /v0.2, slsa.dev/verification_summary/v1.
 */
#ifndef STATEMENT_STATEMENT_H
#define STATEMENT_STATEMENT_H

#include "base/base.h"
#include "codec/json.h"

#define STATEMENT_TYPE         "https://in-toto.io/Statement/v1"
#define STATEMENT_OLD_TYPE     "https://in-toto.io/Statement/v0.1"
#define STATEMENT_CONTENT_TYPE "application/vnd.in-toto+json"

struct statement_digest {
	struct hm_str alg;   /* "sha256" */
	struct hm_str value; /* lower-case hex */
};
struct statement_subject {
	struct hm_str name; /* may be empty */
	struct statement_digest *digests;
	size_t digests_n; /* one at least */
};
struct statement {
	struct statement_subject *subjects;
	size_t subjects_n; /* one at least */
	struct hm_str predicate_type;
	struct json predicate; /* an object; or nothing */
};
/* HM_INPUT: no statement, none of those types, a subject without digest, a member twice. HM_LIMIT:
 * HM_MAX_STATEMENT_SUBJECTS, HM_MAX_STATEMENT_DIGESTS. */
HM_MUST hm_err statement_parse(struct hm_cx *cx, struct hm_str text, struct statement *out);
/* As Statement v1, compact. */
HM_MUST hm_err statement_write(struct hm_cx *cx, const struct statement *s, struct hm_str *out);
/* Is the content of that digest ("sha256:<hex>") among its subjects? */
bool statement_names(const struct statement *s, struct hm_str digest);

/* Does a subject have a digest of that algorithm? */
bool statement_has_digest(const struct statement *s, struct hm_str alg);

/* A type of predicate that has a short name: "slsaprovenance1". */
struct statement_type {
	const char *name;
	const char *uri;
	const char *what; /* for people: "SLSA provenance" */
};
extern const struct statement_type statement_types[]; /* ended by a row without name */
/* The URI for a short name; a URI is itself. HM_USAGE: neither. */
HM_MUST hm_err statement_type_uri(struct hm_cx *cx, struct hm_str text, struct hm_str *out);

#endif
