/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/advisory.h"

const char *const advisory_severity_names[ADVISORY_SEVERITIES] = { "unknown", "low", "medium",
								   "high", "critical" };

bool advisory_severity_parse(struct hm_str text, enum advisory_severity *out)
{
	/* The words of GitHub, Red Hat and its kin, Debian and Ubuntu. */
	static const struct {
		const char *word;
		enum advisory_severity severity;
	} words[] = {
		{ "unknown", ADVISORY_UNKNOWN },   { "low", ADVISORY_LOW },
		{ "negligible", ADVISORY_LOW },    { "minor", ADVISORY_LOW },
		{ "medium", ADVISORY_MEDIUM },     { "moderate", ADVISORY_MEDIUM },
		{ "high", ADVISORY_HIGH },         { "important", ADVISORY_HIGH },
		{ "critical", ADVISORY_CRITICAL },
	};
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_cmp_nocase(text, hm_cstr(words[i].word)) == 0) {
			*out = words[i].severity;
			return true;
		}
	return false;
}
