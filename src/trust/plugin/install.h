/* SPDX-License-Identifier: Apache-2.0 */
/*
 * install.h - inside plugin/: the files of a plugin, out of what it is distributed as.
 *
 * An archive is read in a sandboxed worker (unpack_job.c), whose records say which files there are
 * and what is in them. They are checked again, and written into a folder that nobody else looks
 * into (unpack.c); only a whole plugin that has told its name takes its place (install.c).
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
	uint64_t total; /* bytes, of all that was begun */
	bool open;      /* a file is being written: */
	int fd;
	uint64_t size; /* that it may have */
};
void trust_plugin_files_done(struct trust_plugin_files *f); /* the files stay */
#define TRUST_AUTO_PLUGIN_FILES HM_CLEANUP(trust_plugin_files_done) struct trust_plugin_files

/* What the worker is told, and what its records begin with. */
#define PLUGIN_ZIP "zip"
#define PLUGIN_TAR "tar"
enum {
	PLUGIN_ENTRY = 'E', /* may it be run (1 byte), its size (8), its name: a file begins */
	PLUGIN_DATA = 'D',  /* where in the file (8), bytes */
	PLUGIN_END = 'X',   /* the file ends */
};
/* One record, as untrusted bytes: a file is made in files->folder, or goes on. HM_INPUT: none, a
 * name that leads elsewhere, a name twice, more bytes than were announced. HM_LIMIT. */
HM_MUST hm_err trust_plugin_record(struct hm_cx *cx, struct trust_plugin_files *files,
				   struct hm_str record);

/*
 * Unpack a zip file, a gzip'd tar archive, or what is neither as the program `file_name` itself,
 * into files->folder, flat: regular files alone, links and devices are left out. HM_INPUT: a name
 * that leads elsewhere, a name twice, no program or more than one, or the worker crashed. HM_LIMIT:
 * HM_MAX_PLUGIN bytes, HM_MAX_PLUGIN_FILES, or what a worker may use. On a fault what is in the
 * folder is worth nothing.
 */
HM_MUST hm_err trust_plugin_unpack(struct hm_cx *cx, struct hm_str bytes, struct hm_str file_name,
				   struct trust_plugin_files *files);

#endif
