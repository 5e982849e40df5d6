/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questions.h - what the graph can be asked. A part of graph.h.
 *
 * Every question is one transaction that reads, is bounded (rows, depth, time) and says where it
 * was cut. Every answer carries who said it: the document, where that came from, who signed it, and
 * whether the trust policy believes the signer.
 */
#ifndef GRAPH_QUESTIONS_QUESTIONS_H
#define GRAPH_QUESTIONS_QUESTIONS_H

#include "base/base.h"
#include "graph/decisions.h"
#include "graph/kinds.h"

struct graph;

/* How far a question goes; 0 of each: HM_MAX_GRAPH_ROWS, _DEPTH, _MILLISECONDS, which nothing can
 * pass. */
struct graph_limits {
	size_t rows;
	unsigned depth, milliseconds;
};
/* Which of them cut an answer short. */
enum graph_cut { GRAPH_UNCUT, GRAPH_CUT_ROWS, GRAPH_CUT_DEPTH, GRAPH_CUT_TIME, GRAPH_CUTS };
extern const char *const graph_cut_names[GRAPH_CUTS]; /* "rows"; of GRAPH_UNCUT "" */

/* --- nouns --- */

struct graph_node {
	int64_t id; /* 0: none */
	enum graph_noun_kind kind;
	struct hm_str key;
};
struct graph_nodes {
	struct graph_node *p;
	size_t n, cap;
};
/* A short text for people: of a package "name@version", of a digest its first digits. */
struct hm_str graph_label(struct hm_cx *cx, const struct graph_node *node);

/*
 * What somebody means by `name`: a node's id, a purl (without version: the package and all its
 * versions; without qualifiers: whatever they are), a digest, an image reference, the id of a
 * vulnerability, an identity, a builder, a workload, any key. `kinds`: bits (1 << kind) of what is
 * meant; 0: anything. HM_USAGE: empty. HM_ABSENT: there is none; the hint has names that are like
 * it.
 */
HM_MUST hm_err graph_resolve(struct hm_cx *cx, struct graph *g, struct hm_str name, uint64_t kinds,
			     struct graph_nodes *out);

/* Nouns that have all these words, or words that begin with them; the best first. */
struct graph_found {
	struct graph_nodes nodes;
	enum graph_cut cut;
};
HM_MUST hm_err graph_search(struct hm_cx *cx, struct graph *g, struct hm_str words,
			    const struct graph_limits *limits, struct graph_found *out);

/* --- who says what --- */

/* A document, as the source of a fact. */
struct graph_witness {
	int64_t id;
	struct hm_str digest, format, origin, collector;
	struct graph_node signer; /* .id 0: nobody */
	enum graph_belief belief;
	int64_t taken; /* seconds since 1970 */
	uint64_t size;
};
struct graph_linked {
	struct hm_str role; /* "material" */
	struct graph_node node;
};
/* A fact. */
struct graph_said {
	int64_t id;
	enum graph_fact_kind kind;
	struct graph_node subject, object; /* .id 0: none */
	struct hm_str detail;              /* a JSON object, a text, or empty */
	struct graph_linked *links;
	size_t links_n;
	const struct graph_witness *source;
};
struct graph_facts {
	struct graph_said *p;
	size_t n, cap;
};

/* What runs: a container of a cluster. */
struct graph_pod {
	struct hm_str cluster, namespace, name, container, owner, image, host;
	int64_t since, gone; /* seconds since 1970; gone 0: it runs */
	struct graph_node artifact;
};
struct graph_pods {
	struct graph_pod *p;
	size_t n, cap;
};

/* --- one noun --- */

struct graph_view {
	struct graph_node node, parent;
	struct graph_nodes versions; /* of a package name, the first of them */
	uint64_t facts[GRAPH_FACT_KINDS];
	const struct graph_witness *document; /* that has this digest; or NULL */
	struct graph_pods pods;               /* that run it now */
	struct graph_decisions decisions;     /* of a gate, about it; the newest first */
	enum graph_cut cut;
};
/* HM_ABSENT. */
HM_MUST hm_err graph_view(struct hm_cx *cx, struct graph *g, int64_t id,
			  const struct graph_limits *limits, struct graph_view *out);

struct graph_page {
	int64_t after; /* the id of the last fact of the page before; 0: the first page */
	enum graph_fact_kind kind; /* GRAPH_NO_FACT: all */
	size_t limit;
};
struct graph_neighbours {
	struct graph_node node;
	struct graph_facts facts; /* in which it is subject, object or linked; by kind, then id */
	int64_t next;             /* what `after` is for the next page; 0: this is the last */
};
/* HM_ABSENT: no such noun, or no such fact in page->after. */
HM_MUST hm_err graph_neighbours(struct hm_cx *cx, struct graph *g, int64_t id,
				const struct graph_page *page, struct graph_neighbours *out);

/* --- releases --- */

/* A release that contains a package: what an SBOM is about. */
struct graph_release {
	struct graph_node release, package;
	struct graph_nodes images;          /* names that the release has, or had */
	const struct graph_witness *source; /* the SBOM */
	size_t others;                      /* more documents that say so */
	bool is_direct;                     /* one of them says that it is needed itself */
	/* From the release to the package, both in it, by what the SBOM says; empty: it says no
	 * way, or there was no time to look. */
	struct graph_nodes path;
	struct graph_pods pods; /* that run it now */
};
struct graph_releases {
	struct graph_release *p;
	size_t n, cap;
	enum graph_cut cut;
	/* Of a range: packages whose versions have no order, so that nobody knows whether they are
	 * in it. They are not among the above. */
	struct graph_nodes unordered;
};
struct graph_asked {
	struct graph_limits limits;
	bool running; /* only what runs now */
	bool explain; /* who says so, and all ways; else ways while that takes little time */
};
/* `what`: a purl, with a version, none (any), or a range behind '@' (questions/range.h).
 * HM_USAGE: no purl. HM_ABSENT: no such package, with names that are like it. */
HM_MUST hm_err graph_contains(struct hm_cx *cx, struct graph *g, struct hm_str what,
			      const struct graph_asked *asked, struct graph_releases *out);

/* --- vulnerabilities --- */

struct advisory_db;

/* What somebody says of a vulnerability of a package, or of a release. */
struct graph_judgement {
	struct graph_said fact;
	struct hm_str status; /* "NOT_AFFECTED" */
	bool suppresses;      /* it speaks for this package, and is not disbelieved */
};
struct graph_exposure {
	struct graph_release release;
	struct graph_node vulnerability;    /* as who says so calls it; .id 0: the database does */
	struct graph_facts said;            /* certifyVuln, or VEX that says "affected" */
	struct hm_strs advisories;          /* of the database: why */
	struct hm_strs fixed;               /* versions */
	struct hm_str severity;             /* or empty */
	HM_VEC(struct graph_judgement) vex; /* all that speak of it, the latest first */
	bool is_suppressed;
};
struct graph_exposures {
	struct graph_exposure *p; /* those that count first */
	size_t n, cap, suppressed;
	struct hm_strs names; /* of the vulnerability */
	struct hm_str db;     /* digest of the database; empty: none was asked */
	enum graph_cut cut;
};
/* `db` may be NULL. HM_ABSENT: neither the graph nor the database knows the vulnerability. */
HM_MUST hm_err graph_exposed(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
			     struct hm_str vulnerability, const struct graph_asked *asked,
			     struct graph_exposures *out);

/* --- ways --- */

/* A noun that was reached, and how. */
struct graph_reached {
	struct graph_node node;
	unsigned distance;
	size_t from;            /* the place in the list of the noun before it; its own: none */
	struct graph_said fact; /* that leads there; .id 0: the first */
	size_t documents;       /* of graph_dependents(): that say so, of the last step */
};
struct graph_reach {
	struct graph_reached *p;
	size_t n, cap;
	enum graph_cut cut;
};
/* What depends on a package, nearest first; of the same distance what more documents say. The last
 * step of more than one may lack some, where the answer is cut. */
HM_MUST hm_err graph_dependents(struct hm_cx *cx, struct graph *g, struct hm_str package,
				const struct graph_limits *limits, struct graph_reach *out);

/* How a way goes: from a thing to its parts, to what it is a part of, or any way. */
enum graph_way { GRAPH_NO_WAY, GRAPH_TO_PARTS, GRAPH_TO_WHOLES, GRAPH_ANY_WAY, GRAPH_WAYS };
extern const char *const graph_way_names[GRAPH_WAYS];
struct graph_path {
	enum graph_way way;
	struct graph_reach steps; /* the first is what it begins at; none: there is no way */
};
/* A shortest way; one that goes to parts, or to wholes, before one that goes any way. HM_ABSENT:
 * one of the two is not there. */
HM_MUST hm_err graph_path(struct hm_cx *cx, struct graph *g, struct hm_str from, struct hm_str to,
			  const struct graph_limits *limits, struct graph_path *out);

/* What is reached from a package, key, builder, commit: all that it is a part of. */
struct graph_radius {
	struct graph_nodes start;
	struct graph_reach reached; /* nearest first */
	size_t counts[GRAPH_NOUN_KINDS];
	size_t releases;        /* reached nouns that an SBOM is about */
	struct graph_pods pods; /* that run what was reached */
	struct hm_strs clusters;
};
HM_MUST hm_err graph_radius(struct hm_cx *cx, struct graph *g, struct hm_str name,
			    const struct graph_limits *limits, struct graph_radius *out);

/* --- what a release has --- */

struct graph_component {
	struct graph_node package;
	struct graph_nodes licences; /* that are declared */
	struct graph_facts said; /* of graph_licences(), explained: the first that declare them */
};
/* Of one package name: in A, in B, or another version in each. */
struct graph_change {
	struct graph_component before, after; /* .package.id 0: it is not there */
};
struct graph_diff {
	struct graph_node nodes[2];
	const struct graph_witness *sources[2]; /* the newest SBOM of each */
	HM_VEC(struct graph_change) changes;
	size_t added, removed, changed;
	struct hm_strs vulnerabilities[2]; /* that only one of them has */
	struct hm_strs licences[2];        /* the same */
	enum graph_cut cut;
};
struct graph_two {
	struct hm_str a, b;
};
/* `db` may be NULL. HM_ABSENT: the graph has no SBOM of one of the two. */
HM_MUST hm_err graph_diff(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
			  const struct graph_two *releases, const struct graph_limits *limits,
			  struct graph_diff *out);

struct graph_licensed {
	struct {
		struct graph_component *p;
		size_t n, cap;
	} components;
	const struct graph_witness *source; /* the SBOM of a release; NULL: a licence was named */
	enum graph_cut cut;
};
/* Of a release: its components with their licences. Of a licence: the packages that have it. */
HM_MUST hm_err graph_licences(struct hm_cx *cx, struct graph *g, struct hm_str name,
			      const struct graph_asked *asked, struct graph_licensed *out);

/* --- order --- */

enum graph_task { GRAPH_FIX, GRAPH_UPDATE, GRAPH_REBUILD, GRAPH_TASKS };
extern const char *const graph_task_names[GRAPH_TASKS]; /* "fix", "update", "rebuild" */
struct graph_planned {
	struct graph_nodes
		nodes;        /* that are one thing: a package, and artifacts that it occurs as */
	unsigned level;       /* after all of smaller ones */
	enum graph_task task; /* rebuild: it is a release, or an image */
	bool in_circle;       /* what needs itself: the order within is not known */
	/* Explained: why it is there. Of what is to be fixed some of those that say that it has the
	 * vulnerability, and what the database says; of all else a fact by which it needs another.
	 */
	struct graph_facts said;
	struct hm_strs advisories;
};
struct graph_plan {
	struct graph_planned *p;
	size_t n, cap;
	struct hm_strs names; /* of the vulnerability */
	enum graph_cut cut;
};
/* In which order packages, base images and releases are to be made again to be rid of it; without
 * those that are not affected, as VEX says that counts for graph_exposed(). */
HM_MUST hm_err graph_plan(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
			  struct hm_str vulnerability, const struct graph_asked *asked,
			  struct graph_plan *out);

/* --- who --- */

/* An artifact by a fact of it: who signed it, who built it. */
struct graph_made {
	struct graph_node artifact;
	struct graph_nodes images;
	struct graph_said fact;
	struct graph_pods pods;
};
struct graph_made_list {
	struct graph_made *p;
	size_t n, cap;
};
struct graph_makings {
	struct graph_nodes who;
	struct graph_made_list made;
	HM_VEC(struct graph_witness) documents; /* that the identity signed */
	enum graph_cut cut;
};
HM_MUST hm_err graph_signed_by(struct hm_cx *cx, struct graph *g, struct hm_str identity,
			       const struct graph_limits *limits, struct graph_makings *out);
/* `commit`: of which something went into it; empty: any. */
HM_MUST hm_err graph_built_by(struct hm_cx *cx, struct graph *g, struct hm_str builder,
			      struct hm_str commit, const struct graph_limits *limits,
			      struct graph_makings *out);

/* --- what hangs on certificates that end --- */

struct graph_hanging {
	struct graph_node identity;
	struct hm_str ends; /* RFC 3339; empty: nobody says */
	bool is_over;       /* that has passed */
	bool is_revoked;    /* when its signatures were looked at */
	struct graph_made_list made;
};
struct graph_hangings {
	struct graph_hanging *p;
	size_t n, cap;
	enum graph_cut cut;
};
/* Those that end within so many seconds from now, have ended, or are revoked; without the ones of
 * keyless signing, which live for minutes. */
HM_MUST hm_err graph_expiring(struct hm_cx *cx, struct graph *g, int64_t within,
			      const struct graph_limits *limits, struct graph_hangings *out);

/* --- what hangs on certificates that a revocation list names --- */

/* What revocation lists call a certificate. */
struct graph_issued {
	struct hm_str issuer, serial; /* RFC 4514; lower-case hex */
	struct hm_str key; /* of the issuer, lower-case hex of its SHA-256; empty: it was not
			      in the signature's chain */
};
struct graph_revoked_one {
	struct graph_node identity;
	struct graph_issued certificate;
	bool is_above; /* the certificate of an authority above the identity's */
	int64_t since;
	struct hm_str reason;
	struct graph_made_list made;
};
struct graph_revoked {
	struct graph_revoked_one *p;
	size_t n, cap;
	size_t unknown; /* identities with a certificate, of which the graph does not know who
			   issued it: its signatures were read by an older program */
	enum graph_cut cut;
};
/* Says whether a list names the certificate: since when, and why. */
struct graph_revoking {
	bool (*names)(void *arg, const struct graph_issued *certificate, int64_t *out_since,
		      struct hm_str *out_reason);
	void *arg;
};
/* Identities of which it names a certificate, or one above, in the order of their keys. */
HM_MUST hm_err graph_revoked(struct hm_cx *cx, struct graph *g, const struct graph_revoking *by,
			     const struct graph_limits *limits, struct graph_revoked *out);

/* --- what runs unproven --- */

struct graph_unproof {
	struct graph_node artifact; /* .id 0: the cluster does not say which */
	struct graph_pods pods;
	const struct graph_witness *sbom, *report; /* the newest; NULL: there is none */
	struct graph_said signature;               /* the best; .id 0: there is none */
	struct graph_decisions decisions; /* the newest of a gate; none: nobody has asked it */
	/* "SBOM", "believed SBOM", "signature", "believed signature", "report", "believed report",
	 * "new report", "admission" (the gate says no) */
	struct hm_strs missing;
};
struct graph_unproven {
	struct graph_unproof *p;
	size_t n, cap;
	size_t proven; /* artifacts that run and lack nothing */
	enum graph_cut cut;
};
/* `old`: seconds, after which a report is old. */
HM_MUST hm_err graph_unproven(struct hm_cx *cx, struct graph *g, int64_t old,
			      const struct graph_limits *limits, struct graph_unproven *out);

/* --- frequency --- */

struct graph_frequent {
	struct graph_node package;
	uint64_t facts;          /* that something depends on it */
	uint64_t documents;      /* that say so */
	struct graph_facts said; /* explained: a fact of each of the newest documents */
};
struct graph_frequency {
	struct graph_frequent *p; /* the most frequent first */
	size_t n, cap;
	enum graph_cut cut;
};
HM_MUST hm_err graph_frequency(struct hm_cx *cx, struct graph *g, const struct graph_asked *asked,
			       struct graph_frequency *out);

/* For a service, before anybody asks: counts the dependents of the packages that most documents
 * have, and finds the ways to those that are vulnerable by a document or by `db` (may be NULL).
 * Both are kept for graph_dependents() and graph_exposed(). */
HM_MUST hm_err graph_warm(struct hm_cx *cx, struct graph *g, const struct advisory_db *db);

#endif
