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
	unsigned below; /* only of versions whose first number is smaller; 0: of all */
};
/* In the order of looking; ended by a row without artifact. */
extern const struct java_group inventory_java_group_rows[];

/* The group of the first row that fits; empty: none does. */
struct hm_str inventory_java_group(struct hm_str artifact, struct hm_str version);

#endif
