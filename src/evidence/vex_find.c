/* SPDX-License-Identifier: Apache-2.0 */
/* VEX documents that hang at a subject, and which of them count. */
#include "evidence/evidence.h"
#include "statement/statement.h"

/* A key is called by its trust store, as far as one has it. */
static void set_signer(const struct trust_signature *t, struct evidence_vex *out)
{
	struct trust_identity who = trust_signature_signer(t);
	bool is_key = who.kind && strcmp(who.kind, TRUST_KEY_IDENTITY) == 0 && who.issuer.n;
	out->signer = is_key ? who.issuer : who.value;
	out->issuer = is_key ? who.value : who.issuer;
}

/* Who signed: of several the last one that is good. */
static void name_signer(const struct trust_verdict *v, struct evidence_vex *out)
{
	for (size_t i = 0; i < v->signatures_n; i++)
		if (v->signatures[i].good || !out->signer.n)
			set_signer(&v->signatures[i], out);
}

/* --- attached as evidence --- */

/* Where a policy skips, or only logs who signed, an image may run; but nobody is believed. */
static bool is_authentic(const struct trust_verdict *v)
{
	for (size_t i = 0; i < v->signatures_n; i++)
		if (v->signatures[i].good && v->signatures[i].results[TRUST_AUTHENTICITY].good)
			return true;
	return false;
}

static hm_err judge_evidence(struct hm_cx *cx, const struct evidence_source *s,
			     const struct evidence *e, struct evidence_vex *out)
{
	struct trust_verify_options options = s->options;
	struct trust_verdict v = { 0 };
	*out = (struct evidence_vex){ .digest = e->descriptor.digest, .form = "evidence" };
	options.is_evidence = true;
	hm_err err = trust_verify(cx, s->trust, s->place, &e->descriptor, &options, &v);
	if (err && evidence_is_undecided(err))
		return err;
	out->why = err ? hm_cstr(err->why) : v.why;
	name_signer(&v, out);
	if (err || !v.verified)
		return NULL;
	if (!is_authentic(&v)) {
		out->why = HM_STR("the trust policy does not enforce who signs");
		return NULL;
	}
	out->valid_until = v.valid_until;
	if (e->manifest.layers_n != 1) {
		out->why = HM_STR("it has not one layer, as a document has");
		return NULL;
	}
	err = oci_fetch(cx, s->place, &e->manifest.layers[0], HM_MAX_JSON, &out->document);
	if (err && evidence_is_undecided(err))
		return err;
	out->is_believed = !err;
	out->why = err ? hm_cstr(err->why) : HM_STR("");
	return NULL;
}

static hm_err find_evidence(struct hm_cx *cx, const struct evidence_source *s,
			    const struct oci_descriptor *subject, struct evidence_vexes *out)
{
	struct evidence_list list;
	HM_TRY(evidence_find(cx, s->place, subject, &evidence_kind_vex, &list));
	out->unread = list.unread;
	for (size_t i = 0; i < list.n; i++)
		HM_TRY(judge_evidence(cx, s, &list.p[i], hm_push(cx, out)));
	return NULL;
}

/* --- attestations --- */

/* One person's word is not what a policy asks for that wants several, unless it says by whom such
 * claims are believed. Empty: it is. */
static struct hm_str why_not_alone(struct hm_cx *cx, const struct evidence_source *s)
{
	const struct trust_statement *statement =
		trust_config_select(cx, s->trust, s->options.scope);
	struct trust_terms terms;
	struct hm_str uri;
	if (!statement)
		return HM_STR("");
	trust_terms_of(cx, statement, &terms);
	for (size_t i = 0; i < terms.attestations_n; i++)
		if (!statement_type_uri(cx, terms.attestations[i].type, &uri) &&
		    statement_is_vex(uri))
			return terms.attestations[i].signers > 1
				       ? HM_STR("the trust policy wants several signers of one")
				       : HM_STR("");
	if (terms.signers > 1 || terms.roles_n)
		return HM_STR("the trust policy wants several signers, and its \"attestations\" "
			      "do not say whose openvex counts");
	return HM_STR("");
}

static void read_claim(struct hm_cx *cx, const struct trust_signature *t, struct evidence_vex *out)
{
	struct statement statement;
	hm_err err = statement_parse(cx, t->claim, &statement);
	if (!err)
		err = json_text(cx, statement.predicate, &out->document);
	out->is_believed = !err;
	out->why = err ? hm_cstr(err->why) : HM_STR("");
}

static void judge_claim(struct hm_cx *cx, const struct trust_signature *t, struct hm_str alone,
			struct evidence_vex *out)
{
	*out = (struct evidence_vex){ .digest = t->descriptor.digest,
				      .form = "attestation",
				      .why = t->why.n ? t->why : t->unmet,
				      .valid_until = t->valid_until };
	set_signer(t, out);
	if (!t->good || !t->attestations) {
		if (!out->why.n)
			out->why = HM_STR("the trust policy believes somebody else of such claims");
		return;
	}
	out->why = alone;
	if (!alone.n)
		read_claim(cx, t, out);
}

static hm_err find_claims(struct hm_cx *cx, const struct evidence_source *s,
			  const struct oci_descriptor *subject, struct evidence_vexes *out)
{
	struct trust_verdict v = { 0 };
	struct trust_claim_question q = { subject, &s->options,
					  HM_STR("{\"predicateType\":\"openvex\"}") };
	struct hm_str alone = why_not_alone(cx, s);
	HM_TRY(trust_verify_claim(cx, s->trust, s->place, &q, &v));
	for (size_t i = 0; i < v.signatures_n; i++) {
		const struct trust_signature *t = &v.signatures[i];
		if (statement_is_vex(t->predicate))
			judge_claim(cx, t, alone, hm_push(cx, out));
	}
	return NULL;
}

/* --- both --- */

hm_err evidence_vex_find(struct hm_cx *cx, const struct evidence_source *s,
			 const struct oci_descriptor *subject, struct evidence_vexes *out)
{
	struct evidence_vexes all = { 0 };
	HM_TRY(find_evidence(cx, s, subject, &all));
	HM_TRY(find_claims(cx, s, subject, &all));
	*out = all;
	return NULL;
}

/* What the document says of itself. */
static void read_head(struct hm_cx *cx, struct evidence_vex *v)
{
	struct json doc;
	if (json_parse(cx, v->document, JSON_STRICT, &doc))
		return;
	v->id = json_str(json_get(doc, "@id"));
	v->author = json_str(json_get(doc, "author"));
}

void evidence_vex_tell(struct hm_cx *cx, struct evidence_vexes *list, struct advisory_told *told)
{
	for (size_t i = 0; i < list->n; i++) {
		struct evidence_vex *v = &list->p[i];
		struct advisory_told alone = { 0 };
		struct advisory_vex_source source = { .file = v->digest,
						      .signer = v->signer,
						      .until = v->valid_until == INT64_MAX
								       ? 0
								       : v->valid_until };
		if (!v->is_believed)
			continue;
		read_head(cx, v);
		/* first by itself: half of a document must not count */
		hm_err err = advisory_vex_read_from(cx, &source, v->document, &alone);
		if (!err)
			err = advisory_vex_read_from(cx, &source, v->document, told);
		v->is_believed = !err;
		v->why = err ? hm_cstr(err->why) : HM_STR("");
	}
}
