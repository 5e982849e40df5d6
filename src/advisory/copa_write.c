/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has a fix, as a scanner plug-in of Copacetic prints it (its website's scanner-plugins.md,
 * and pkg/types/v1alpha1 and v1alpha2 for the members): Copacetic patches what stands there.
 */
#include "advisory/advisory.h"
#include "codec/json.h"

/* Distributions go by the names that Trivy has for them. */
static const struct {
	const char *id, *name;
} families[] = {
	{ "almalinux", "alma" }, { "amzn", "amazon" }, { "mariner", "cbl-mariner" },
	{ "ol", "oracle" },      { "rhel", "redhat" },
};

static struct hm_str family_of(struct hm_str id)
{
	for (size_t i = 0; i < HM_LEN(families); i++)
		if (hm_eqz(id, families[i].id))
			return hm_cstr(families[i].name);
	return id;
}

/* As containers name it; a folder or an SBOM says it only by its packages. */
static struct hm_str architecture_of(const struct inventory *inv)
{
	static const struct {
		const char *package, *container;
	} names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" },   { "armhf", "arm" },
		{ "i386", "386" },     { "ppc64el", "ppc64le" },
	};
	struct hm_str arch = inv->platform.architecture;
	for (size_t i = 0; i < inv->n && !arch.n; i++)
		if (inventory_type_has(inv->components[i].type, INVENTORY_OS) &&
		    !hm_eqz(inv->components[i].arch, "all") &&
		    !hm_eqz(inv->components[i].arch, "noarch"))
			arch = inv->components[i].arch;
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(arch, names[i].package))
			return hm_cstr(names[i].container);
	return arch;
}

static void put_metadata(struct json_out *o, const struct inventory *inv, unsigned version)
{
	json_open(o, "metadata", '{');
	json_open(o, "os", '{');
	json_put_str(o, "type", family_of(inv->distro.id));
	json_put_str(o, "version", inv->distro.version_id);
	json_close(o, '}');
	json_open(o, "config", '{');
	json_put_str(o, "arch", architecture_of(inv));
	if (version > 1)
		json_put_given(o, "variant", inv->platform.variant);
	json_close(o, '}');
	json_close(o, '}');
}

/* Types of packages of languages, by Trivy's names for them, which Copacetic knows. */
static struct hm_str type_of(const struct inventory_component *c)
{
	static const struct {
		const char *purl, *trivy;
	} names[] = {
		{ "npm", "node-pkg" },      { "pypi", "python-pkg" }, { "golang", "gobinary" },
		{ "nuget", "dotnet-core" }, { "maven", "jar" },       { "gem", "gemspec" },
		{ "cargo", "rustbinary" },
	};
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(c->type, names[i].purl))
			return hm_cstr(names[i].trivy);
	return c->type;
}

static void put_update(struct hm_cx *cx, struct json_out *o, const struct advisory_match *m,
		       const struct inventory_component *c, unsigned version)
{
	bool os = inventory_type_has(c->type, INVENTORY_OS);
	struct hm_str fix =
		advisory_least_fix(&m->fixed, c->type,
				   c->source_version.n ? c->source_version : c->version);
	if (!fix.n)
		return;
	json_open(o, NULL, '{');
	json_put_str(o, "name", inventory_component_name(cx, c));
	json_put_str(o, "installedVersion", c->version);
	json_put_str(o, "fixedVersion", fix);
	json_put_str(o, "vulnerabilityID", m->id);
	if (version > 1) {
		json_put_str(o, "type", os ? c->type : type_of(c));
		json_putz(o, "class", os ? "os-pkgs" : "lang-pkgs");
	}
	json_close(o, '}');
}

static void put_updates(struct hm_cx *cx, struct json_out *o, const struct advisory_report *r,
			const struct inventory *inv, unsigned version, bool os)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct inventory_component *c = &inv->components[r->matches[i].component];
		struct hm_mark mark = hm_mark(cx);
		if (inventory_type_has(c->type, INVENTORY_OS) == os)
			put_update(cx, o, &r->matches[i], c, version);
		hm_release(cx, mark);
	}
}

hm_err advisory_copa_write(struct hm_cx *cx, const struct advisory_report *r,
			   const struct inventory *inv, unsigned version, struct hm_buf *out)
{
	struct json_out o = json_out(out, true);
	struct hm_str whole;
	json_open(&o, NULL, '{');
	json_putz(&o, "apiVersion", version > 1 ? "v1alpha2" : "v1alpha1");
	put_metadata(&o, inv, version);
	json_open(&o, version > 1 ? "osupdates" : "updates", '[');
	put_updates(cx, &o, r, inv, version, true);
	json_close(&o, ']');
	if (version > 1) {
		json_open(&o, "langupdates", '[');
		put_updates(cx, &o, r, inv, version, false);
		json_close(&o, ']');
	}
	json_close(&o, '}');
	hm_buf_char(out, '\n');
	return hm_buf_end(cx, out, "the report", &whole);
}
