/* SPDX-License-Identifier: Apache-2.0 */
/*
 * candidate.h - what a component is called in which ecosystems, and the scheme of its versions.
 * Private to the room.
 */
#ifndef ADVISORY_CANDIDATE_H
#define ADVISORY_CANDIDATE_H

#include "advisory/db.h"

struct advisory_candidate {
	struct hm_strs ecosystems;
	const char *distribution; /* "Debian", or NULL: no OS package */
	const char *what;         /* "source package", "package", "module", ... */
	struct hm_str name, version;
	struct hm_str binary; /* what it was built from is not known: `name` is its row's */
	bool has_source;      /* somebody says what it was built from */
	/* The same component as a binary package, where its name may be a source's, too; or NULL.
	 */
	const struct advisory_candidate *also;
	struct hm_str artifact; /* its group is not certain: advisories of any group are asked */
	const struct advisory_scheme *scheme;
	bool has_modules;                  /* streams of one package lie side by side */
	const struct inventory *inventory; /* for what was built together with it */
};

/* How a component is looked for, whoever owns it. Without a database the ecosystems are those that
 * it would be made of. *out_why is empty, or says why nothing can match it. */
void advisory_candidate_of(struct hm_cx *cx, const struct advisory_db *db,
			   const struct inventory *inv, const struct inventory_component *c,
			   struct advisory_candidate *out, struct hm_str *out_why);

/* Does the database have advisories of one of these? */
bool advisory_has_any(const struct advisory_db *db, const struct hm_strs *ecosystems);

/* Is this a name, as the database has it, by which the candidate goes? */
bool advisory_candidate_is(const struct advisory_candidate *c, struct hm_str name);

#endif
