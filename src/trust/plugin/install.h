/* SPDX-License-Identifier: Apache-2.0 */
/*
 * install.h - inside plugin/: the files of a plugin, out of what it is distributed as.
 */
#ifndef TRUST_PLUGIN_INSTALL_H
#define TRUST_PLUGIN_INSTALL_H

#include "trust/plugin/plugin.h"

/* A folder that is being filled; nobody else looks into it. */
struct trust_plugin_files {
	const char *folder;
	struct hm_strs names;    /* of what is in it */
	struct hm_str program;   /* notation-NAME, which may be run */
	struct hm_str candidate; /* notation-NAME, which may not; the last of them */
	size_t programs, candidates;
	uint64_t total; /* bytes */
};

/*
 * Unpack a zip file, a gzip'd tar archive, or what is neither as the program `file_name` itself,
 * into files->folder, flat: regular files alone, links and devices are left out. HM_INPUT: a name
 * that leads elsewhere, a name twice, no program or more than one. HM_LIMIT: HM_MAX_PLUGIN bytes or
 * HM_MAX_PLUGIN_FILES.
 */
HM_MUST hm_err trust_plugin_unpack(struct hm_cx *cx, struct hm_str bytes, struct hm_str file_name,
				   struct trust_plugin_files *files);

#endif
