/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solver.h - inside repair/: which packages replace which. In the worker (solve_job.c, packages.c,
 * solver.c), and what is said to it and heard from it.
 *
 * Dependencies are resolved by libsolv, which is loaded when it is needed. Only packages that could
 * play a part are given to it: those of installed names, and what these could need.
 */
#ifndef REPAIR_SOLVER_H
#define REPAIR_SOLVER_H

#include "base/base.h"

#define REPAIR_SOLVE_JOB "repair-solve"

/* Frames of the job's input: a kind, the length in eight bytes, the bytes. */
enum { SOLVE_INSTALLED = 'S', SOLVE_INDEX = 'P' };

/* A package as a database or an index describes it. */
struct solve_package {
	struct hm_str name, version, arch;
	struct hm_str depends, pre_depends, conflicts, breaks, provides, multi_arch;
	struct hm_str source, source_version;
	struct hm_str path, sha256;
	uint64_t size;
	uint32_t index; /* which of the indexes it is in */
	bool installed, held, in_play;
	int id; /* the solver's */
};
struct solve_packages {
	struct solve_package *p;
	size_t n, cap;
};

struct solve_options {
	struct hm_str native; /* architecture */
	struct hm_strs foreign;
	bool all;              /* update whatever can be */
	bool sparse;           /* what an installed package lacks, its new version lacks, too */
	struct hm_strs wanted; /* names; of a foreign architecture "NAME:ARCH" */
};
void repair_solve_options_put(struct hm_buf *out, const struct solve_options *o);
HM_MUST hm_err repair_solve_options_read(struct hm_cx *cx, struct hm_str bytes,
					 struct solve_options *out);

/* The answer. */
struct solve_step {
	struct solve_package to; /* .name empty: removed */
	struct hm_str from;      /* installed version; empty: new */
	struct hm_str name, arch;
};
struct solve_best { /* of a wanted name: the newest that the indexes have */
	struct hm_str name, version, source_version;
};
struct solve_answer {
	struct solve_step *steps;
	size_t steps_n;
	struct solve_best *best;
	size_t best_n;
	struct hm_strs problems;
};
HM_MUST hm_err repair_solve_answer_read(struct hm_cx *cx, struct hm_str bytes,
					struct solve_answer *out);
void repair_solve_answer_put(struct hm_buf *out, const struct solve_answer *a);

/* --- inside the worker --- */

/* deb-control(5): a stanza; *out_good is false where it is no package that counts. */
HM_MUST hm_err repair_deb_package(struct hm_cx *cx, struct hm_str stanza, bool installed,
				  struct solve_package *out, bool *out_good);
/* All packages, packed: what is in it is solve_keep.c's. */
enum { SOLVE_TEXTS = 13 };
struct solve_kept_name {
	uint32_t hash, of;
	bool is_seen;
};
struct solve_kept {
	struct {
		struct solve_kept_name *p;
		size_t n, cap;
	} names;
	struct hm_strs records;
};
/* A copy of it. HM_LIMIT. */
HM_MUST hm_err repair_solve_keep(struct hm_cx *cx, struct solve_kept *k,
				 const struct solve_package *p);
/* Copies of all that are in another, behind those that are there. HM_LIMIT. */
HM_MUST hm_err repair_solve_append(struct hm_cx *cx, struct solve_kept *k,
				   const struct solve_kept *more);
/* Those that could play a part, and perhaps a few more; in their order. They last as long as the
 * cx. */
void repair_solve_choose(struct hm_cx *cx, struct solve_kept *k, const struct solve_options *o,
			 struct solve_packages *out);
/* Leave out of new versions those dependencies that their old ones have, and nothing installed has
 * the name of. */
void repair_solve_thin(struct hm_cx *cx, struct solve_packages *all);
/* Mark what could play a part. */
void repair_solve_mark(struct hm_cx *cx, struct solve_packages *all, const struct solve_options *o);
/* The name under which the solver knows it: "NAME", or "NAME:ARCH" of a foreign architecture. */
struct hm_str repair_solve_name(struct hm_cx *cx, const struct solve_options *o, struct hm_str name,
				struct hm_str arch);
HM_MUST hm_err repair_solve(struct hm_cx *cx, struct solve_packages *all,
			    const struct solve_options *o, struct solve_answer *out);

/* "a (>= 1) | b:any, c": calls for each alternative of each group. */
struct solve_relation {
	struct hm_str name, arch; /* arch: what stands behind ':', or empty */
	const char *op;           /* "<<", "<=", "=", ">=", ">>"; NULL: any version */
	struct hm_str version;
	bool more; /* another alternative of the same group follows */
};
/* The next one; false: no more, or what is left cannot be read (then *out_bad). */
bool repair_relation_next(struct hm_str *text, struct solve_relation *out, bool *out_bad);

#endif
