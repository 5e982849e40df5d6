/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java_pom.h - what META-INF/maven/GROUP/ARTIFACT/ of an archive says: Maven's archiver puts
 * pom.properties and pom.xml there. Sources: Maven's archiver; the POM reference, "Inheritance" and
 * "Properties".
 */
#ifndef INVENTORY_CATALOGERS_JAVA_POM_H
#define INVENTORY_CATALOGERS_JAVA_POM_H

#include "codec/zip.h"
#include "inventory/inventory.h"

struct java_pom {
	struct hm_str group, artifact, version; /* the version may be empty: not known */
};
struct java_poms {
	struct inventory_unknowns unread; /* entries that could not be read */
	struct java_pom *p;
	size_t n, cap;
};

/* What one file says; what it leaves out stays as it was. Slices of `text`, or of the arena. */
void inventory_java_pom_properties(struct hm_str text, struct java_pom *out);
/* Of pom.xml: group and version of the parent where it has none of its own, and properties. What
 * needs another file than this to be known stays unknown. */
void inventory_java_pom_xml(struct hm_cx *cx, struct hm_str text, struct java_pom *out);

/* All of an archive, in its order, each once: its pom.properties, its pom.xml, and the names of the
 * folders that they lie in. HM_INPUT, HM_LIMIT. */
HM_MUST hm_err inventory_java_poms(struct hm_cx *cx, const struct zip *zip, struct java_poms *out);

#endif
