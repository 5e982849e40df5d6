/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cataloger.h - how a cataloger says what it wants to see and what it found. Private to the room.
 *
 * A cataloger is a row of inventory_catalogers[] (catalogers/table.c): the paths it wants, and a
 * function from the bytes of one such file to findings. It runs in a sandboxed worker, is called
 * once a file, in the order of the layer, and keeps nothing between calls: what it finds it hands
 * to the builder, which copies it into the worker's answer at once. So `cx` is scratch: everything
 * allocated there is gone after the call.
 *
 * Patterns are compared with the whole normalised path ("usr/lib/os-release"):
 *
 *     *     any bytes of one name but '/', also none
 *     ** /  (without the space; only at the beginning) any folders, also none
 *
 *     "var/lib/dpkg/status", "var/lib/dpkg/info/" "*.list"
 *     two stars, then "/package-lock.json" or "/node_modules/NAME/package.json", NAME being a star
 *
 * A name that begins with '~' (which is not part of it) is compared in any case of ASCII letters.
 * At most one '*' in a name. The last name must not be a lone '*' behind a leading "**": that
 * would keep everything. The pattern INVENTORY_GO_ELF wants by content: any regular file that is an
 * ELF file with Go's build information in it. What such a cataloger gets is
 *   - since Go 1.18 (flags & 2): only the information itself, beginning with "\xff Go buildinf:";
 *   - before, where it holds addresses: the whole file, beginning with "\x7f" "ELF".
 */
#ifndef INVENTORY_CATALOGER_H
#define INVENTORY_CATALOGER_H

#include "inventory/inventory.h"

/* Part of the key of the layer cache: raise it with every change of a cataloger's findings. */
#define INVENTORY_CATALOGERS_VERSION 13

#define INVENTORY_GO_ELF "<elf with go build information>"
/* The whole of a regular file that is an ELF file with a section ".dep-v0". */
#define INVENTORY_RUST_ELF "<elf with a list of crates>"

/* One file that was asked for. */
struct inventory_file {
	struct hm_str path;  /* without a leading '/' */
	struct hm_str bytes; /* all of it; NUL behind it */
	uint32_t mode;       /* permission bits */
	struct hm_str part;  /* all of the file that belongs to it: see `part` below */
};

struct inventory_builder;

struct inventory_cataloger {
	const char *name;                 /* "dpkg", "npm-installed", ... */
	const char *const *patterns;      /* ended by NULL */
	enum inventory_evidence evidence; /* images: installed rows only; folders: all rows */
	bool required; /* a file that it cannot read fails the command; else it is unknown content
			*/
	uint64_t max;  /* bytes of one file; 0: HM_MAX_KEPT_FILE */
	/*
	 * What is put behind a file's path to name another that may belong to it ("-wal"), or NULL.
	 * When parse() of that one says inventory_add_part(), the file is read again with both at
	 * hand, from whichever layers they are in. Its findings then take the place of all others
	 * of the file.
	 */
	const char *part;
	hm_err (*parse)(struct hm_cx *cx, const struct inventory_file *file,
			struct inventory_builder *b);
};

/* The table: at most 64 rows, ended by one without name. Its order is the order of calls. */
extern const struct inventory_cataloger inventory_catalogers[];

/* Where the file lies. Its path in struct inventory_file may be a name that links give it, by which
 * it is read; what is found is there. */
struct hm_str inventory_place(const struct inventory_builder *b);

/* --- what parse() calls; everything is copied before they return; HM_LIMIT --- */

/*
 * A component. `evidence` and `cataloger` are set from the row. Its location is the file; where it
 * lies deeper (a jar in a war), give locations[0].path as FILE + "!/" + INNER. Leave purl,
 * namespace and distro of OS packages (deb, apk, rpm) empty: inventory_component_finish() fills
 * them when the distribution is known. An OS package without version is a statement about the
 * packages of that name, which the merge adds to them: its licences. So is what "cargo-manifest"
 * finds; and a component of "npm-origin" or "python-origin" says where the one at its path comes
 * from.
 */
HM_MUST hm_err inventory_add(struct hm_cx *cx, struct inventory_builder *b,
			     const struct inventory_component *c);
/*
 * An OS package (its name, and its architecture where the source of this fact states it) owns
 * `path`, with or without a leading '/'. Paths that no cataloger wants are dropped here, so call
 * it for all of them. Type is the purl's ("deb").
 */
HM_MUST hm_err inventory_add_owned(struct hm_cx *cx, struct inventory_builder *b, const char *type,
				   struct hm_str name, struct hm_str arch, struct hm_str path);
/* What an os-release file says. */
HM_MUST hm_err inventory_add_distro(struct hm_cx *cx, struct inventory_builder *b,
				    const struct inventory_distro *d);
/* This file must be read together with the one whose part it is. */
HM_MUST hm_err inventory_add_part(struct hm_cx *cx, struct inventory_builder *b);
/* Something in the file that could not be read: unknown content. `path` as in a location, where it
 * lies deeper; empty: the file itself. */
HM_MUST hm_err inventory_add_unknown(struct hm_cx *cx, struct inventory_builder *b,
				     struct hm_str path, struct hm_str reason);

/* --- what the component model does for the merge (component.c, join.c) --- */

/* Fill what depends on the distribution (namespace, distro of OS packages) and make the purl. */
HM_MUST hm_err inventory_component_finish(struct hm_cx *cx, struct inventory_component *c,
					  const struct inventory_distro *distro);
/* A package of the system that several databases have is one, with all their locations. What says
 * more stays. */
HM_MUST hm_err inventory_join(struct hm_cx *cx, struct inventory *inv);
/* Resolve `depends` of the sorted components into sorted, unique edges. */
HM_MUST hm_err inventory_resolve(struct hm_cx *cx, struct inventory *inv);

/* "bash-5.1-1.src.rpm": name "bash", version "5.1-1". Slices of `file`. */
void inventory_source_rpm(struct hm_str file, struct hm_str *out_name, struct hm_str *out_version);

/* --- for tests and fuzz targets: one cataloger on one file, without a worker --- */

struct inventory_owned {
	struct hm_str type, name, arch, path;
};
struct inventory_findings {
	HM_VEC(struct inventory_component) components; /* each with one location; layer is empty */
	HM_VEC(struct inventory_owned) owned;
	struct inventory_unknowns unknown; /* layer is empty */
	struct hm_strs part_of;            /* the file whose part this one is */
	bool has_distro;
	struct inventory_distro distro;
};
/* The row of this name; NULL. */
const struct inventory_cataloger *inventory_cataloger_find(const char *name);
/* Faults of parse() are returned, never turned into unknown content. */
HM_MUST hm_err inventory_catalog(struct hm_cx *cx, const struct inventory_cataloger *row,
				 const struct inventory_file *file, struct inventory_findings *out);

#endif
