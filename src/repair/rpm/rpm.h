/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm.h - inside repair/: the package managers that stand on rpm (dnf, yum, tdnf, zypper).
 *
 *   header.c        the header of a package; record.c: what a worker says of one
 *   database.c      where the database lies, and what is in it (database_job.c, in a worker)
 *   manifest.c      lists in the place of a database
 *   repositories.c  what the image says about its repositories and keys
 *   metadata.c      repomd.xml, its signature, and the primary metadata it names
 *   solve_job.c     in a worker: metadata and installed packages into the solver (libsolv)
 *   plan.c          what is to be installed
 *   package.c       a package: its parts, who signed it (head_job.c, in a worker)
 *   prepare.c       which of its files come, and where
 *   unpack.c        into the layer (payload_job.c, in a worker)
 *   fate.c          what becomes of configuration that somebody changed
 *   vanish.c        files that no package has any more
 *   scripts.c       what scripts and triggers would have done
 *   write_job.c     in a worker: the database as rpm leaves it
 *   apply.c         the whole
 *
 * Sources: the RPM v4 package format; rpm 4.18's database; dnf.conf(5); the repository metadata as
 * createrepo_c(8) writes it.
 */
#ifndef REPAIR_RPM_RPM_H
#define REPAIR_RPM_RPM_H

#include "repair/fetch.h"
#include "repair/openpgp.h"
#include "repair/room.h"
#include "repair/rpm/header.h"

#define REPAIR_RPM_DATABASE_JOB "repair-rpm-database"
#define REPAIR_RPM_HEAD_JOB     "repair-rpm-head"
#define REPAIR_RPM_PAYLOAD_JOB  "repair-rpm-payload"
#define REPAIR_RPM_REPOMD_JOB   "repair-rpm-repomd"
#define REPAIR_RPM_SOLVE_JOB    "repair-rpm-solve"
#define REPAIR_RPM_WRITE_JOB    "repair-rpm-write"

/* --- database.c --- */

enum rpm_database_kind { RPM_SQLITE, RPM_NDB, RPM_BDB, RPM_MANIFEST };
struct rpm_installed {
	struct rpm_package p;
	bool gone;                    /* replaced here, or removed */
	const struct rpm_package *by; /* what replaced it; NULL: nothing */
};
struct rpm_owner {
	size_t package, file;
};
struct rpm_database {
	enum rpm_database_kind kind;
	struct hm_str path;  /* of its file */
	struct hm_str bytes; /* of it; .wal: of SQLite's write-ahead log beside it */
	struct hm_str wal;
	struct {
		struct rpm_installed *p;
		size_t n, cap;
	} packages;           /* in its own order */
	struct hm_map owners; /* place of a file -> struct rpm_owner of one of its packages */
};
bool repair_rpm_is_there(const struct repair_root *root);
/* HM_INPUT: damaged. */
HM_MUST hm_err repair_rpm_database_read(struct hm_cx *cx, const struct repair_root *root,
					struct rpm_database *out);
/* What an installed package has at its places. */
HM_MUST hm_err repair_rpm_own(struct hm_cx *cx, const struct repair_root *root,
			      struct rpm_database *db, size_t package);
/* Whose a file at this place is; NULL: nobody's. */
const struct rpm_owner *repair_rpm_owner(const struct rpm_database *db, struct hm_str place);

/* --- manifest.c --- */

struct rpm_at;
/* Lists in the place of a database: names, versions and architectures alone. HM_INPUT. */
HM_MUST hm_err repair_rpm_manifest(struct hm_cx *cx, struct hm_str text, struct rpm_database *out);
HM_MUST hm_err repair_rpm_manifest_format(struct hm_cx *cx, const struct rpm_at *at,
					  struct hm_str text, bool is_short, uint32_t when,
					  struct hm_str *out);

/* --- repositories.c --- */

struct rpm_repository {
	struct hm_str name;                    /* of its section */
	struct hm_str url;                     /* or folder */
	bool signed_packages, signed_metadata; /* gpgcheck, repo_gpgcheck */
	uint64_t priority;                     /* the smaller the better */
	struct hm_strs exclude;                /* patterns */
	struct repair_keyrings keys;
	/* metadata.c: */
	bool is_verified;      /* its metadata is signed by one of the keys */
	struct hm_str primary; /* packed */
	struct hm_str filelists;
};
struct rpm_repositories {
	struct rpm_repository *p;
	size_t n, cap;
	struct hm_strs held; /* patterns of packages that stay as they are */
	bool no_docs;
	struct hm_strs langs; /* empty: all */
};
/* HM_INPUT: none. */
HM_MUST hm_err repair_rpm_repositories(struct hm_cx *cx, const struct repair_run *run,
				       const struct rpm_database *db, struct rpm_repositories *out);

/* --- metadata.c --- */

enum rpm_hash { RPM_OTHER_HASH, RPM_SHA256, RPM_SHA512 };
/* Into .primary. HM_TRUST, HM_ABSENT. */
HM_MUST hm_err repair_rpm_metadata(struct hm_cx *cx, const struct repair_run *run,
				   struct rpm_repository *r);

/* --- solve_job.c --- */

enum {
	RPM_FRAME_DATABASE = 'D',
	RPM_FRAME_WAL = 'W',
	RPM_FRAME_PRIMARY = 'P',
	RPM_FRAME_FILELISTS = 'F',
	RPM_FRAME_REPOSITORY = 'R'
};
struct rpm_step {
	struct hm_str name, arch, from, to; /* from empty: new; to empty: removed */
	struct hm_str path, sha256;         /* sha256 empty: not said */
	struct hm_str source;
	uint64_t size;
	uint32_t repository;
	/* Of lists without files: where the installed version is; .old_path empty: nowhere. */
	struct hm_str old_path, old_sha256;
	uint64_t old_size;
	uint32_t old_repository;
};
struct rpm_answer {
	struct {
		struct rpm_step *p;
		size_t n, cap;
	} steps;
	struct rpm_best {
		struct hm_str name, evr;
	} * best;
	size_t best_n;
	struct hm_strs problems, notes;
};
void repair_rpm_answer_put(struct hm_buf *out, const struct rpm_answer *a);
HM_MUST hm_err repair_rpm_answer_read(struct hm_cx *cx, struct hm_str bytes,
				      struct rpm_answer *out);

/* --- package.c --- */

/* A package that was fetched, whose header counts. */
struct rpm_fetched {
	int fd;                                      /* until its payload is in the spool */
	uint64_t header, header_size, payload, size; /* where its parts begin */
	uint64_t spooled;
	struct hm_str signature_header, raw_header; /* without magic */
	struct hm_strs signatures;                  /* over the header: OpenPGP packets */
	struct rpm_package p;
	struct hm_str signer; /* fingerprint; empty: not signed, or not asked */
};
/* HM_TRUST: it is not the one that the signed metadata names, or nobody who is trusted signed it.
 */
HM_MUST hm_err repair_rpm_package(struct hm_cx *cx, const struct repair_run *run,
				  const struct rpm_repository *r, struct repair_change *c,
				  struct rpm_fetched *out);
HM_MUST hm_err repair_rpm_read_at(struct hm_cx *cx, int fd, uint64_t at, char *room, size_t n);

/* --- unpack.c, fate.c, vanish.c --- */

/* What becomes of a file (rpmfiles.h: FA_CREATE, FA_SKIP, FA_ALTNAME, FA_SAVE, FA_BACKUP). */
enum rpm_fate {
	RPM_CREATE,
	RPM_SKIP,
	RPM_BESIDE /* .rpmnew */,
	RPM_SAVE /* .rpmsave */,
	RPM_BACKUP /* .rpmorig */
};
/* A file of a package that comes, on its way. */
struct rpm_slot {
	struct hm_str place;
	enum rpm_fate fate;
	size_t first; /* of the files that are hard links of each other, the first that comes; in
			 its own slot: how many they are, and which is the last */
	size_t links, last;
	bool seen, emitted;
};
struct rpm_change {
	struct repair_change *change;
	struct rpm_fetched f;   /* .p.files[].state is what becomes of them */
	struct rpm_slot *slots; /* of each file */
	const struct rpm_repository *repository;
	size_t old;   /* installed package that it replaces; SIZE_MAX: none */
	bool removed; /* .old goes, and nothing comes */
};
struct rpm_claim {
	size_t change, file;
};
struct rpm_at {
	struct repair_run *run;
	struct rpm_database *db;
	struct rpm_repositories *repositories;
	struct repair_layer *l;
	int spool; /* payloads of all packages, one behind the other */
	struct {
		struct rpm_change *p;
		size_t n, cap;
	} changes;
	struct hm_map new; /* place -> struct rpm_claim of a package that comes */
};
/* Which files of each package come, and where; folders go into the layer. HM_DENIED: a file of
 * another package. */
HM_MUST hm_err repair_rpm_prepare(struct hm_cx *cx, struct rpm_at *at);
/* The header's entry of a file, at its place. */
HM_MUST hm_err repair_rpm_entry(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_file *f,
				struct hm_str place, struct tar_entry *out);
HM_MUST hm_err repair_rpm_unpack(struct hm_cx *cx, struct rpm_at *at, struct rpm_change *c);

HM_MUST hm_err repair_rpm_fate(struct hm_cx *cx, const struct rpm_at *at,
			       const struct rpm_package *p, const struct rpm_file *f,
			       struct hm_str place, enum rpm_fate *out);
/* The digest that a package has of its files; false: none that counts (MD5). */
bool repair_rpm_digest(const struct rpm_package *p, struct crypto_hash *out);
/* Is the file of a package another than was installed? */
HM_MUST hm_err repair_rpm_is_edited(struct hm_cx *cx, const struct rpm_package *p,
				    const struct rpm_file *f, const struct repair_node *n,
				    bool *out);
HM_MUST hm_err repair_rpm_vanish(struct hm_cx *cx, const struct rpm_at *at);
/* The file that is at a place in the image into the layer, under another name. */
HM_MUST hm_err repair_rpm_keep_as(struct hm_cx *cx, const struct rpm_at *at, struct hm_str place,
				  const char *end);

/* --- scripts.c --- */
HM_MUST hm_err repair_rpm_scripts(struct hm_cx *cx, struct rpm_at *at);

/* --- plan.c, apply.c --- */

struct rpm_planned {
	struct rpm_database db;
	struct rpm_repositories repositories;
	struct {
		uint32_t *p;
		size_t n, cap;
	} from; /* of each change: which repository */
	struct {
		struct rpm_step *p;
		size_t n, cap;
	} old; /* of each change: where its installed version is */
};
/* The installed package that a change replaces or removes; SIZE_MAX: none. */
size_t repair_rpm_installed(const struct rpm_database *db, const struct repair_change *c);
HM_MUST hm_err repair_rpm_plan(struct hm_cx *cx, struct repair_run *run);
HM_MUST hm_err repair_rpm_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l);

#endif
