/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apk.h - inside repair/: Alpine's package manager, its repositories and its records.
 *
 *   text.c          lines of its records, words of its relations
 *   repositories.c  what the image says about its repositories and keys
 *   signed.c        gzip members: which are there (signed_job.c, in a worker), and who signed them
 *   solve_job.c     in a worker: indexes and records become what the solver reads (versions.c)
 *   plan.c          what is to be installed
 *   database.c      lib/apk/db/installed, read and written
 *   protect.c       protected paths
 *   unpack.c        a package into the layer (package_job.c, in a worker)
 *   vanish.c        files that no package has any more
 *   apply.c         the whole: packages, scripts.tar (scripts_job.c), triggers
 *   scripts.c       what scripts and triggers would have done
 *
 * Sources: the formats as wiki.alpinelinux.org (Apk_spec) and apk-tools' manual describe them;
 * apk-package(5), apk-repositories(5), apk-world(5), apk-protected_paths(5).
 */
#ifndef REPAIR_APK_APK_H
#define REPAIR_APK_APK_H

#include "repair/fetch.h"
#include "repair/room.h"

#define REPAIR_APK_SIGNED_JOB  "repair-apk-signed"
#define REPAIR_APK_PACKAGE_JOB "repair-apk-package"
#define REPAIR_APK_SOLVE_JOB   "repair-apk-solve"
#define REPAIR_APK_SCRIPTS_JOB "repair-apk-scripts"

/* --- text.c --- */

/* The value of a line "X:value" of a paragraph; names are one letter, whose case counts. */
struct hm_str repair_apk_field(struct hm_str paragraph, char name);
/* The next paragraph, without the empty line behind it; empty: no more. */
struct hm_str repair_apk_paragraph(struct hm_str *text);
/* The next word; empty: no more. */
struct hm_str repair_apk_word(struct hm_str *text);

/* "name", "!name", "name>=1.2-r0", "name~1.2", "name@tag", "name><Q1...". */
struct apk_relation {
	struct hm_str name, version, tag;
	bool conflicts;
	bool fuzzy;     /* '~': any version that begins so */
	bool pinned;    /* "><": one package, by its checksum */
	const char *op; /* "<<", "<=", "=", ">=", ">>", as solver.h has them; NULL: any version */
};
/* False: it cannot be read. */
bool repair_apk_relation(struct hm_str word, struct apk_relation *out);
/* A name or version of a package that may become part of a path. */
bool repair_apk_is_plain(struct hm_str s);

/* --- repositories.c --- */

struct apk_key {
	struct hm_str name; /* of its file: signatures name it */
	struct hm_str pem;
	bool given; /* on the command line: its file may have any name */
};
struct apk_repositories {
	struct hm_strs urls; /* or folders; the architecture's folder is below */
	struct {
		struct apk_key *p;
		size_t n, cap;
	} keys;
};
/* HM_INPUT: none. */
HM_MUST hm_err repair_apk_repositories(struct hm_cx *cx, const struct repair_run *run,
				       struct apk_repositories *out);

/* --- signed.c --- */

/* The first members of a file. */
struct apk_members {
	uint64_t first, second; /* ends; second 0: there is one member */
	uint64_t size;          /* of the file */
	struct hm_strs names,
		signatures; /* of ".SIGN." files in the first one; empty: not signed */
};
HM_MUST hm_err repair_apk_members(struct hm_cx *cx, int fd, struct apk_members *out);
/* An index: verified, and its bytes without the signature. HM_TRUST. */
HM_MUST hm_err repair_apk_verify_index(struct hm_cx *cx, const struct apk_repositories *r, int fd,
				       struct hm_str *out_bytes, struct hm_str *out_signer);
/* "Q1" and the SHA-1 in base64, as apk writes it. */
struct hm_str repair_apk_checksum(struct hm_cx *cx, struct crypto_hash *h);
/* The digest of a part of a file. */
HM_MUST hm_err repair_apk_hash(struct hm_cx *cx, int fd, uint64_t from, uint64_t to,
			       struct crypto_hash *h);

/* --- the solver (solve_job.c, plan.c) --- */

enum { APK_FRAME_INSTALLED = 'S', APK_FRAME_WORLD = 'W', APK_FRAME_INDEX = 'P' };

/* --- database.c --- */

struct apk_file {
	struct hm_str path; /* of a folder, too */
	struct hm_str csum; /* "Q1..."; empty: none */
	uint32_t uid, gid, mode;
	bool is_dir;
};
struct apk_files {
	struct apk_file *p;
	size_t n, cap;
};
struct apk_package {
	struct hm_str text; /* its paragraph with the last line's end */
	struct hm_str name, version, csum;
	struct hm_str old_version, old_csum; /* of what it replaced here */
	struct apk_files files;              /* in their order */
	struct apk_files old;                /* of what it replaced here */
	bool changed;
};
struct apk_db {
	struct hm_str folder; /* "lib/apk/db" */
	struct {
		struct apk_package *p;
		size_t n, cap;
	} packages;
	struct hm_map owners; /* path of a file -> its name, in a struct hm_str */
};
HM_MUST hm_err repair_apk_db_parse(struct hm_cx *cx, struct hm_str text, struct apk_db *out);
HM_MUST hm_err repair_apk_db_read(struct hm_cx *cx, const struct repair_root *root,
				  struct hm_str folder, struct apk_db *out);
struct apk_package *repair_apk_db_find(struct apk_db *db, struct hm_str name);
/* Instead of the package of that name, or where its name belongs. */
void repair_apk_db_put(struct hm_cx *cx, struct apk_db *db, const struct apk_package *p);
/* A paragraph: what the signed index says of it, its .PKGINFO, and its files. */
HM_MUST hm_err repair_apk_db_text(struct hm_cx *cx, struct hm_str index, struct hm_str info,
				  const struct apk_files *files, struct hm_str *out);
HM_MUST hm_err repair_apk_db_format(struct hm_cx *cx, const struct apk_db *db, struct hm_str *out);

/* --- protect.c --- */

/* apk-protected_paths(5): '-', '+', '@', '!'. */
struct apk_protected {
	struct {
		struct apk_protect_rule {
			char kind;
			struct hm_str path;
		} * p;
		size_t n, cap;
	} rules;
};
HM_MUST hm_err repair_apk_protected(struct hm_cx *cx, const struct repair_root *root,
				    struct apk_protected *out);
/* Is what is at this path kept, where somebody changed it? */
char repair_apk_protect(const struct apk_protected *p, struct hm_str path);

/* --- unpack.c, apply.c, scripts.c --- */

struct apk_script {
	struct hm_str name; /* ".post-upgrade" */
	struct hm_str bytes;
};
struct apk_scripts {
	struct apk_script *p;
	size_t n, cap;
};
struct apk_unpacked {
	struct hm_str index; /* what the signed index says of it */
	struct hm_str info;  /* .PKGINFO */
	struct apk_scripts scripts;
	struct apk_files files;
};
struct apk_at {
	struct repair_run *run;
	struct apk_db *db;
	struct repair_layer *l;
	const struct apk_protected *protected;
};
/* Fetched already, verified here by p->index, before a byte of it counts. */
HM_MUST hm_err repair_apk_unpack(struct hm_cx *cx, const struct apk_at *at, int fd,
				 struct apk_unpacked *p);
/* A value of .PKGINFO ("key = value"), the first; several are joined by a space. */
struct hm_str repair_apk_info(struct hm_cx *cx, struct hm_str info, const char *key);

/* Files of old versions that no package has any more. */
HM_MUST hm_err repair_apk_vanish(struct hm_cx *cx, const struct apk_at *at);
/* What its scripts would do, into c->script. `old` is the record of the old version, or empty. */
void repair_apk_scripts(struct hm_cx *cx, const struct apk_at *at, const struct apk_unpacked *u,
			struct hm_str old, struct repair_change *c);
/* Is a trigger one whose work is done here, or needs none? */
bool repair_apk_trigger_is_known(struct hm_str script);

HM_MUST hm_err repair_apk_plan(struct hm_cx *cx, struct repair_run *run);
HM_MUST hm_err repair_apk_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l);
bool repair_apk_is_there(const struct repair_root *root);

/* What plan() leaves for apply(). */
struct apk_planned {
	struct apk_db db;
	struct hm_strs index; /* of each change, in the order of result->changes */
};

#endif
