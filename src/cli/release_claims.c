/* SPDX-License-Identifier: Apache-2.0 */
/* What a release signs in Sigstore's formats: the image and its evidence, and claims about it. */
#include "cli/release_run.h"

#define VULN_PREDICATE "https://cosign.sigstore.dev/attestation/vuln/v1"

/* --- who signs, and in which formats --- */

hm_err cli_release_read_formats(struct hm_cx *cx, struct release_run *r)
{
	const struct release *o = r->o;
	HM_TRY(cli_sign_forms_read(cx, &o->formats, &r->forms));
	if (o->provenance && o->no_provenance)
		return hm_fail(cx, HM_USAGE, "--provenance and --no-provenance exclude each other");
	if (o->provenance && !r->forms.wanted[SIGN_BUNDLE])
		return hm_fail(cx, HM_USAGE,
			       "--provenance needs --format bundle, in which it is signed");
	if (o->timestamping.url && !r->forms.wanted[SIGN_NOTATION])
		return hm_fail(cx, HM_USAGE,
			       "--timestamp-url is for --format notation; in the others, "
			       "--signing-config names the authority");
	return NULL;
}

/* Which of a sealer's forms is the i-th signature in. */
static enum sign_form form_of(const struct release_run *r, size_t i, size_t *out_sealer)
{
	const bool *wanted = r->forms.wanted;
	size_t each = (size_t)wanted[SIGN_BUNDLE] + (size_t)wanted[SIGN_COSIGN];
	*out_sealer = (i - r->signers->n) / each;
	return wanted[SIGN_BUNDLE] && (i - r->signers->n) % each == 0 ? SIGN_BUNDLE : SIGN_COSIGN;
}

const char *cli_release_signature_format(const struct release_run *r, size_t i)
{
	size_t sealer;
	return cli_sign_form_names[i < r->signers->n ? SIGN_NOTATION : form_of(r, i, &sealer)];
}

struct hm_str cli_release_signature_by(struct hm_cx *cx, const struct release_run *r, size_t i)
{
	size_t sealer;
	if (i < r->signers->n)
		return hm_fmt(cx, "by key \"%.*s\"", HM_FMT(r->signers->p[i].name));
	const char *format = cli_sign_form_names[form_of(r, i, &sealer)];
	const struct cli_sealer *s = &r->forms.sealers[sealer];
	if (s->with.token)
		return hm_fmt(cx, "%s, by \"%.*s\"", format, HM_FMT(s->token.subject));
	return hm_fmt(cx, "%s, by key \"%.*s\"", format, HM_FMT(s->signer.name));
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
	for (size_t i = 0; i < r->forms.n; i++) {
		struct sigstore_wanted w = { .by = &r->forms.sealers[i].with,
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

/* One signature in one form, by one sealer. */
static hm_err seal_once(struct hm_cx *cx, struct release_run *r,
			const struct oci_descriptor *subject, size_t i, struct trust_stored *out)
{
	size_t sealer;
	enum sign_form form = form_of(r, i, &sealer);
	struct sign_forms one = { .sealers = &r->forms.sealers[sealer], .n = 1 };
	struct sigstore_wanted w = { .by = &one.sealers->with,
				     .predicate_type = HM_STR(SIGSTORE_SIGN_PREDICATE) };
	struct sign_made made = { 0 };
	if (form == SIGN_BUNDLE)
		HM_TRY(trust_sigstore_find_own(cx, r->to, subject, &w, &out->descriptor,
					       &out->reused));
	else
		HM_TRY(trust_sigstore_find_tagged(cx, r->to, subject, w.by, &out->descriptor,
						  &out->reused));
	if (out->reused)
		return NULL;
	one.wanted[form] = true;
	HM_TRY(cli_refuse(r->cli, cli_sign_forms_seal(cx, &one, &r->to_target, subject, &made)));
	return cli_sign_forms_store(cx, r->to, subject, &made, &out->descriptor);
}

hm_err cli_release_seal(struct hm_cx *cx, struct release_run *r,
			const struct oci_descriptor *subject, struct trust_stored *out)
{
	for (size_t i = 0; i < cli_sign_forms_count(&r->forms); i++)
		HM_TRY(seal_once(cx, r, subject, r->signers->n + i, &out[i]));
	return NULL;
}

static hm_err add_claim(struct hm_cx *cx, struct release_run *r, const struct claim *c,
			struct release_claims *to)
{
	struct release_claim *new = hm_push(cx, to);
	new->type = c->type;
	new->stored = hm_new(cx, struct trust_stored, r->forms.n);
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
	bool may = r->forms.wanted[SIGN_BUNDLE] && !r->o->no_provenance;
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
	return r->forms.wanted[SIGN_BUNDLE] ? claim_provenance(cx, r, &r->root, &r->index_claims)
					    : NULL;
}

/* --- SBOM and report --- */

static bool is_same_statement(struct hm_cx *cx, const void *arg, const struct statement *s,
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
			   .is_same = is_same_statement,
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

struct vex_claim {
	struct release_run *run;
	const struct release_vex *vex;
	struct claim claim;
};

/* The same but for its time: what was said before stands. */
static bool is_same_vex(struct hm_cx *cx, const void *arg, const struct statement *s,
			struct hm_str payload)
{
	const struct vex_claim *c = arg;
	struct hm_str text, again;
	int64_t when;
	if (!c->vex->as_of)
		return hm_eq(payload, c->claim.statement);
	return !hm_rfc3339_parse(cx, json_str(json_get(s->predicate, "timestamp")), &when) &&
	       !c->vex->as_of(cx, c->vex->arg, when, &text) &&
	       !write_statement(cx, c->run, &c->claim, text, &again) && hm_eq(again, payload);
}

/* The VEX documents as claims: where Cosign, vexctl and Trivy look for them. */
static hm_err claim_vex(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	for (size_t i = 0; i < r->vex_n; i++) {
		struct vex_claim c = { .run = r,
				       .vex = &r->vex[i],
				       .claim = { .subject = &m->descriptor,
						  .type = HM_STR(STATEMENT_VEX),
						  .is_same = is_same_vex,
						  .arg = &c } };
		HM_TRY(write_statement(cx, r, &c.claim, r->vex[i].text, &c.claim.statement));
		HM_TRY(add_claim(cx, r, &c.claim, &m->claims));
	}
	return NULL;
}

hm_err cli_release_claim_image(struct hm_cx *cx, struct release_run *r, struct release_image *m)
{
	if (!r->forms.wanted[SIGN_BUNDLE])
		return NULL;
	if (m->sbom.n)
		HM_TRY(claim_sbom(cx, r, m));
	if (m->sarif.n)
		HM_TRY(claim_scan(cx, r, m));
	HM_TRY(claim_vex(cx, r, m));
	return claim_provenance(cx, r, &m->descriptor, &m->claims);
}
