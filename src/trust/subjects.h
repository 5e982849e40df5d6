/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subjects.h - inside trust/: everything in a place that may have been signed.
 *
 * What the tags lead to: children of indexes, referrers, and referrers of those; and what a tagged
 * manifest is about. In a layout or archive also what is listed without a tag, and what that is
 * about: a signature leads to its subject. In a registry an untagged subject can be found where the
 * list of its referrers is kept under a tag ("sha256-<hex>"); no registry lists the others.
 */
#ifndef TRUST_SUBJECTS_H
#define TRUST_SUBJECTS_H

#include "oci/oci.h"

/* Each once, no signatures; evidence before what it is about, and children before their index. */
struct trust_subjects {
	struct oci_descriptor *p;
	size_t n, cap;
	bool only_tags; /* a whole registry's: there may be more, which no tag leads to */
};
/* Of a repository or layout; with a tag or digest in the target, what that leads to. HM_LIMIT:
 * HM_MAX_REFERRERS; HM_BUSY: what is there could not be seen. */
HM_MUST hm_err trust_subjects_find(struct hm_cx *cx, struct oci_place *p,
				   const struct oci_target *t, struct trust_subjects *out);

#endif
