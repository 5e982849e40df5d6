/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patch.h - inside cli/: `patch`: its options, what it did, how it says so (patch_tell.c), and what
 * it proves of it (patch_evidence.c, patch_vex.c).
 */
#ifndef CLI_PATCH_H
#define CLI_PATCH_H

#include "advisory/advisory.h"
#include "cli/cli.h"
#include "cli/sign_forms.h"
#include "repair/repair.h"

struct cli_patch_options {
	const char *to, *db, *report, *compression, *provenance, *vex_author;
	const char *pkg_types, *library_patch_level, *record;
	const char *all; /* a PatchConfig */
	uint64_t concurrency;
	struct hm_strs platforms, repositories, keyrings, allow_scripts, keys, output, vex;
	struct cli_sealing sealing;
	bool dry_run, outdated, allow_expired, ignore_pins, no_cache, run_scripts;
};

/* One image that was looked at. */
struct cli_patched {
	struct hm_str platform;    /* "linux/amd64", or its digest */
	struct hm_str why_not;     /* it stays as it is; empty: it does not */
	struct oci_descriptor now; /* what the new index has */
	struct repair_result r;    /* .manager NULL: it was not looked into */
};
struct cli_patch_answer {
	const char *target, *to;
	bool dry_run, scanned;
	bool is_index;
	struct hm_str base, index; /* digests; index empty: none was written */
	struct cli_patched *images;
	size_t images_n;
	struct hm_strs notes;
};
extern const struct cli_answer cli_patch_answer;

/* --vex FORMAT=FILE */
struct cli_patch_vex {
	const struct advisory_vex_format *format;
	const char *file;
};
/* What is in the patched image, and what a scan of it found. */
struct cli_patch_proof {
	struct inventory inv;
	struct advisory_report report;
	bool is_scanned;
	int64_t when; /* it was scanned */
};

/* One run: what is asked of every image of it. */
struct cli_patch_work {
	struct cli *cli;
	const struct cli_patch_options *o;
	const struct advisory_db *db;
	const char *target;
	struct repair_report report;
	enum repair_compression compression;
	struct oci_place *from, *to;
	struct oci_target from_t, to_t;
	struct hm_str reference;   /* of `from`; empty: as its target says */
	struct hm_strs platforms;  /* of an index; none: all */
	bool left;                 /* something that has a fix is not fixed */
	struct sign_forms forms;   /* who signs the evidence; n 0: nobody */
	bool attaches;             /* SBOM and report, too; else provenance and VEX alone */
	struct hm_strs statements; /* of each image, when it is there */
	struct cli_patch_vex *vex; /* where VEX documents go */
	size_t vex_n;
	struct advisory_vex_draft claims; /* what became of each vulnerability, in all images */
};
/* `patch --all` (patch_many.c). */
HM_MUST hm_err cli_patch_many(struct hm_cx *cx, struct cli *cli, const struct cli_patch_options *o,
			      const struct advisory_db *db);
/* --- one target (patch_target.c) --- */

/* What is behind w->reference, pushed without a tag; *out: what a tag may stand for. Its digest is
 * empty where nothing was written. */
HM_MUST hm_err cli_patch_target(struct hm_cx *cx, struct cli_patch_work *w,
				struct cli_patch_answer *a, struct oci_descriptor *out);
/* The vulnerabilities of an image. */
HM_MUST hm_err cli_patch_scan(struct hm_cx *cx, const struct cli_patch_work *w, const char *target,
			      const char *platform, struct repair_wanteds *out);
HM_MUST hm_err cli_patch_end(struct hm_cx *cx, struct cli *cli, const char *text,
			     enum oci_mode mode, struct oci_target *t, struct oci_place **out);
HM_MUST hm_err cli_patch_compression(struct hm_cx *cx, const char *text,
				     enum repair_compression *out);
/* --pkg-types and --library-patch-level into *out. */
HM_MUST hm_err cli_patch_library(struct hm_cx *cx, const struct cli_patch_options *o,
				 struct repair_options *out);
/* The body of an answer, for one of many. */
void cli_patch_describe(struct json_out *o, const struct cli_patch_answer *a);
/* Of the image that is, or is of `platform` in the index that is, behind ends->d. */
HM_MUST hm_err cli_patch_image(struct hm_cx *cx, struct cli_patch_work *w, struct repair_ends *ends,
			       const char *platform, struct repair_result *r);
/* Who signs the provenance; before anything is written. */
HM_MUST hm_err cli_patch_vouch_open(struct hm_cx *cx, struct cli_patch_work *w);
/* The provenance of one patch, attached where somebody signs it; and what is left behind. */
HM_MUST hm_err cli_patch_vouch(struct hm_cx *cx, struct cli_patch_work *w, struct repair_result *r,
			       const struct cli_patch_proof *proof);
/* What became of each vulnerability of one image. */
HM_MUST hm_err cli_patch_vex_read(struct hm_cx *cx, struct cli_patch_work *w);
void cli_patch_claim(struct hm_cx *cx, const struct repair_finding *f, struct hm_str product,
		     struct advisory_vex_draft *draft);
/* What the patched image has of the package that a finding is about. */
void cli_patch_find_purls(struct hm_cx *cx, const struct inventory *now, struct repair_finding *f);
/* Author and time of a draft, which is complete then. */
HM_MUST hm_err cli_patch_vex_finish(struct hm_cx *cx, const struct cli_patch_work *w,
				    struct advisory_vex_draft *draft);
/* Write the documents of --vex. What is said of the images is said of their index, too; its digest,
 * or empty where there is no index. */
HM_MUST hm_err cli_patch_vex_end(struct hm_cx *cx, struct cli_patch_work *w, struct hm_str index);
/* The same of a new index: of which index it was made, and its images. */
HM_MUST hm_err cli_patch_vouch_index(struct hm_cx *cx, struct cli_patch_work *w,
				     struct cli_patch_answer *a, const struct oci_descriptor *base,
				     const struct oci_descriptor *index);
/* --provenance: a statement a line. */
HM_MUST hm_err cli_patch_vouch_end(struct hm_cx *cx, const struct cli_patch_work *w);
HM_MUST hm_err cli_patch_index(struct hm_cx *cx, struct cli_patch_work *w,
			       const struct oci_descriptor *d, struct cli_patch_answer *a,
			       struct oci_descriptor *out);

#endif
