/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - the fields of a component as they cross between the worker and its parent: one list
 * for the writer and the reader. For builder.c and answer.c only.
 */
#ifndef INVENTORY_FIELDS_H
#define INVENTORY_FIELDS_H

#include <stddef.h>

#include "inventory/inventory.h"

#define AT(field) offsetof(struct inventory_component, field)
static const size_t component_texts[] = {
	AT(type),        AT(namespace),      AT(name),        AT(version), AT(arch),
	AT(source_name), AT(source_version), AT(distro),      AT(purl),    AT(range),
	AT(supplier),    AT(homepage),       AT(description), AT(owner),   AT(origin),
};
static const size_t component_lists[] = { AT(licenses), AT(hashes), AT(depends), AT(provides) };
#undef AT

#define AT(field) offsetof(struct inventory_unknown, field)
static const size_t unknown_texts[] __attribute__((unused)) = { AT(path), AT(layer), AT(reason) };
#undef AT

#define AT(field) offsetof(struct inventory_distro, field)
static const size_t distro_texts[] = { AT(id), AT(version_id), AT(version_codename), AT(name),
				       AT(id_like) };
#undef AT

#endif
