/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exposed.h - inside graph/questions/: the parts of the question who is exposed to a vulnerability.
 *
 *   names.c     what it is called: in the graph, in the database
 *   affected.c  packages of the graph that have it, and who says so
 *   vex.c       what else is said of it
 *   quiet.c     what need not be done for it
 *   exposed.c   releases that contain these packages
 */
#ifndef GRAPH_QUESTIONS_EXPOSED_H
#define GRAPH_QUESTIONS_EXPOSED_H

#include "advisory/advisory.h"
#include "graph/questions/releases.h"

/* A vulnerability by all its names. */
struct graph_vulnerability {
	struct graph_nodes nodes;
	size_t sure; /* the first so many: no document that is not believed makes them one */
	struct hm_strs names; /* "CVE-2021-44228", as the database writes them, or as the graph */
	struct advisory_concerned concerned;
};
/* HM_ABSENT. */
HM_MUST hm_err graph_vulnerability_find(struct graph_ask *a, const struct advisory_db *db,
					struct hm_str name, struct graph_vulnerability *out);

/* A package that has it. */
struct graph_affected {
	struct graph_node package;
	struct graph_rows said; /* certifyVuln */
	struct hm_strs advisories, fixed;
	struct hm_str severity;
};
struct graph_affected_list {
	struct graph_affected *p;
	size_t n, cap;
	struct graph_ids at;
};
struct graph_affected *graph_affected_of(struct graph_ask *a, struct graph_affected_list *list,
					 const struct graph_node *package);
HM_MUST hm_err graph_affected_find(struct graph_ask *a, const struct advisory_db *db,
				   const struct graph_vulnerability *v,
				   struct graph_affected_list *out);

/* Those of the packages that somebody says are vulnerable: a document, or the database (may be
 * NULL). */
HM_MUST hm_err graph_affected_among(struct graph_ask *a, const struct advisory_db *db,
				    const struct graph_numbers *packages, struct graph_nodes *out);

/* What VEX documents say of it. */
struct graph_statement {
	struct graph_said fact;
	struct hm_str status;
	int64_t since;   /* seconds since 1970 */
	bool is_partial; /* it is about something without name, too: it decides nothing */
};
struct graph_statements {
	struct graph_statement *p; /* the latest first */
	size_t n, cap;
};
HM_MUST hm_err graph_statements_read(struct graph_ask *a, const struct graph_vulnerability *v,
				     struct graph_statements *out);
/* Packages that somebody says are affected: added to the list. */
HM_MUST hm_err graph_statements_affected(struct graph_ask *a, const struct graph_statements *all,
					 struct graph_affected_list *out);
/* Those that speak of this exposure, into it; and whether it counts. */
void graph_statements_judge(struct hm_cx *cx, const struct graph_statements *all,
			    const struct graph_whole *whole, struct graph_exposure *out);

/* Of affected packages, and of releases that contain them: those for which VEX that counts says
 * that they are not affected. What could not be looked at is not among them. */
struct graph_quiet {
	struct graph_ids packages, releases;
	size_t packages_n;
};
HM_MUST hm_err graph_quiet_find(struct graph_ask *a, const struct graph_statements *statements,
				const struct graph_affected_list *affected,
				struct graph_quiet *out);

#endif
