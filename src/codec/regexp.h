/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regexp.h - regular expressions, as files of the field have them.
 *
 * They are what Go's regexp reads (RE2), because those who write them have written them for Cosign
 * or Copacetic: what RE2 refuses, or reads in another way than PCRE2, which matches here, is
 * refused. Steps are bounded, since PCRE2 backtracks. Source: github.com/google/re2/wiki/Syntax;
 * pcre2pattern(3).
 */
#ifndef CODEC_REGEXP_H
#define CODEC_REGEXP_H

#include "base/base.h"

struct regexp {
	struct pcre2_real_code_8 *code; /* in the memory of whoever parsed it; NULL: none */
};
/* HM_INPUT: no expression, or one that is read in two ways; says where. HM_LIMIT:
 * HM_MAX_PATTERN. */
HM_MUST hm_err regexp_parse(struct hm_cx *cx, struct hm_str text, struct regexp *out);
/* One that may match anywhere in a text. */
HM_MUST hm_err regexp_parse_within(struct hm_cx *cx, struct hm_str text, struct regexp *out);
/* Is all of `text` what the expression says? A text with control characters never is, nor one that
 * takes more than HM_MAX_PATTERN_STEPS. Threads may share a pattern. */
bool regexp_match(struct hm_cx *cx, const struct regexp *p, struct hm_str text);

#endif
