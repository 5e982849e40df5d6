/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - regular expressions by which a trust policy means people.
 *
 * They are what Go's regexp reads (RE2), because those who write them have written them for Cosign:
 * what RE2 refuses, or reads in another way than PCRE2, which matches here, is refused. An
 * expression must match the whole text. Steps are bounded, since PCRE2 backtracks.
 * Source: github.com/google/re2/wiki/Syntax; pcre2pattern(3).
 */
#ifndef TRUST_PATTERN_H
#define TRUST_PATTERN_H

#include "base/base.h"

struct trust_pattern {
	struct pcre2_real_code_8 *code; /* in the memory of whoever parsed it; NULL: none */
};
/* HM_INPUT: no expression, or one that is read in two ways; says where. HM_LIMIT:
 * HM_MAX_PATTERN. */
HM_MUST hm_err trust_pattern_parse(struct hm_cx *cx, struct hm_str text, struct trust_pattern *out);
/* Is all of `text` what the expression says? A text with control characters never is, nor one that
 * takes more than HM_MAX_PATTERN_STEPS. Threads may share a pattern. */
bool trust_pattern_match(struct hm_cx *cx, const struct trust_pattern *p, struct hm_str text);

#endif
