/* SPDX-License-Identifier: Apache-2.0 */
/* What a release signs in Sigstore's formats: the image and its evidence, and claims about it. */
#include "cli/release_run.h"

#define VULN_PREDICATE "https://cosign.sigstore.dev/attestation/vuln/v1"

/* --- who signs, and in which formats --- */

static const struct format {
	const char *name;
	unsigned bit;
} formats[] = { { "notation", RELEASE_NOTATION }, { "bundle", RELEASE_BUNDLE } };

static hm_err add_format(struct hm_cx *cx, struct hm_str name, unsigned *to)
{
	for (size_t i = 0; i < HM_LEN(formats); i++)
		if (hm_eqz(name, formats[i].name)) {
			*to |= formats[i].bit;
			return NULL;
		}
	return hm_fail(cx, HM_USAGE, "--format \"%.*s\": not one of notation, bundle",
		       HM_FMT(name));
}

hm_err cli_release_read_formats(struct hm_cx *cx, struct release_run *r)
{
	const struct release *o = r->o;
	struct hm_str rest = hm_cstr(o->formats ? o->formats : "notation");
	r->formats = 0;
	do
		HM_TRY(add_format(cx, hm_trim(hm_cut(&rest, ',')), &r->formats));
	while (rest.n);
	if (o->provenance && o->no_provenance)
		return hm_fail(cx, HM_USAGE, "--provenance and --no-provenance exclude each other");
	if (o->provenance && !(r->formats & RELEASE_BUNDLE))
		return hm_fail(cx, HM_USAGE,
			       "--provenance needs --format bundle, in which it is signed");
	if ((o->sealing.config || o->sealing.root) && !(r->formats & RELEASE_BUNDLE))
		return hm_fail(cx, HM_USAGE,
			       "--signing-config and --trusted-root are for --format bundle");
	if (o->timestamping.url && !(r->formats & RELEASE_NOTATION))
		return hm_fail(cx, HM_USAGE,
			       "--timestamp-url is for --format notation; of a bundle, "
			       "--signing-config names the authority");
	return NULL;
}

/* A token that was given signs; else the keys; else the identity of the job. Beside Notation's
 * format, which has none, the keys that are named are for that one. */
hm_err cli_release_open_sealers(struct hm_cx *cx, struct release_run *r)
{
	const struct hm_strs *keys = &r->o->keys;
	bool by_token = r->cli->identity_token && (r->formats & RELEASE_NOTATION);
	size_t n = by_token || !keys->n ? 1 : keys->n;
	if (!(r->formats & RELEASE_BUNDLE))
		return NULL;
	r->sealers = hm_new(cx, struct cli_sealer, n);
	for (size_t i = 0; i < n; i++) {
		const char *key = by_token || !keys->n ? NULL : hm_dupz(cx, keys->p[i]);
		r->sealers_n++;
		HM_TRY(cli_sealer_open(cx, r->cli, &r->o->sealing, key, &r->sealers[i]));
	}
	return NULL;
}

const char *cli_release_signature_format(const struct release_run *r, size_t i)
{
	return i < r->signers->n ? "notation" : "bundle";
}

struct hm_str cli_release_signature_by(struct hm_cx *cx, const struct release_run *r, size_t i)
{
	if (i < r->signers->n)
		return hm_fmt(cx, "by key \"%.*s\"", HM_FMT(r->signers->p[i].name));
	const struct cli_sealer *s = &r->sealers[i - r->signers->n];
	if (s->with.token)
		return hm_fmt(cx, "bundle, by \"%.*s\"", HM_FMT(s->token.subject));
	return hm_fmt(cx, "bundle, by key \"%.*s\"", HM_FMT(s->signer.name));
}

/* --- a claim, made and attached once --- */

struct claim {
	const struct oci_descriptor *subject;
	struct hm_str type, statement;
	bool (*is_same)(struct hm_cx *cx, const void *arg, const struct statement *s,
			struct hm_str payload);
	const void *arg;
};

static hm_err attach_new(struct hm_cx *cx, struct release_run *r, const struct claim *c,
			 const struct sigstore_sealing *with, struct oci_descriptor *out)
{
	struct sigstore_attachment a = { .predicate_type = c->type, .when = hm_now() };
	(void)hm_source_date_epoch(&a.when);
	HM_TRY(cli_refuse(r->cli,
			  trust_sigstore_seal_statement(cx, with, c->statement, &a.bundle)));
	return trust_sigstore_attach(cx, r->to, c->subject, &a, out);
}

static hm_err claim_once(struct hm_cx *cx, struct release_run *r, const struct claim *c,
			 struct trust_stored *out)
{
	for (size_t i = 0; i < r->sealers_n; i++) {
		struct sigstore_wanted w = { .by = &r->sealers[i].with,
					     .predicate_type = c->type,
					     .is_same = c->is_same,
					     .arg = c->arg };
		HM_TRY(trust_sigstore_find_own(cx, r->to, c->subject, &w, &out[i].descriptor,
					       &out[i].reused));
		if (!out[i].reused)
			HM_TRY(attach_new(cx, r, c, w.by, &out[i].descriptor));
	}
	return NULL;
}

hm_err cli_release_seal(struct hm_cx *cx, struct release_run *r,
			const struct oci_descriptor *subject, struct trust_stored *out)
{
	struct claim c = { .subject = subject, .type = HM_STR(SIGSTORE_SIGN_PREDICATE) };
	if (!r->sealers_n)
		return NULL;
	HM_TRY(trust_sigstore_sign_statement(cx, subject->digest, &c.statement));
	return claim_once(cx, r, &c, out);
}

static hm_err add_claim(struct hm_cx *cx, struct release_run *r, const struct claim *c,
			struct release_claims *to)
{
	struct release_claim *new = &to->p[to->n++];
	new->type = c->type;
	new->stored = hm_new(cx, struct trust_stored, r->sealers_n);
	return claim_once(cx, r, c, new->stored);
}

static hm_err write_statement(struct hm_cx *cx, const struct release_run *r, const struct claim *c,
			      struct hm_str predicate, struct hm_str *out)
{
	const struct oci_target *t = &r->to_target;
	struct hm_str name = t->kind == OCI_REGISTRY ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry),
							      HM_FMT(t->repository))
						     : HM_STR("");
	struct json parsed;
	HM_TRY(json_parse(cx, predicate, JSON_STRICT, &parsed));
	return statement_about(cx, name, c->subject->digest, c->type, parsed, out);
}

/* --- how it was built --- */

/* Where a CI service runs the build, it is worth telling; of a working folder only when asked. */
hm_err cli_release_describe_build(struct hm_cx *cx, struct release_run *r)
{
	const struct cli_build *o = &r->o->build;
	bool may = (r->formats & RELEASE_BUNDLE) && !r->o->no_provenance;
	struct slsa_build b = { 0 };
	if (!may && (o->builder || o->type || o->started || o->bases.n || o->dependencies.n ||
		     o->materials.n))
		return hm_fail(
			cx, HM_USAGE,
			"what went into the build stands in a provenance, which is not made");
	if (!may)
		return NULL;
	HM_TRY(cli_build_here(cx, r->cli, o, &b));
	if (!b.service && !r->o->provenance)
		return NULL;
	return statement_provenance_write(cx, &b, &r->provenance);
}

/* Whatever an earlier run of the same signer says of the build stands: it was nearer to it. */
static hm_err claim_provenance(struct hm_cx *cx, struct release_run *r,
			       const struct oci_descriptor *subject, struct release_claims *to)
{
	struct claim c = { .subject = subject, .type = HM_STR(SLSA_PROVENANCE) };
	if (!r->provenance.n)
		return NULL;
	HM_TRY(write_statement(cx, r, &c, r->provenance, &c.statement));
	return add_claim(cx, r, &c, to);
}

hm_err cli_release_claim_index(struct hm_cx *cx, struct release_run *r)
{
	return r->sealers_n ? claim_provenance(cx, r, &r->root, &r->index_claims) : NULL;
}

/* --- SBOM and report --- */

static bool is_same_sbom(struct hm_cx *cx, const void *arg, const struct statement *s,
			 struct hm_str payload)
{
	const struct claim *c = arg;
	(void)cx, (void)s;
	return hm_eq(payload, c->statement);
}

static hm_err claim_sbom(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	bool is_spdx = hm_eqz(hm_cstr(r->format->name), "spdx-json");
	struct claim c = { .subject = &m->descriptor,
			   .type = is_spdx ? HM_STR("https://spdx.dev/Document")
					   : HM_STR("https://cyclonedx.org/bom"),
			   .is_same = is_same_sbom,
			   .arg = &c };
	HM_TRY(write_statement(cx, r, &c, m->sbom, &c.statement));
	return add_claim(cx, r, &c, &m->claims);
}

/* Cosign's predicate for a scan (cosign, specs/COSIGN_VULN_ATTESTATION_SPEC.md). */
static hm_err write_scan(struct hm_cx *cx, const struct release_image *m, struct hm_str began,
			 struct hm_str ended, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	struct json sarif;
	struct hm_str text;
	HM_TRY(json_parse(cx, m->sarif, JSON_STRICT, &sarif));
	json_open(&o, NULL, '{');
	json_open(&o, "invocation", '{');
	json_putz(&o, "uri", "");
	json_close(&o, '}');
	json_open(&o, "scanner", '{');
	json_putz(&o, "uri", "pkg:generic/hullmark@" HULLMARK_VERSION);
	json_putz(&o, "version", HULLMARK_VERSION);
	json_open(&o, "db", '{');
	json_putz(&o, "uri", "");
	json_put_str(&o, "version", m->db_digest);
	json_put_str(&o, "lastUpdate", m->db_built);
	json_close(&o, '}');
	json_put_json(&o, "result", sarif);
	json_close(&o, '}');
	json_open(&o, "metadata", '{');
	json_put_str(&o, "scanStartedOn", began);
	json_put_str(&o, "scanFinishedOn", ended);
	json_close(&o, '}');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the predicate", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

struct scan_claim {
	struct release_run *run;
	const struct release_image *image;
	struct claim claim;
};

/* The same result, and as long as the report itself is taken: the claim of that time again has the
 * same bytes. */
static bool is_same_scan(struct hm_cx *cx, const void *arg, const struct statement *s,
			 struct hm_str payload)
{
	const struct scan_claim *c = arg;
	struct json times = json_get(s->predicate, "metadata");
	struct hm_str began = json_str(json_get(times, "scanStartedOn"));
	struct hm_str ended = json_str(json_get(times, "scanFinishedOn")), predicate, again;
	int64_t when;
	if (hm_rfc3339_parse(cx, ended, &when) || when > c->image->scan_ended + 60 ||
	    when <= c->image->scan_ended - evidence_kind_report.reuse_seconds)
		return false;
	return !write_scan(cx, c->image, began, ended, &predicate) &&
	       !write_statement(cx, c->run, &c->claim, predicate, &again) && hm_eq(again, payload);
}

static hm_err claim_scan(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	struct scan_claim c = { .run = r,
				.image = m,
				.claim = { .subject = &m->descriptor,
					   .type = HM_STR(VULN_PREDICATE),
					   .is_same = is_same_scan,
					   .arg = &c } };
	struct hm_str predicate;
	HM_TRY(write_scan(cx, m, hm_rfc3339(cx, m->scan_began), hm_rfc3339(cx, m->scan_ended),
			  &predicate));
	HM_TRY(write_statement(cx, r, &c.claim, predicate, &c.claim.statement));
	return add_claim(cx, r, &c.claim, &m->claims);
}

hm_err cli_release_claim_image(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	if (!r->sealers_n)
		return NULL;
	HM_TRY(claim_sbom(cx, r, m));
	HM_TRY(claim_scan(cx, r, m));
	return claim_provenance(cx, r, &m->descriptor, &m->claims);
}
