/* SPDX-License-Identifier: Apache-2.0 */
/* ignore.h - the user's rules about what is to be ignored. Private to the room. */
#ifndef ADVISORY_IGNORE_H
#define ADVISORY_IGNORE_H

#include "advisory/vex/vex.h"
#include "codec/regexp.h"

enum ignore_fix { IGNORE_ANY_FIX, IGNORE_FIXED, IGNORE_NOT_FIXED };

/* A name as Grype's files have it: itself, or an expression for all of it. */
struct ignore_name {
	struct hm_str text;
	struct regexp pattern; /* none: the text alone */
};

/* All that is there must hold; empty: it is not asked for. */
struct ignore_rule {
	struct hm_str id;              /* of the vulnerability, or one of its other names */
	HM_VEC(struct vex_purl) purls; /* one of them */
	struct hm_strs paths;          /* patterns, one of them */
	struct ignore_name name, source_name;
	struct hm_str version, type, language; /* the last two are types of purls */
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
