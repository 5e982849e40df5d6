/* SPDX-License-Identifier: Apache-2.0 */
/* java_identity.h - what an archive is: which of its poms is its own, and what its name, its
 * manifest and its place say where none is. */
#ifndef INVENTORY_CATALOGERS_JAVA_IDENTITY_H
#define INVENTORY_CATALOGERS_JAVA_IDENTITY_H

#include "inventory/catalogers/common.h"
#include "inventory/catalogers/java_pom.h"

/* "log4j-1.2-api-2.17.1-sources.jar": "log4j-1.2-api", "2.17.1". Classifiers are no part of the
 * version; ".jre11", "-jre", ".Final", "-SNAPSHOT" are. No version: *out_version is empty. */
void inventory_java_split_name(struct hm_str file, struct hm_str *out_name,
			       struct hm_str *out_version);

struct java_identity {
	struct java_pom pom; /* without artifact or version: it says nothing of itself */
	bool group_guessed;  /* the group is not stated anywhere, only likely */
	size_t own;          /* index of the pom that is its own; SIZE_MAX: none */
};
void inventory_java_identify(struct hm_cx *cx, struct hm_str path, const struct zip *zip,
			     const struct stanza *manifest, const struct java_poms *poms,
			     struct java_identity *out);

/* A value of the manifest, its lines joined; the first of these names that has one. */
struct hm_str inventory_java_attribute(struct hm_cx *cx, const struct stanza *manifest,
				       const char *const *names, size_t n);
bool inventory_java_is_archive(struct hm_str name);

#endif
