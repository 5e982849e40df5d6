/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.h - what several catalogers share: stanzas of "Name: value" lines, lists of slices, and
 * the parse functions that table.c puts into the table.
 */
#ifndef INVENTORY_CATALOGERS_COMMON_H
#define INVENTORY_CATALOGERS_COMMON_H

#include "inventory/cataloger.h"

/* Fields of one stanza (deb822, RFC 822 headers, java manifests), in their order. A value keeps its
 * continuation lines, line breaks and all; only white namespace at its ends is gone. */
struct inventory_field {
	struct hm_str name, value;
};
struct inventory_stanza {
	struct inventory_field *p;
	size_t n, cap;
};

/* Does the line begin with a name and ':'? */
bool inventory_is_field(struct hm_str line);
/* Read the next stanza, which empty lines end, and forget the one before; false: no more. Slices of
 * `text`. Lines that are no fields are passed over. */
bool inventory_stanza_next(struct hm_cx *cx, struct hm_str *text, struct inventory_stanza *s);
/* The value of the first field of this name (ASCII case does not count); empty where absent. */
struct hm_str inventory_stanza_get(const struct inventory_stanza *s, const char *name);

/* Append, unless it is empty or there already (of the first 4096). */
void inventory_list_add(struct hm_cx *cx, struct hm_strs *list, struct hm_str s);

/* A plain key=value file with quotes and backslashes as a shell has them (os-release(5)). */
struct hm_str inventory_unquote(struct hm_cx *cx, struct hm_str value);

/* "@scope/name" or "name": sets type, namespace and name. */
void inventory_npm_name(struct inventory_component *c, struct hm_str name);

/* Is it a file that PyPI serves? */
bool inventory_is_pypi(struct hm_str url);

/* Where a package of an npm lock file comes from, by its "resolved": empty where that is a
 * registry, or a mirror of one; else "git+https://...#COMMIT", "file:...", or a URL. */
struct hm_str inventory_npm_origin(struct hm_cx *cx, struct hm_str resolved);

#define INVENTORY_PARSE(name)                                                              \
	hm_err inventory_parse_##name(struct hm_cx *cx, const struct inventory_file *file, \
				      struct inventory_builder *b)
INVENTORY_PARSE(apk);
INVENTORY_PARSE(cargo_auditable);
INVENTORY_PARSE(cargo_lock);
INVENTORY_PARSE(cargo_manifest);
INVENTORY_PARSE(chisel);
INVENTORY_PARSE(dpkg);
INVENTORY_PARSE(go);
INVENTORY_PARSE(java);
INVENTORY_PARSE(npm_app);
INVENTORY_PARSE(npm_installed);
INVENTORY_PARSE(npm_lock);
INVENTORY_PARSE(npm_origin);
INVENTORY_PARSE(os_release);
INVENTORY_PARSE(python_installed);
INVENTORY_PARSE(python_origin);
INVENTORY_PARSE(requirements);
INVENTORY_PARSE(rpm);
INVENTORY_PARSE(rpm_manifest);

#endif
