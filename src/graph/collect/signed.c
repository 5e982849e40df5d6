/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed: signatures in every form that trust/ knows, as facts; and what they sign, as
 * documents. */
#include "codec/base64.h"
#include "graph/collect/certificate.h"
#include "graph/collect/walk.h"
#include "statement/statement.h"

/* In the words of crypto/, by OCSP or by a list; not those of "it is not known whether". */
#define REVOKED "it is revoked ("

/* One signature, as it says itself, and as the policy has it. */
struct signature {
	struct hm_str identity; /* the key of the noun; empty: it could not be read */
	const char *format;
	int64_t time, logged; /* 0: nobody says */
	struct graph_collect_certificate certificate;
	bool is_revoked;   /* that */
	struct hm_str log; /* ORIGIN/INDEX */
	bool is_good;
	struct hm_str why; /* it is not */
	struct hm_str statement;
	struct hm_str type, bytes; /* of the envelope */
};

/* All of one manifest are one document. */
struct group {
	struct graph_doc doc;
	struct hm_str digest, signer;
	size_t size;
	bool some_good;
};

static struct hm_str name_certificate(struct hm_cx *cx, const struct crypto_chain *chain)
{
	struct crypto_certificate_info info;
	if (!chain->n || crypto_certificate_info(cx, chain, 0, &info))
		return HM_STR("");
	return hm_fmt(cx, "cert:%.*s|sha256:%.*s", HM_FMT(info.subject), HM_FMT(info.sha256));
}

/* Cosign's hint is the digest of the key; others' may be anything. */
static struct hm_str name_key(struct hm_cx *cx, struct hm_str hint)
{
	struct hm_str raw;
	if (!hint.n)
		return HM_STR("");
	if (!base64_parse(cx, BASE64_STD, hint, &raw) && raw.n == 32)
		return hm_fmt(cx, "key:sha256:%.*s", HM_FMT(hm_hex(cx, raw)));
	return hm_fmt(cx, "key:%.*s", HM_FMT(hint));
}

static struct hm_str name_log(struct hm_cx *cx, const struct bundle_entry *e)
{
	struct hm_str rest = e->checkpoint, origin = hm_line(&rest);
	if (!origin.n || !hm_is_utf8(origin) || hm_has_control(origin))
		origin = hm_hex(cx, e->log_id);
	return hm_fmt(cx, "%.*s/%llu", HM_FMT(origin), (unsigned long long)e->index);
}

static hm_err read_notary(struct hm_cx *cx, struct signature *s)
{
	TRUST_AUTO_CLAIM c = { 0 };
	HM_TRY(trust_claim_read(cx, s->type, s->bytes, &c));
	s->identity = name_certificate(cx, &c.signature->chain);
	graph_collect_read_certificate(cx, &c.signature->chain, &s->certificate);
	s->time = c.notary->signing_time;
	return NULL;
}

static hm_err read_bundle(struct hm_cx *cx, const struct oci_annotations *beside,
			  struct signature *s)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct sigstore_answer says = { 0 };
	HM_TRY(trust_bundle_read(cx, s->type, s->bytes, beside, &b));
	if (b.entries_n) {
		s->log = name_log(cx, &b.entries[0]);
		s->logged = b.entries[0].integrated_time;
	}
	if (b.dsse)
		s->statement = hm_dup(cx, b.dsse->payload);
	if (b.material == BUNDLE_KEY) {
		s->identity = name_key(cx, b.key_hint);
		return NULL;
	}
	graph_collect_read_certificate(cx, &b.chain, &s->certificate);
	HM_TRY(trust_sigstore_names(cx, &b, &says));
	s->identity = says.issuer.n ? hm_fmt(cx, "oidc:%.*s|%.*s", HM_FMT(says.issuer),
					     HM_FMT(says.subject))
				    : name_certificate(cx, &b.chain);
	return NULL;
}

/* What the policy says of it. A fault: it could not be decided. */
static hm_err ask_policy(struct hm_cx *cx, const struct graph_collect_walk *w,
			 const struct graph_collect_node *n, const struct trust_found *f,
			 struct signature *s)
{
	struct trust_signature said = { 0 };
	struct trust_examination x = { .config = w->c->trust,
				       .statement = w->statement,
				       .subject = &n->d,
				       .options = &w->c->options,
				       .beside = f->layer ? &f->layer->annotations : NULL };
	bool notation = strcmp(trust_form_format(f->form), "notation") == 0;
	hm_err err = trust_examine(cx, &x, trust_profile_by_name(notation ? "notary" : "sigstore"),
				   s->type, s->bytes, &said);
	if (err && !graph_collect_is_broken(err))
		return err;
	s->is_good = !err && said.good;
	s->why = err ? hm_cstr(err->why) : said.why;
	const struct trust_result *revocation = &said.results[TRUST_REVOCATION];
	s->is_revoked = !revocation->good && hm_find(revocation->why, HM_STR(REVOKED)) != SIZE_MAX;
	struct trust_identity who = trust_signature_signer(&said);
	if (!s->identity.n && strcmp(who.kind, TRUST_KEY_IDENTITY) == 0)
		s->identity = hm_fmt(cx, "key:%.*s", HM_FMT(who.value));
	if (said.times[TRUST_TIME_STAMPED])
		s->time = said.times[TRUST_TIME_STAMPED];
	return NULL;
}

static hm_err read_signature(struct hm_cx *cx, const struct graph_collect_walk *w,
			     const struct graph_collect_node *n, const struct trust_found *f,
			     struct signature *s)
{
	HM_TRY(trust_fetch_envelope(cx, w->place, f, &n->d, &s->type, &s->bytes));
	s->format = trust_form_format(f->form);
	if (strcmp(s->format, "notation") == 0)
		HM_TRY(read_notary(cx, s));
	else
		HM_TRY(read_bundle(cx, f->layer ? &f->layer->annotations : NULL, s));
	if (w->statement)
		HM_TRY(ask_policy(cx, w, n, f, s));
	else
		s->why = w->is_asked ? HM_STR("no statement of the trust policy is for it")
				     : HM_STR("no trust policy was asked");
	return NULL;
}

static void say_signed(struct hm_cx *cx, const struct graph_collect_node *n,
		       const struct signature *s, struct graph_doc *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json_out o = json_out(&b, false);
	int64_t time = s->time ? s->time : s->logged;
	graph_ref subject = graph_collect_artifact(cx, d, n->d.digest);
	json_open(&o, NULL, '{');
	json_putz(&o, "format", s->format);
	if (time)
		json_put_str(&o, "time", hm_rfc3339(cx, time));
	json_put_given(&o, "log", s->log);
	json_put_bool(&o, "verified", s->is_good);
	if (s->certificate.ends)
		json_put_str(&o, "notAfter", hm_rfc3339(cx, s->certificate.ends));
	if (s->is_revoked)
		json_put_bool(&o, "revoked", true);
	if (!s->is_good)
		json_put_given(&o, "why", hm_sub(s->why, 0, 1024));
	json_close(&o, '}');
	graph_doc_fact(cx, d,
		       &(struct graph_fact){
			       .kind = GRAPH_SIGNED_BY,
			       .subject = subject,
			       .object = graph_doc_noun(cx, d, GRAPH_IDENTITY, s->identity, 0),
			       .detail = b.over ? 0 : graph_doc_text(cx, d, hm_buf_str(&b)) });
	graph_collect_say_certificate(cx, &s->certificate, s->identity, d);
	graph_ref entry = s->log.n ? graph_doc_noun(cx, d, GRAPH_LOG_ENTRY, s->log, 0) : 0;
	if (!entry)
		return;
	struct hm_str when = hm_fmt(cx, "{\"integratedTime\":\"%s\"}", hm_rfc3339(cx, s->logged).p);
	graph_doc_fact(cx, d,
		       &(struct graph_fact){ .kind = GRAPH_LOGGED_AT,
					     .subject = subject,
					     .object = entry,
					     .detail =
						     s->logged ? graph_doc_text(cx, d, when) : 0 });
}

static enum graph_belief belief_of(const struct graph_collect_walk *w, bool good)
{
	if (!w->is_asked)
		return GRAPH_NOT_ASKED;
	return good ? GRAPH_BELIEVED : GRAPH_NOT_BELIEVED;
}

/* The claim that an image is released says no more than the signature itself. */
static bool is_claim(struct hm_cx *cx, struct hm_str statement)
{
	struct statement s;
	return statement.n && (statement_parse(cx, statement, &s) ||
			       !hm_eqz(s.predicate_type, SIGSTORE_SIGN_PREDICATE));
}

static void note_signer(struct hm_cx *cx, const struct signature *s,
			struct graph_collect_signers *o)
{
	if (s->identity.n && (!o->first.n || (s->is_good && !o->some_good)))
		o->first = hm_dup(cx, s->identity);
	o->some_good |= s->is_good;
}

/* One signature of a group, in memory of its own. */
static hm_err add_signature(struct hm_cx *cx, struct graph_collect_walk *w,
			    const struct graph_collect_node *n, const struct trust_found *f,
			    struct group *g, struct graph_collect_signers *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct signature s = { 0 };
	struct graph_collect_signers of_group = { g->signer, g->some_good };
	hm_err err = read_signature(&own, w, n, f, &s);
	if (err && !graph_collect_is_broken(err))
		return hm_fault_copy(cx, err);
	if (err) {
		graph_collect_refuse(&own, w, f->descriptor.digest, err->why);
		return NULL;
	}
	say_signed(cx, n, &s, &g->doc);
	note_signer(cx, &s, &of_group);
	note_signer(cx, &s, out);
	g->signer = of_group.first;
	g->some_good = of_group.some_good;
	if (!is_claim(&own, s.statement))
		return NULL;
	struct graph_collect_payload p = { .bytes = s.statement,
					   .origin = f->descriptor.digest,
					   .signer = s.identity,
					   .belief = belief_of(w, s.is_good) };
	err = graph_collect_take(&own, w, &p);
	return hm_fault_copy(cx, err);
}

static hm_err put_group(struct hm_cx *cx, struct graph_collect_walk *w,
			const struct graph_collect_node *n, struct group *g)
{
	struct graph_collect_said said = { .doc = &g->doc,
					   .origin = graph_collect_origin(cx, w, g->digest),
					   .digest = g->digest,
					   .size = g->size,
					   .signer = g->signer,
					   .belief = belief_of(w, g->some_good) };
	g->doc.format = HM_STR("OCI signature");
	graph_doc_fact(cx, &g->doc,
		       &(struct graph_fact){
			       .kind = GRAPH_REFERS_TO,
			       .subject = graph_collect_artifact(cx, &g->doc, g->digest),
			       .object = graph_collect_artifact(cx, &g->doc, n->d.digest) });
	return graph_collect_put(cx, w->c, &said);
}

/* Those that one manifest holds follow each other. */
static hm_err take_group(struct hm_cx *cx, struct graph_collect_walk *w,
			 const struct graph_collect_node *n, const struct trust_found *found,
			 size_t many, struct graph_collect_signers *out)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct group g = { .digest = found[0].descriptor.digest,
			   .size = (size_t)found[0].descriptor.size };
	struct graph_collect_signers signers = *out;
	bool is_known;
	HM_TRY(graph_collect_is_known(cx, w->c, g.digest, &is_known));
	if (is_known)
		return graph_collect_kept(cx, w->c, g.digest, out);
	out->has_new = true;
	hm_err err = NULL;
	for (size_t i = 0; i < many && !err; i++)
		err = add_signature(&own, w, n, &found[i], &g, &signers);
	if (!err)
		err = put_group(&own, w, n, &g);
	out->first = hm_dup(cx, signers.first);
	out->some_good = signers.some_good;
	return hm_fault_copy(cx, err);
}

hm_err graph_collect_signatures(struct hm_cx *cx, struct graph_collect_walk *w,
				const struct graph_collect_node *n,
				struct graph_collect_signers *out)
{
	struct trust_found *found;
	size_t all, end;
	*out = (struct graph_collect_signers){ 0 };
	HM_TRY_IN(cx, trust_collect(cx, w->place, &n->d, TRUST_ALL_SORTS, &found, &all),
		  "could not list the signatures");
	size_t most = all < HM_MAX_SIGNATURES_TRIED ? all : HM_MAX_SIGNATURES_TRIED;
	if (most < all)
		graph_collect_refuse(cx, w, n->d.digest, "it has too many signatures");
	for (size_t i = 0; i < most; i = end) {
		for (end = i + 1;
		     end < most && hm_eq(found[end].descriptor.digest, found[i].descriptor.digest);)
			end++;
		HM_TRY(hm_alive(cx));
		if (found[i].is_unread)
			graph_collect_refuse(cx, w, n->d.digest, found[i].bad->why);
		else
			HM_TRY(take_group(cx, w, n, &found[i], end - i, out));
	}
	return NULL;
}
