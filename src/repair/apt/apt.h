/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apt.h - inside repair/: Debian's repositories and dpkg's records.
 *
 *   sources.c   what the image says about its repositories
 *   release.c   InRelease: verified, and what it says
 *   seen.c      how new each suite was
 *   index.c     Packages of each repository, fetched and verified
 *   plan.c      what is to be installed
 *   unpack.c    a .deb into the layer
 *   conffiles.c what becomes of configuration files
 *   status.c    dpkg's records
 *   status_d.c  records of images without dpkg
 */
#ifndef REPAIR_APT_APT_H
#define REPAIR_APT_APT_H

#include "repair/fetch.h"
#include "repair/openpgp.h"
#include "repair/room.h"

/* One suite of one repository: "URI SUITE COMPONENT...". */
struct apt_source {
	struct hm_str uri;   /* or a folder */
	struct hm_str suite; /* "bookworm-security"; ending in '/': a flat repository's folder */
	struct hm_strs components;
	struct repair_keyrings keyrings;
	bool optional;     /* of a mirror, which need not have it: its absence is no fault */
	bool is_named;     /* the image names the suite; else it was guessed */
	bool any_time;     /* check-valid-until=no */
	bool is_signed_by; /* it names its keys: those of the other repositories are not for it */
	struct hm_str why_not; /* it is not used: why; empty: it is */
};
struct apt_sources {
	struct apt_source *p;
	size_t n, cap;
};
/* By the image's sources.list(5), or those that are given. HM_INPUT: there is none. */
HM_MUST hm_err repair_apt_sources(struct hm_cx *cx, const struct repair_run *run,
				  struct apt_sources *out);

/* What a verified InRelease says. */
enum { APT_FORMS = 3 };
struct apt_index {
	struct hm_str component, arch;
	struct apt_form { /* as it is packed: what is read with the least work comes first */
		struct repair_file file; /* path below the repository; empty: not in this form */
		struct hm_str by_hash;   /* where it is to be had by its digest; empty: nowhere */
	} forms[APT_FORMS];
};
struct apt_release {
	struct hm_str suite, codename, signer;
	int64_t date;
	bool not_automatic; /* nothing comes from there by itself */
	struct apt_index *indexes;
	size_t indexes_n;
};
/* *out_there is false where an optional source has none. HM_TRUST. */
HM_MUST hm_err repair_apt_release(struct hm_cx *cx, const struct repair_run *run,
				  const struct apt_source *s, const struct hm_strs *archs,
				  struct apt_release *out, bool *out_there);

/* What the text of one says that was found good. */
HM_MUST hm_err repair_apt_release_read(struct hm_cx *cx, const struct repair_run *run,
				       const struct apt_source *s, struct hm_str text,
				       const struct hm_strs *archs, struct apt_release *out);

/* The suite is not older than it was when it was seen before (options.seen_dir). HM_TRUST. */
HM_MUST hm_err repair_apt_seen(struct hm_cx *cx, const struct repair_run *run,
			       const struct apt_source *s, const struct apt_release *r);

/* Fetches, and asks the solver. */
HM_MUST hm_err repair_apt_plan(struct hm_cx *cx, struct repair_run *run);
HM_MUST hm_err repair_apt_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l);
bool repair_apt_is_there(const struct repair_root *root);

#endif
