/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/report.h"

const struct advisory_format advisory_formats[] = {
	{ "json", "application/vnd.hullmark.scan.v1+json", advisory_write_json },
	{ "sarif", "application/sarif+json", advisory_write_sarif },
	{ "table", "text/plain", advisory_write_table },
	{ 0 },
};

struct hm_str advisory_package_name(struct hm_cx *cx, const struct inventory_component *c)
{
	static const struct {
		const char *type;
		char join;
	} joined[] = { { "npm", '/' },
		       { "maven", ':' },
		       { "golang", '/' },
		       { "hex", '/' },
		       { "swift", '/' } };
	for (size_t i = 0; c->space.n && i < HM_LEN(joined); i++)
		if (hm_eqz(c->type, joined[i].type))
			return hm_fmt(cx, "%.*s%c%.*s", HM_FMT(c->space), joined[i].join,
				      HM_FMT(c->name));
	return c->name;
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
