/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release_run.h - one release: its run, its evidence, which is attached and signed once however
 * often it runs, and what is told at the end.
 */
#ifndef CLI_RELEASE_RUN_H
#define CLI_RELEASE_RUN_H

#include "cli/build.h"
#include "cli/cli.h"
#include "cli/sign_forms.h"
#include "cli/timestamping.h"
#include "evidence/evidence.h"
#include "inventory/inventory.h"

struct release_item {
	struct oci_descriptor descriptor;
	bool reused;
};

/* The flags. */
struct release {
	const char *to, *db, *fail_on, *sbom_format, *record;
	struct hm_strs keys, output, formats, vex;
	bool no_cache, allow_unread, provenance, no_provenance;
	struct cli_timestamping timestamping;
	struct cli_sealing sealing;
	struct cli_build build;
};

/* A signed statement about an image: its SBOM, its report, how it was built. */
struct release_claim {
	struct hm_str type;          /* of the predicate */
	struct trust_stored *stored; /* one of each sealer */
};
struct release_claims {
	struct release_claim *p;
	size_t n, cap;
};

/* --vex: a document that is applied to the report, and attached as OpenVEX. */
struct release_vex {
	struct hm_str text;
	struct json document;
	/* The same document as of another time, where it is one of this run; or NULL. */
	hm_err (*as_of)(struct hm_cx *cx, const void *arg, int64_t when, struct hm_str *out_text);
	const void *arg;
};

/* One image behind the target: itself, or one platform of an index. */
struct release_image {
	struct oci_descriptor descriptor;
	struct oci_platform platform;
	struct hm_str sbom, sarif;
	size_t packages, counts[ADVISORY_SEVERITIES], suppressed;
	size_t fixable; /* of those that count */
	struct inventory_unknowns unknown;
	bool above; /* the threshold */
	struct release_item sbom_item, report_item;
	struct hm_str db_digest, db_built; /* of the database that it was scanned with */
	int64_t scan_began, scan_ended;
	struct release_item *vex_items; /* one of each document of --vex */
	struct trust_stored **vex_signatures;
	/* One of each signer, then one of each sealer. */
	struct trust_stored *sbom_signatures, *report_signatures, *signatures;
	struct release_claims claims;
};

enum release_step {
	RELEASE_INVENTORY,
	RELEASE_SCAN,
	RELEASE_PUSH,
	RELEASE_ATTACH,
	RELEASE_SIGN,
	RELEASE_STEPS
};

/* One run, and what came of it. */
struct release_run {
	const struct release *o;
	struct cli *cli;
	const struct oci_access *access;
	struct oci_target from_target, to_target;
	struct oci_place *from, *to;
	struct oci_descriptor root;
	struct release_image *images;
	size_t n;
	struct release_vex *vex;
	size_t vex_n;
	struct advisory_told told;             /* what they say */
	struct trust_stored *index_signatures; /* where the root is an index */
	struct release_claims index_claims;
	bool is_index, denied;
	bool above, unread;               /* why it is denied */
	enum advisory_severity threshold; /* ADVISORY_SEVERITIES: none */
	const struct inventory_format *format;
	struct trust_signers *signers; /* in Notation's format; n 0: in others alone */
	struct sign_forms forms;       /* all of them, and who signs in Sigstore's */
	struct hm_str provenance;      /* the predicate; empty: none is attached */
	struct trust_timestamping timestamping;
	int64_t started, took[RELEASE_STEPS];
};

/* How many signatures each thing gets, and whose and in which format one of them is. */
static inline size_t cli_release_signatures(const struct release_run *r)
{
	return r->signers->n + cli_sign_forms_count(&r->forms);
}
const char *cli_release_signature_format(const struct release_run *r, size_t i);
struct hm_str cli_release_signature_by(struct hm_cx *cx, const struct release_run *r, size_t i);

/* --format, and what goes with it. HM_USAGE. */
HM_MUST hm_err cli_release_read_formats(struct hm_cx *cx, struct release_run *r);
/* What the provenance will say, where one is wanted. */
HM_MUST hm_err cli_release_describe_build(struct hm_cx *cx, struct release_run *r);
/* `subject` is signed by each sealer, unless it is already; `out` has room for each. */
HM_MUST hm_err cli_release_seal(struct hm_cx *cx, struct release_run *r,
				const struct oci_descriptor *subject, struct trust_stored *out);
/* The same of the claims about an image, and of those about an index. */
HM_MUST hm_err cli_release_claim_image(struct hm_cx *cx, struct release_run *r,
				       struct release_image *m);
HM_MUST hm_err cli_release_claim_index(struct hm_cx *cx, struct release_run *r);

/* --- the steps, in their order (release_image.c) --- */

/* Everything that can be wrong with the command, before anything is done. */
HM_MUST hm_err cli_release_open(struct hm_cx *cx, struct release_run *r, const char *target);
void cli_release_done(struct release_run *r);
/* The image, from where it is. */
HM_MUST hm_err cli_release_source(struct hm_cx *cx, struct release_run *r);
/* SBOM and report of all its images; r->denied: it must go no further. */
HM_MUST hm_err cli_release_scan(struct hm_cx *cx, struct release_run *r);
/* Pushed, with its evidence, all signed; it has no tag yet. */
HM_MUST hm_err cli_release_ship(struct hm_cx *cx, struct release_run *r);
HM_MUST hm_err cli_release_tag(struct hm_cx *cx, struct release_run *r);

/* The evidence of one image that is at r->to: SBOM, report (no m->sarif: none) and VEX documents,
 * attached and signed, and the claims. The image itself is not signed. */
HM_MUST hm_err cli_release_evidence(struct hm_cx *cx, struct release_run *r,
				    struct release_image *m);

/* Everything that happened; its data are the run. */
extern const struct cli_answer cli_release_answer;

#endif
