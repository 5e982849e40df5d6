/* SPDX-License-Identifier: Apache-2.0 */
/* solving.h - inside repair/rpm/: a run of the solver, in its worker. */
#ifndef REPAIR_RPM_SOLVING_H
#define REPAIR_RPM_SOLVING_H

#include "repair/rpm/rpm.h"
#include "repair/rpm/solv.h"
#include "repair/solver.h"

struct rpm_solving_repository {
	Repo *repo;
	struct hm_strs exclude; /* patterns */
};
struct rpm_solving {
	struct hm_cx *cx;
	struct hm_cx kept; /* what outlives the header that is read */
	const struct rpm_solv *solv;
	struct solve_options o;
	struct hm_strs held; /* patterns */
	Pool *pool;
	Solver *solver;
	Transaction *transaction;
	Repo *installed;
	struct {
		struct rpm_solving_repository *p;
		size_t n, cap;
	} repositories;
	struct hm_str database;
	struct hm_map modular; /* names of installed packages that are of a module */
	uint64_t modular_left; /* candidates that are, and do not count */
	struct rpm_answer answer;
};
Id repair_rpm_solving_id(const struct rpm_solving *s, struct hm_str text);
struct hm_str repair_rpm_solving_text(const struct rpm_solving *s, Id id);
/* Of lists that know no dependencies: what an installed package does without its new version does
 * without, too. Once all repositories are there. */
void repair_rpm_solving_thin(struct rpm_solving *s);
/* The package of a repository that is the installed one; NULL: there is none. */
Solvable *repair_rpm_solving_same(const struct rpm_solving *s, const Solvable *installed);
HM_MUST hm_err repair_rpm_solving_listed(struct rpm_solving *s);
/* Of s->database. */
HM_MUST hm_err repair_rpm_solving_installed(struct rpm_solving *s);

#endif
