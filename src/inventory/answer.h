/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - what a worker says about one layer, read as untrusted bytes; builder.h and the reader
 * of layers (layer.h) write it. Private to the room.
 *
 * Records, each begun by one byte; numbers are LEB128, texts counted:
 *
 *     F path row        a file that cataloger `row` reads; what follows is about it
 *     C component       O owned paths      D distribution      W path reason: unknown content
 *     X words           the file cannot be read: a fault, if it is still there in the image
 *     J path            it is a part of the file of this path: both must be read together
 *     R path            something else is at this path now: forget what was found there
 *     S path target     a symbolic link directly below the root, on the way to a database or to
 *                       packages, or asked for
 *     s path target     the same, where layers share one folder: the path that such a link has
 *                       there, by links of lower layers; no target: no link is at it any more,
 *                       though one of this layer may have been
 *
 *     B path bytes      the contents of a file that was asked for
 *
 *     N bits            files must be kept although nobody wants their path: read again with these
 *
 *     P hashes          of what hides something below the layer, see inventory_path_hash()
 *
 *     L hashes          of its symbolic links (INVENTORY_PATH_HIDES)
 *
 *     I through hashes  of folders that entries are in without an entry of their own (the same);
 *                       do these mean two places (layer_tree.h)?
 *
 *     E diff-id size entries     the end; nothing follows
 */
#ifndef INVENTORY_ANSWER_H
#define INVENTORY_ANSWER_H

#include "inventory/cataloger.h"

#define INVENTORY_ANSWER_VERSION 9

/* Paths to be kept in a second reading, by one bit of their hash: never too few. */
enum { INVENTORY_BITS = 1 << 18, INVENTORY_BITS_SIZE = INVENTORY_BITS / 8, INVENTORY_DIFF_ID = 32 };

struct inventory_found_owner {
	uint32_t file;
	struct hm_str type, name, arch;
	struct hm_str
		hashes; /* 8 bytes each, little endian: INVENTORY_PATH_HIDES of what it owns */
	struct hm_strs paths; /* keep_paths only */
};
struct inventory_found_file {
	struct hm_str path;
	uint32_t row;
	uint32_t older; /* of the same path: index + 1 */
	bool forgotten; /* something else is at its path */
};
struct inventory_found_distro {
	uint32_t file;
	struct inventory_distro distro;
};
struct inventory_found_unknown {
	uint32_t file;
	struct hm_str path; /* of what could not be read: never empty */
	struct hm_str reason;
};
struct inventory_found_fault {
	uint32_t file;
	struct hm_str words;
};
struct inventory_found_link {
	struct hm_str path, target; /* the target as it stands there */
	uint32_t older;             /* of the same path: index + 1 */
	bool shared;                /* it is there where layers share one folder */
	bool unlinked;              /* there it is gone */
	bool forgotten;
};
struct inventory_found_part {
	uint32_t file;
	struct hm_str of; /* path */
};
struct inventory_found_bytes {
	struct hm_str path, bytes;
};
struct inventory_answer {
	HM_VEC(struct inventory_found_file) files;
	HM_VEC(struct inventory_component) components; /* one location each, without layer */
	HM_VEC(uint32_t) component_files;              /* the file of each */
	HM_VEC(struct inventory_found_owner) owners;
	HM_VEC(struct inventory_found_distro) distros;
	HM_VEC(struct inventory_found_unknown) unknown;
	HM_VEC(struct inventory_found_fault) faults;
	HM_VEC(struct inventory_found_link) links;
	struct hm_strs unlinked; /* paths, where layers share one folder */
	HM_VEC(struct inventory_found_part) parts;
	HM_VEC(struct inventory_found_bytes) given;
	struct hm_str needs;                       /* INVENTORY_BITS_SIZE bytes, or none */
	struct hm_str hashes, made_links, implied; /* 8 bytes each: P, L, I */
	bool through;
	struct hm_str diff_id;
	uint64_t tar_size, entries;
};

/* Strings point into `bytes`. HM_INPUT: anything that the writer would not have written;
 * HM_LIMIT. */
HM_MUST hm_err inventory_answer_read(struct hm_cx *cx, struct hm_str bytes,
				     struct inventory_answer *out);

#endif
