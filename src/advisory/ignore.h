/* SPDX-License-Identifier: Apache-2.0 */
/* ignore.h - the user's rules about what is to be ignored. Private to the room. */
#ifndef ADVISORY_IGNORE_H
#define ADVISORY_IGNORE_H

#include "advisory/vex/vex.h"

enum ignore_fix { IGNORE_ANY_FIX, IGNORE_FIXED, IGNORE_NOT_FIXED };

/* All that is there must hold; empty: it is not asked for. */
struct ignore_rule {
	struct hm_str id;              /* of the vulnerability, or one of its other names */
	HM_VEC(struct vex_purl) purls; /* one of them */
	struct hm_strs paths;          /* patterns, one of them */
	struct hm_str name, version, type;
	enum ignore_fix fix;
	int64_t until;     /* seconds since 1970; 0: it has no end */
	struct hm_str why; /* the user's words */
	struct hm_str source;
	const char *unusable; /* it asks for what is not known here; NULL: it does not */
};
struct advisory_ignores {
	HM_VEC(struct ignore_rule) rules;
};

#endif
