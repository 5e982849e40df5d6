/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions.h - inside repair/apk/: the solver does not know apk's order of versions. All that occur
 * are sorted by it, and stand before the solver as their place: "R1", "R2", ... What a name has
 * that the solver's relations cannot have is written otherwise, too.
 */
#ifndef REPAIR_APK_VERSIONS_H
#define REPAIR_APK_VERSIONS_H

#include "repair/apk/apk.h"

struct apk_versions {
	struct hm_strs all; /* sorted, each once, when apk_versions_sort() has been called */
};
/* One that cannot be read is left out. */
void repair_apk_versions_add(struct hm_cx *cx, struct apk_versions *v, struct hm_str version);
void repair_apk_versions_sort(struct apk_versions *v);
/* "R0", which is below all: it is not there. */
struct hm_str repair_apk_version_rank(struct hm_cx *cx, const struct apk_versions *v,
				      struct hm_str version);
/* Words of a D: or p: line, as solver.h has relations; those that conflict, or those that do not.
 * False: one cannot be read. */
bool repair_apk_relations(struct hm_cx *cx, const struct apk_versions *v, struct hm_str words,
			  bool conflicts, struct hm_buf *out);
/* A sentence of the solver's with names and versions as they were. */
struct hm_str repair_apk_versions_say(struct hm_cx *cx, const struct apk_versions *v,
				      struct hm_str sentence);

#endif
