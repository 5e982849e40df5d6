/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/reports/reports.h"

struct hm_str repair_reports_type_of(struct hm_str family)
{
	static const struct {
		const char *family, *type;
	} rows[] = {
		{ "debian", "deb" },        { "ubuntu", "deb" },
		{ "alpine", "apk" },        { "wolfi", "apk" },
		{ "chainguard", "apk" },    { "redhat", "rpm" },
		{ "centos", "rpm" },        { "rocky", "rpm" },
		{ "alma", "rpm" },          { "almalinux", "rpm" },
		{ "amazon", "rpm" },        { "oracle", "rpm" },
		{ "fedora", "rpm" },        { "photon", "rpm" },
		{ "cbl-mariner", "rpm" },   { "azurelinux", "rpm" },
		{ "opensuse", "rpm" },      { "opensuse-leap", "rpm" },
		{ "opensuse.leap", "rpm" }, { "opensuse-tumbleweed", "rpm" },
		{ "sles", "rpm" },          { "suse linux enterprise server", "rpm" },
		{ "deb", "deb" },           { "apk", "apk" },
		{ "rpm", "rpm" },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (!hm_cmp_nocase(family, hm_cstr(rows[i].family)))
			return hm_cstr(rows[i].type);
	return (struct hm_str){ "", 0 };
}

struct hm_str repair_reports_language_of(struct hm_str kind)
{
	static const struct {
		const char *kind, *type;
	} rows[] = {
		{ "python-pkg", "pypi" }, { "python", "pypi" },        { "pip", "pypi" },
		{ "pypi", "pypi" },       { "node-pkg", "npm" },       { "npm", "npm" },
		{ "jar", "maven" },       { "java-archive", "maven" }, { "maven", "maven" },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(kind, rows[i].kind))
			return hm_cstr(rows[i].type);
	return (struct hm_str){ "", 0 };
}

void repair_reports_path(struct hm_cx *cx, struct hm_str path, struct hm_strs *out)
{
	while (hm_starts(path, HM_STR("/")))
		path = hm_from(path, 1);
	if (path.n && out->n < HM_MAX_FIXED_VERSIONS)
		*hm_push(cx, out) = path;
}

void repair_reports_versions(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	while (text.n) {
		struct hm_str one = hm_trim(hm_cut(&text, ','));
		if (one.n && out->n < HM_MAX_FIXED_VERSIONS)
			*hm_push(cx, out) = one;
	}
}

/* A purl that cannot be read tells nothing. */
static void ask_purl(struct hm_cx *cx, struct reports_entry *e)
{
	struct inventory_component c;
	if (!e->purl.n || inventory_purl_parse(cx, e->purl, &c))
		return;
	if (!e->name.n)
		e->name = inventory_component_name(cx, &c);
	if (!e->arch.n)
		e->arch = c.arch;
	if (!e->type.n)
		e->type = c.type;
	if (!e->installed.n)
		e->installed = c.version;
}

/* The least that fixes it; of versions without order the first, which is the only one mostly. */
static struct hm_str choose_fix(const struct reports_entry *e)
{
	struct hm_str least = advisory_least_fix(&e->fixed, e->type, e->installed);
	if (least.n || !e->fixed.n)
		return least;
	return e->fixed.p[0];
}

hm_err repair_reports_add(struct hm_cx *cx, struct reports_entry *e, struct repair_report *out)
{
	if (out->wanted.n >= HM_MAX_MATCHES)
		return hm_fail(cx, HM_LIMIT, "more than %zu entries", (size_t)HM_MAX_MATCHES);
	ask_purl(cx, e);
	if (!e->id.n || !e->name.n) {
		out->no_package++;
		return NULL;
	}
	*hm_push(cx, &out->wanted) = (struct repair_wanted){
		.id = e->id,
		.name = e->name,
		.arch = e->arch,
		.fixed = choose_fix(e),
		.is_source_version = !hm_eqz(e->type, "rpm"),
		.is_other = !e->is_os,
		.reported_purl = e->purl,
		.reported_type = e->type,
		.type = e->is_os ? HM_STR("") : e->type,
		.installed = e->installed,
		.paths = e->paths,
		.fixes = e->fixed,
	};
	return NULL;
}
