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
 * HM_MAX_STATEMENT_SUBJECTS, HM_MAX_STATEMENT_DIGESTS, HM_MAX_PREDICATE_TYPE. */
HM_MUST hm_err statement_parse(struct hm_cx *cx, struct hm_str text, struct statement *out);
/* As Statement v1, compact. */
HM_MUST hm_err statement_write(struct hm_cx *cx, const struct statement *s, struct hm_str *out);
/* A statement about one thing, which may have a name: `digest` is "sha256:<hex>". No predicate: an
 * empty one. */
HM_MUST hm_err statement_about(struct hm_cx *cx, struct hm_str name, struct hm_str digest,
			       struct hm_str predicate_type, struct json predicate,
			       struct hm_str *out);
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
/* Is that type of predicate a VEX document, OpenVEX of whatever version? With the version in the
 * type or without it, it is the same claim. */
#define STATEMENT_VEX "https://openvex.dev/ns"
bool statement_is_vex(struct hm_str predicate_type);
/* The URI for a short name; a URI is itself. HM_USAGE: neither. */
HM_MUST hm_err statement_type_uri(struct hm_cx *cx, struct hm_str text, struct hm_str *out);

/*
 * --- SLSA: how an artifact was made (provenance), and what a verification of it found (summary)
 * ---
 *
 * Reading gives what conditions are about: the builder, the source, its ref and commit, the build
 * type. Where a provenance names its source in two places that differ, it is refused: whoever reads
 * the one would believe something else than whoever reads the other.
 * Sources: slsa.dev/provenance/v1 and v0.2, slsa.dev/verification_summary/v1; GitHub's workflow
 * build type 1 (actions.github.io/buildtypes/workflow/v1), GitLab Runner's and BuildKit's
 * descriptions of theirs.
 */
#define SLSA_PROVENANCE     "https://slsa.dev/provenance/v1"
#define SLSA_OLD_PROVENANCE "https://slsa.dev/provenance/v0.2"
#define SLSA_SUMMARY        "https://slsa.dev/verification_summary/v1"

/* Something that went into a build. */
struct slsa_dependency {
	struct hm_str uri;
	struct statement_digest digest; /* one of its digests; no algorithm: it has none */
};
/* Where the source came from. */
struct slsa_source {
	struct hm_str repository; /* "https://github.com/org/app"; empty: not known */
	struct hm_str ref;        /* "refs/heads/main"; may be empty */
	struct hm_str commit;     /* hex; may be empty */
};
struct slsa_provenance {
	struct hm_str build_type;
	struct hm_str builder; /* its id; may be empty */
	struct slsa_source source;
	struct hm_str invocation, started, finished; /* as it says; may be empty */
	struct slsa_dependency *dependencies;
	size_t dependencies_n;
};
/* HM_INPUT: the statement is no provenance of a version that is known, or one without member
 * for its builder, or without build type. HM_TRUST: it names two sources. HM_LIMIT:
 * HM_MAX_SLSA_DEPENDENCIES. */
HM_MUST hm_err statement_provenance_read(struct hm_cx *cx, const struct statement *s,
					 struct slsa_provenance *out);
/* "git+https://host/path@ref", or BuildKit's "https://host/path.git#ref", in its parts; "git+" and
 * ".git" are left away. */
void statement_source_parse(struct hm_str uri, struct slsa_source *out);
/* A source's URL as everybody may know it: without user and password, query and fragment; of ssh
 * the user stays. Empty where it cannot be told apart. */
struct hm_str statement_source_public(struct hm_cx *cx, struct hm_str url);
/* Is it the same repository: with or without "git+", "https://", ".git"? */
bool statement_same_repository(struct hm_str a, struct hm_str b);

/* --- making one --- */

/* A parameter of a build; parts of the name that are divided by dots are objects in each other:
 * "workflow.ref". Those of one object stand side by side. */
struct slsa_parameter {
	const char *name;
	struct hm_str value;
};
enum { SLSA_PARAMETERS = 16 };
struct slsa_build {
	struct slsa_provenance what;
	struct slsa_parameter external[SLSA_PARAMETERS], internal[SLSA_PARAMETERS];
	size_t external_n, internal_n;
	struct slsa_parameter version; /* of the builder's program; no name: none */
	const char *service;           /* whose job it is, "GitHub Actions"; NULL: nobody's */
};
/* The predicate, version 1, compact JSON. */
HM_MUST hm_err statement_provenance_write(struct hm_cx *cx, const struct slsa_build *b,
					  struct hm_str *out);

/* What surrounds a build, by whoever knows it. */
struct slsa_surroundings {
	/* A variable of the environment; empty: it is not set. */
	struct hm_str (*variable)(void *arg, const char *name);
	/* What git says of the working folder; for where no CI service does. HM_ABSENT: nothing. */
	HM_MUST hm_err (*git)(struct hm_cx *cx, void *arg, struct slsa_source *out);
	void *arg;
};
/* The CI service whose job this is, or else the working folder. HM_INPUT: the service's variables
 * are not complete; names the one that is missing. */
HM_MUST hm_err statement_build_here(struct hm_cx *cx, const struct slsa_surroundings *s,
				    struct slsa_build *out);

/* --- verification summaries --- */

struct slsa_summary {
	struct hm_str verifier;                /* its id */
	struct hm_str verified;                /* when, RFC 3339; may be empty */
	struct hm_str resource;                /* URI of what was verified */
	struct hm_str policy;                  /* URI; may be empty */
	struct statement_digest policy_digest; /* no algorithm: none */
	bool passed;
	struct hm_strs levels; /* "SLSA_BUILD_LEVEL_2" */
};
/* HM_INPUT: no summary, or one that lacks what it must have. */
HM_MUST hm_err statement_summary_read(struct hm_cx *cx, const struct statement *s,
				      struct slsa_summary *out);
HM_MUST hm_err statement_summary_write(struct hm_cx *cx, const struct slsa_summary *s,
				       struct hm_str *out);
/* Is that level among them, or a higher one of the same track ("SLSA_BUILD_LEVEL_3" for 2)? */
bool statement_summary_reaches(const struct slsa_summary *s, struct hm_str level);

#endif
