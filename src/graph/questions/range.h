/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range.h - inside graph/questions/: a package that is asked for with a version, or with a range of
 * them, as the tools of its type write ranges.
 */
#ifndef GRAPH_QUESTIONS_RANGE_H
#define GRAPH_QUESTIONS_RANGE_H

#include "advisory/advisory.h"

enum graph_sign {
	GRAPH_LESS,
	GRAPH_LESS_SAME,
	GRAPH_SAME,
	GRAPH_OTHER,
	GRAPH_MORE_SAME,
	GRAPH_MORE,
	GRAPH_LIKE,     /* its first numbers are those: "1.2.*" */
	GRAPH_LIKE_NOT, /* "!=1.2.*" */
};
struct graph_bound {
	enum graph_sign sign;
	struct hm_str version;
	size_t numbers;     /* of GRAPH_LIKE: how many */
	size_t alternative; /* a version is within if it keeps all bounds of one */
};
struct graph_range {
	struct hm_str purl; /* what is asked for, without the range */
	struct hm_str text; /* the range; empty: none */
	const struct advisory_scheme *scheme;
	/* Of words that only the type's own tools have: what reads them. */
	bool (*own)(struct hm_str version, struct hm_str range);
	size_t alternatives;
	struct {
		struct graph_bound *p;
		size_t n, cap;
	} bounds;
};

/*
 * "pkg:npm/a@1.2", "pkg:npm/a@>=1 <2", with qualifiers before or behind the range. A range is
 *   comparisons, with blanks or commas between: "<2.17.1", ">=2.0,<2.17.1", "!=2.1", "2.1.*";
 *   alternatives behind "||" or "|";
 *   intervals as Maven and NuGet write them: "[2.0,2.17.1)", "(,1.0],[2.0,)";
 *   "vers:TYPE/>=2.0|<2.17.1" (package-url, version range specifier);
 *   and what the tools of the type have of their own: "^1.2", "~1.2", "~> 1.2", "~=1.2".
 * HM_USAGE: no purl, or no range of its type.
 */
HM_MUST hm_err graph_range_read(struct hm_cx *cx, struct hm_str what, struct graph_range *out);
bool graph_range_has(const struct graph_range *r, struct hm_str version);
/* Is the version one that can be compared? */
bool graph_range_orders(const struct graph_range *r, struct hm_str version);

#endif
