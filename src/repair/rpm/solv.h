/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solv.h - inside repair/rpm/: libsolv and libsolvext, loaded when they are needed. The second one
 * reads the metadata of repositories.
 */
#ifndef REPAIR_RPM_SOLV_H
#define REPAIR_RPM_SOLV_H

#include "base/base.h"

#include <stdio.h>

#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/poolarch.h>
#include <solv/repo.h>
#include <solv/repo_repomdxml.h>
#include <solv/repo_rpmmd.h>
#include <solv/solver.h>
#include <solv/transaction.h>

/* rich dependencies: in libsolvext, and in none of its headers that needs no librpm */
extern Id pool_parserpmrichdep(Pool *pool, const char *dep);

/* clang-format off */
#define RPM_SOLV_CORE(X) \
	X(pool_create) X(pool_free) X(pool_setdisttype) X(pool_setarch) X(pool_str2id) X(pool_id2str) X(pool_rel2id) \
	X(pool_createwhatprovides) X(pool_addfileprovides) X(pool_set_installed) X(pool_evrcmp) X(pool_errstr) \
	X(repo_create) X(repo_add_solvable) X(repo_addid_dep) X(repo_internalize) X(repo_add_repodata) \
	X(repo_free_solvable) X(repodata_str2dir) X(repodata_add_dirstr) X(repodata_internalize) \
	X(solvable_lookup_str) X(solvable_lookup_num) X(solvable_lookup_checksum) X(solvable_lookup_location) \
	X(dataiterator_init) X(dataiterator_step) X(dataiterator_free) \
	X(dataiterator_setpos_parent) X(dataiterator_prepend_keyname) X(pool_lookup_str) X(pool_lookup_checksum) \
	X(repo_lookup_num) \
	X(solver_create) X(solver_free) X(solver_set_flag) X(solver_solve) X(solver_problem_count) X(solver_problem2str) \
	X(solver_create_transaction) X(transaction_free)
#define RPM_SOLV_EXT(X) X(repo_add_rpmmd) X(repo_add_repomdxml) X(pool_parserpmrichdep)
/* clang-format on */

#define RPM_SOLV_MEMBER(name) __typeof__ (&(name))(name);
struct rpm_solv {
	RPM_SOLV_CORE(RPM_SOLV_MEMBER)
	RPM_SOLV_EXT(RPM_SOLV_MEMBER)
};
#undef RPM_SOLV_MEMBER
extern struct rpm_solv repair_rpm_solv;

#endif
