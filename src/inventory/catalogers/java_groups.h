/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java_groups.h - the Maven groups of well-known archives that do not name theirs. What Gradle, Ant
 * and sbt build has no pom.properties, and a manifest speaks of bundles and modules, not of groups;
 * but advisories are about groups and artifacts.
 */
#ifndef INVENTORY_CATALOGERS_JAVA_GROUPS_H
#define INVENTORY_CATALOGERS_JAVA_GROUPS_H

#include "base/base.h"

struct java_group {
	const char *artifact; /* "spring-boot*": a '*' at the end is any rest, also none */
	const char *group;
	const char *below; /* only of versions before this one ("9.2"); NULL: of all */
	bool several; /* other groups have these versions too: this one is only the likeliest */
};
/* In the order of looking; ended by a row without artifact. */
extern const struct java_group inventory_java_group_rows[];

/* The first row that fits; NULL: none does. */
const struct java_group *inventory_java_group(struct hm_str artifact, struct hm_str version);

#endif
