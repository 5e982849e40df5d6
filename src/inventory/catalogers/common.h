/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.h - what several catalogers share: lists of slices, and the parse functions that table.c
 * puts into the table.
 */
#ifndef INVENTORY_CATALOGERS_COMMON_H
#define INVENTORY_CATALOGERS_COMMON_H

#include "codec/stanza.h"
#include "inventory/cataloger.h"

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
