/* SPDX-License-Identifier: Apache-2.0 */
/* What all reports say alike. */
#include "advisory/advisory.h"

struct hm_str advisory_least_fix(const struct hm_strs *fixed, struct hm_str type,
				 struct hm_str installed)
{
	const struct advisory_scheme *s = advisory_scheme_of(type);
	struct hm_str least = { "", 0 };
	int order;
	for (size_t i = 0; s && i < fixed->n; i++) {
		if (!s->compare(fixed->p[i], installed, &order) || order <= 0)
			continue;
		if (!least.n || (s->compare(fixed->p[i], least, &order) && order < 0))
			least = fixed->p[i];
	}
	return least;
}

struct hm_str advisory_versions_text(struct hm_cx *cx, const struct hm_strs *versions)
{
	struct hm_str all = { "", 0 };
	for (size_t i = 0; i < versions->n; i++)
		all = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(all), i ? ", " : "", HM_FMT(versions->p[i]));
	return all;
}

struct hm_str advisory_counts_text(struct hm_cx *cx, const size_t counts[ADVISORY_SEVERITIES])
{
	struct hm_str all = { "", 0 };
	for (size_t i = ADVISORY_SEVERITIES; i > 0; i--)
		all = hm_fmt(cx, "%.*s%s%zu %s", HM_FMT(all), all.n ? ", " : "", counts[i - 1],
			     advisory_severity_names[i - 1]);
	return all;
}

struct hm_str advisory_rest_text(struct hm_cx *cx, size_t suppressed, size_t unknown)
{
	struct hm_str all = { "", 0 };
	if (suppressed)
		all = hm_fmt(cx, "; %zu suppressed", suppressed);
	if (unknown)
		all = hm_fmt(cx, "%.*s; %zu %s could not be read", HM_FMT(all), unknown,
			     unknown == 1 ? "file" : "files");
	return all;
}

void advisory_put_counts(struct json_out *o, const char *key,
			 const size_t counts[ADVISORY_SEVERITIES])
{
	json_open(o, key, '{');
	for (size_t i = ADVISORY_SEVERITIES; i > 0; i--)
		json_put_int(o, advisory_severity_names[i - 1], (int64_t)counts[i - 1]);
	json_close(o, '}');
}
