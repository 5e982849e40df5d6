/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vex.h - what the commands that write VEX documents share.
 */
#ifndef CLI_VEX_H
#define CLI_VEX_H

#include "advisory/advisory.h"
#include "cli/sealing.h"
#include "cli/subject.h"
#include "evidence/evidence.h"

/* Who says so. */
struct cli_vex_head {
	const char *author, *url, *role, *id;
};
/* clang-format off */
#define CLI_VEX_AUTHOR(type, field) \
	CLI_OPT(type, field.author, "author", CLI_TEXT, 0, "NAME", "who says so")
#define CLI_VEX_ROLE(type, field) \
	CLI_OPT(type, field.role, "author-role", CLI_TEXT, 0, "TEXT", "what the author is to the product")
#define CLI_VEX_URL(type, field) \
	CLI_OPT(type, field.url, "author-url", CLI_TEXT, 0, "URL", "of the author, which CSAF calls a namespace")
#define CLI_VEX_ID(type, field) \
	CLI_OPT(type, field.id, "id", CLI_TEXT, 0, "ID", "of the document; made of its content if not given")
/* clang-format on */
/* Into the draft: the author, where one is given, and the time of the document. */
void cli_vex_head(const struct cli_vex_head *o, struct advisory_vex_draft *draft);
/* The answer in all formats of VEX; its data are a complete draft. */
extern const struct cli_answer cli_vex_answer;

/* What is said of all of them. */
struct cli_vex_say {
	enum advisory_vex_status status;
	const char *justification, *impact, *action, *notes;
	struct hm_strs ids; /* only of these; none: of all */
};
/* The findings of a report that `scan` or `patch` wrote as JSON: of a scan what `say` says, of a
 * patch what became of each. HM_INPUT: neither of the two. */
HM_MUST hm_err cli_vex_from(struct hm_cx *cx, struct json report, const struct cli_vex_say *say,
			    struct advisory_vex_draft *draft);
bool cli_vex_is_patch(struct json report);

/* --- documents that hang at an image (vex_image.c) --- */

/* All that hang at what is open, or at the index that it was found by, and which of them count.
 * `scope`: "registry/repository", whose trust policy applies. */
struct cli_vex_place {
	struct oci_place *place;
	struct hm_str scope;
	const struct oci_descriptor *subjects;
	size_t n;
};
HM_MUST hm_err cli_vex_find(struct hm_cx *cx, struct cli *cli, const struct cli_vex_place *p,
			    struct evidence_vexes *out);
/* The same for an image that was scanned: what counts goes into `told`, what does not is logged,
 * and listed in `told`. HM_USAGE: it is no image. */
HM_MUST hm_err cli_vex_tell(struct hm_cx *cx, struct cli *cli, const struct inventory *inv,
			    const char *scope, struct advisory_told *told);

/* A document as it is attached: OpenVEX as it is, what is of another format as OpenVEX. */
HM_MUST hm_err cli_vex_predicate(struct hm_cx *cx, const char *file, struct hm_str bytes,
				 struct json *out);
/* What is attached, and whether it was there already: the same document by the same signer. */
struct cli_vex_attached {
	struct oci_descriptor descriptor;
	bool reused;
};
HM_MUST hm_err cli_vex_store(struct hm_cx *cx, struct cli *cli, const struct cli_subject *to,
			     const struct sigstore_sealing *by, struct json document,
			     struct cli_vex_attached *out);

#endif
