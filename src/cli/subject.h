/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.h - the artifact that sign, verify, list and inspect are about.
 */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "cli/cli.h"
#include "envelope/envelope.h"

struct cli_subject {
	struct oci_target target;
	struct oci_place *place;
	struct oci_descriptor descriptor;
	struct hm_str name; /* with its digest */
};
/* Opens and resolves; warns where only a tag was given. Signatures of `sorts` (enum trust_sort; 0:
 * none) are asked for meanwhile: the caller will want to know them. */
HM_MUST hm_err cli_subject_open(struct hm_cx *cx, struct cli *cli, const char *text,
				enum oci_mode mode, unsigned sorts, struct cli_subject *out);
static inline void cli_subject_done(struct cli_subject *s)
{
	oci_close_ptr(&s->place);
}
#define CLI_AUTO_SUBJECT HM_CLEANUP(cli_subject_done) struct cli_subject

/* The targets of the command line; with --oci-layout, which Notation has, each is the path of a
 * layout. */
char *const *cli_layout_args(struct hm_cx *cx, char *const *args, size_t n, bool layout);
#define CLI_LAYOUT(Type, member)                               \
	CLI_OPT(Type, member, "oci-layout", CLI_FLAG, 0, NULL, \
		"the target is the path of an OCI layout: the same as oci:PATH")

/* KEY=VALUE each; `what` is for the message. HM_USAGE. */
HM_MUST hm_err cli_pairs(struct hm_cx *cx, const char *what, const struct hm_strs *given,
			 struct oci_annotations *out);
/* The same of --user-metadata. */
HM_MUST hm_err cli_metadata(struct hm_cx *cx, const struct hm_strs *given,
			    struct oci_annotations *out);
/* --expiry, in seconds; NULL: 0, none. HM_USAGE. */
HM_MUST hm_err cli_expiry(struct hm_cx *cx, const char *text, int64_t *out);
/* --signature-format; NULL: what config.json of Notation's configuration folder says, else JWS.
 * HM_USAGE names those that there are. HM_INPUT: config.json is none. */
HM_MUST hm_err cli_signature_format(struct hm_cx *cx, const struct cli *cli, const char *given,
				    const struct envelope_format **out);

#endif
