/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/build.h"

#include "cli/blob.h"
#include "cli/ship.h"
#include "cli/surroundings.h"
#include "crypto/crypto.h"

static struct slsa_dependency *add_dependency(struct hm_cx *cx, struct slsa_provenance *p)
{
	struct slsa_dependency *all = hm_new(cx, struct slsa_dependency, p->dependencies_n + 1);
	if (p->dependencies_n)
		memcpy(all, p->dependencies, p->dependencies_n * sizeof(*all));
	p->dependencies = all;
	return &all[p->dependencies_n++];
}

static void set_digest(struct slsa_dependency *d, struct hm_str text)
{
	d->digest.value = text;
	d->digest.alg = hm_cut(&d->digest.value, ':');
}

/* An image as package-url has it: type oci, the digest its version. */
static hm_err add_image(struct hm_cx *cx, struct cli *cli, const char *text,
			struct slsa_provenance *p)
{
	struct oci_target t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE place = NULL;
	HM_TRY(cli_ship_open(cx, cli, text, OCI_READ, &t, &place));
	HM_TRY(cli_ship_resolve(cx, place, NULL, &d));
	/* What a tag stands for now is all that can be found out. */
	if (!t.digest.n)
		hm_log(cx, HM_LOG_WARN,
		       "--base has no digest: what it names now is recorded, which may not be what the "
		       "build began with",
		       "base", text, "digest", hm_dupz(cx, d.digest), NULL);
	if (t.kind != OCI_REGISTRY)
		return hm_fail(cx, HM_USAGE, "only an image in a registry can be told by a URL");
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = oci_target_purl(cx, &t, d.digest);
	set_digest(to, d.digest);
	return NULL;
}

/* URI=ALGORITHM:VALUE */
static hm_err add_given(struct hm_cx *cx, struct hm_str text, struct slsa_provenance *p)
{
	size_t at = hm_rfind_char(text, '=');
	struct hm_str digest = hm_from(text, at == SIZE_MAX ? text.n : at + 1);
	struct hm_str uri = hm_sub(text, 0, at);
	size_t colon = hm_find_char(digest, ':');
	if (!uri.n || colon == SIZE_MAX || !colon || colon + 1 == digest.n ||
	    hm_has_control(text) || hm_find_char(uri, ':') == SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not of the form URI=ALGORITHM:DIGEST",
			       HM_FMT(text));
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = uri;
	set_digest(to, digest);
	return NULL;
}

static hm_err add_file(struct hm_cx *cx, const char *path, struct slsa_provenance *p)
{
	struct trust_blob blob = CLI_NO_BLOB;
	struct hm_str digest;
	HM_TRY(cli_blob_open(cx, path, &blob));
	hm_err err = trust_blob_digest(cx, &blob, CRYPTO_SHA256, &digest);
	cli_blob_done(&blob);
	HM_TRY(err);
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = hm_fmt(cx, "file:%s", path);
	set_digest(to, digest);
	return NULL;
}

static hm_err add_dependencies(struct hm_cx *cx, struct cli *cli, const struct cli_build *o,
			       struct slsa_provenance *p)
{
	for (size_t i = 0; i < o->bases.n; i++)
		HM_TRY_IN(cx, add_image(cx, cli, hm_dupz(cx, o->bases.p[i]), p), "--base \"%.*s\"",
			  HM_FMT(o->bases.p[i]));
	for (size_t i = 0; i < o->dependencies.n; i++)
		HM_TRY_IN(cx, add_given(cx, o->dependencies.p[i], p), "--dependency");
	for (size_t i = 0; i < o->materials.n; i++)
		HM_TRY_IN(cx, add_file(cx, hm_dupz(cx, o->materials.p[i]), p), "--material");
	return NULL;
}

static hm_err check_uri(struct hm_cx *cx, const char *text, struct hm_str *out)
{
	struct hm_str uri = hm_cstr(text);
	size_t colon = hm_find_char(uri, ':');
	if (colon == SIZE_MAX || !colon || colon + 1 == uri.n || hm_has_control(uri) ||
	    hm_find_char(uri, ' ') != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a URI", text);
	*out = uri;
	return NULL;
}

/* What the environment says, as far as the options do not say otherwise. */
static hm_err apply_options(struct hm_cx *cx, const struct cli_build *o, struct slsa_build *b)
{
	int64_t when;
	if (o->started) {
		if (hm_rfc3339_parse(cx, hm_cstr(o->started), &when))
			return hm_fail(cx, HM_USAGE, "--started \"%s\" is not an RFC 3339 time",
				       o->started);
		b->what.started = hm_cstr(o->started);
	}
	if (o->builder)
		HM_TRY_IN(cx, check_uri(cx, o->builder, &b->what.builder), "--builder-id");
	if (o->type)
		HM_TRY_IN(cx, check_uri(cx, o->type, &b->what.build_type), "--build-type");
	when = hm_now();
	(void)hm_source_date_epoch(&when);
	b->what.finished = hm_rfc3339(cx, when);
	return NULL;
}

hm_err cli_build_here(struct hm_cx *cx, struct cli *cli, const struct cli_build *o,
		      struct slsa_build *out)
{
	struct slsa_surroundings here = cli_surroundings();
	HM_TRY(statement_build_here(cx, &here, out));
	HM_TRY(apply_options(cx, o, out));
	return add_dependencies(cx, cli, o, &out->what);
}
