/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg.h - inside repair/apt/: dpkg's records, and a package on its way into the layer.
 */
#ifndef REPAIR_APT_DPKG_H
#define REPAIR_APT_DPKG_H

#include "codec/stanza.h"
#include "repair/apt/apt.h"
#include "repair/apt/deb.h"

/* A package in var/lib/dpkg/status, in a file of var/lib/dpkg/status.d, or in both. */
struct dpkg_package {
	struct hm_str text; /* its stanza, as it stands there, without the empty line */
	struct hm_str name, arch, version, multi_arch;
	bool is_installed, in_status;
	struct hm_str file; /* the name of its file in status.d; empty: it has none */
};
struct dpkg_diversion {
	struct hm_str from, to, by; /* paths without a leading '/'; ":" for the administrator */
};
struct dpkg_override {
	uint32_t uid, gid, mode;
};
/* Which packages of the image list a path: how many, and the last that was read. */
struct dpkg_owners {
	unsigned n;
	unsigned then;      /* how many do once those are replaced that have been so far */
	struct hm_str name; /* without its architecture */
};
/* A path that the new version of a package does not list. */
struct dpkg_old {
	struct hm_str listed, place; /* as it stands in the list; where that leads */
};
struct dpkg {
	struct {
		struct dpkg_package *p;
		size_t n, cap;
	} packages;
	struct {
		struct dpkg_diversion *p;
		size_t n, cap;
	} diversions;
	struct hm_map overrides;       /* path -> struct dpkg_override */
	struct hm_map owners;          /* path -> how many packages list it (struct dpkg_owners) */
	struct hm_strs auto_installed; /* "NAME ARCH" of new packages */
	struct hm_map taken;           /* "PACKAGE\nPATH" that it has lost to another */
	struct {
		struct dpkg_old *p;
		size_t n, cap;
	} old;                       /* of packages that were replaced */
	struct hm_map removed;       /* places that vanish; known when all are replaced */
	struct hm_strs old_folders;  /* gone, too, if empty */
	bool has_status, has_folder; /* which of the two forms the image has */
};
/* One more package lists a path (1), or one fewer does (-1). */
void repair_dpkg_count(struct hm_cx *cx, struct dpkg *d, struct hm_str path, int more);
HM_MUST hm_err repair_dpkg_read(struct hm_cx *cx, const struct repair_root *root, struct dpkg *out);
struct dpkg_package *repair_dpkg_find(struct dpkg *d, struct hm_str name, struct hm_str arch);

/* --- images without dpkg (status_d.c): a file a package in status.d, nothing in info/ --- */
bool repair_status_d_is_there(const struct repair_root *root);
/* Its packages, added to those of the status file. HM_DENIED: the two contradict each other. */
HM_MUST hm_err repair_status_d_read(struct hm_cx *cx, const struct repair_root *root,
				    struct dpkg *d);
/* The paths of a package, a line each, as far as such an image knows them: its files, and links to
 * them that would lead nowhere once they are gone. */
HM_MUST hm_err repair_status_d_list(struct hm_cx *cx, const struct repair_root *root,
				    const struct dpkg *d, const struct dpkg_package *p,
				    struct hm_str *out);

/* All stanzas, one after another, an empty line behind each. */
HM_MUST hm_err repair_dpkg_text(struct hm_cx *cx, const struct dpkg *d, struct hm_str *out);

/* Where packages go. */
struct dpkg_at {
	struct repair_run *run;
	struct dpkg *d;
	struct repair_layer *l;
};
struct repair_ahead;
/* One package, as it was read, into the layer. *out is what the records need to know. */
HM_MUST hm_err repair_deb_unpack(struct hm_cx *cx, const struct dpkg_at *at,
				 const struct repair_change *c, struct repair_ahead *ahead,
				 struct deb *out);
/* Its file in status.d, and those beside it. */
HM_MUST hm_err repair_status_d_write(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str file,
				     const struct deb *deb);
/* A file that another package has may be taken over only where the new one says so ("Replaces");
 * then the other one loses it. HM_INPUT: it does not. */
HM_MUST hm_err repair_dpkg_take(struct hm_cx *cx, const struct dpkg_at *at,
				const struct repair_change *c, const struct deb *deb,
				struct hm_str path);
/* Its files that are no more, and its records below info/ or in status.d. */
HM_MUST hm_err repair_dpkg_replace(struct hm_cx *cx, const struct dpkg_at *at,
				   const struct repair_change *c, const struct deb *deb);
/* --- what vanishes (vanish.c) --- */
/* `list`: the paths of the old version, a line each. */
HM_MUST hm_err repair_dpkg_note_old(struct hm_cx *cx, const struct dpkg_at *at,
				    const struct repair_change *c, const struct deb *deb,
				    struct hm_str list);
/* When all are replaced: which of their old paths vanish. */
HM_MUST hm_err repair_dpkg_settle(struct hm_cx *cx, const struct dpkg_at *at);
/* Hidden in the layer, with the folders that are empty then. */
HM_MUST hm_err repair_dpkg_hide(struct hm_cx *cx, const struct dpkg_at *at);
/* The status file and what else speaks of all packages. */
HM_MUST hm_err repair_dpkg_write(struct hm_cx *cx, const struct dpkg_at *at);

/* "etc/x MD5[ obsolete]" of the installed package. */
struct dpkg_conffile {
	struct hm_str path, md5;
	bool is_obsolete;
};
struct dpkg_conffiles {
	struct dpkg_conffile *p;
	size_t n, cap;
};
void repair_dpkg_conffiles(struct hm_cx *cx, const struct dpkg_package *p,
			   struct dpkg_conffiles *out);

/* Where files of this package go: diverted, and through links of folders. */
HM_MUST hm_err repair_dpkg_place(struct hm_cx *cx, const struct repair_root *root,
				 const struct dpkg *d, struct hm_str package, struct hm_str path,
				 struct hm_str *out);
/*
 * What the scripts of all packages would have done, into `changes`, and what of it belongs into the
 * image, into the layer; see script.h. debs[i] is the package of changes->p[i].
 */
HM_MUST hm_err repair_apt_scripts(struct hm_cx *cx, const struct dpkg_at *at,
				  struct repair_changes *changes, const struct deb *debs);
/* Notes of new libraries where the loader needs its cache (ld.so.conf). */
HM_MUST hm_err repair_dpkg_libraries(struct hm_cx *cx, const struct dpkg_at *at);
/* Compiled modules of Python whose source is another one now. */
HM_MUST hm_err repair_apt_bytecode(struct hm_cx *cx, const struct dpkg_at *at);

#endif
