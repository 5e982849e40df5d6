/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pep440.h - private to versions/: the parts of a Python version (PEP 440, appendix B).
 */
#ifndef ADVISORY_VERSIONS_PEP440_H
#define ADVISORY_VERSIONS_PEP440_H

#include "advisory/versions/versions.h"

struct advisory_pep440 {
	struct hm_str epoch, release; /* "1.2.0" */
	int pre;                      /* 0: none; 1 a, 2 b, 3 rc */
	struct hm_str pre_number;
	bool is_post, is_dev;
	struct hm_str post_number, dev_number;
	struct hm_str local;
};

/* False: PEP 440 does not allow this text as a version. */
bool advisory_pep440_parse(struct hm_str s, struct advisory_pep440 *out);
/* "1.2" and "1.2.0" are equal. */
int advisory_pep440_release_compare(struct hm_str a, struct hm_str b);
int advisory_pep440_order(const struct advisory_pep440 *a, const struct advisory_pep440 *b);

#endif
