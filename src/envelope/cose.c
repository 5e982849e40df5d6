/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cose.h"

#include <math.h>

#include "codec/cbor.h"

/* An envelope being read: a COSE_Sign1 has one signature. */
struct reading {
	struct envelope *envelope;
	struct envelope_signature *signature;
	struct envelope_notary *notary;
	const struct cbor_item *protected, *unprotected;
};

/* Text parameters that the envelope itself understands, beside labels 1 to 3. */
static const char *const known[] = { NOTARY_SCHEME, NOTARY_SIGNING_TIME, NOTARY_AUTHENTIC,
				     NOTARY_EXPIRY, NULL };

static bool is_known(const struct cbor_item *label)
{
	if (label->kind == CBOR_INTEGER)
		return label->number >= COSE_ALG && label->number <= COSE_CONTENT_TYPE;
	for (size_t i = 0; known[i]; i++)
		if (hm_eqz(label->bytes, known[i]))
			return true;
	return false;
}

/* A label as a name. */
static struct hm_str name_label(struct hm_cx *cx, const struct cbor_item *label)
{
	return label->kind == CBOR_TEXT ? label->bytes
					: hm_fmt(cx, "%lld", (long long)label->number);
}

static const struct cbor_item *find_label(const struct cbor_item *header,
					  const struct cbor_item *label)
{
	return label->kind == CBOR_TEXT ? cbor_find_text(header, label->bytes)
					: cbor_find_number(header, label->number);
}

/* RFC 9052, 3.1 and RFC 9338: of what kind the registered parameters are. A countersignature
 * would have to be verified, and nothing here does that. */
static hm_err check_label(struct hm_cx *cx, const struct cbor_item *label,
			  const struct cbor_item *value)
{
	int64_t number = label->kind == CBOR_INTEGER ? label->number : 0;
	bool good = true;
	if (number == COSE_KID || number == COSE_IV || number == COSE_PARTIAL_IV)
		good = value->kind == CBOR_BYTES;
	if (number == COSE_TYP)
		good = value->kind == CBOR_TEXT ||
		       (value->kind == CBOR_INTEGER && value->number >= 0);
	if (number == COSE_COUNTERSIGNATURE || number == COSE_COUNTERSIGNATURE0 ||
	    number == COSE_COUNTERSIGNATURE_V2 || number == COSE_COUNTERSIGNATURE0_V2)
		good = false;
	return good ? NULL
		    : hm_fail(cx, HM_INPUT, "header parameter %lld is not supported as it is",
			      (long long)number);
}

/* RFC 9052, 3: no label stands in both headers, and what decides in the protected one alone. */
static hm_err check_labels(struct hm_cx *cx, const struct reading *r)
{
	const struct cbor_item *k;
	for (k = r->protected->first; k; k = k->next->next)
		HM_TRY(check_label(cx, k, k->next));
	for (k = r->unprotected->first; k; k = k->next->next) {
		HM_TRY(check_label(cx, k, k->next));
		if (is_known(k) || find_label(r->protected, k))
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is not allowed in the unprotected header",
				       HM_FMT(name_label(cx, k)));
	}
	return NULL;
}

static hm_err need_alg(struct hm_cx *cx, const struct cbor_item *header, enum crypto_alg *out)
{
	const struct cbor_item *alg = cbor_find_number(header, COSE_ALG);
	if (!alg || alg->kind != CBOR_INTEGER)
		return hm_fail(cx, HM_INPUT, "it names no algorithm");
	*out = crypto_alg_by_cose(alg->number);
	return *out ? NULL
		    : hm_fail(cx, HM_INPUT, "algorithm %lld is not supported",
			      (long long)alg->number);
}

static hm_err need_text(struct hm_cx *cx, const struct cbor_item *value, const char *name,
			struct hm_str *out)
{
	if (!value)
		return hm_fail(cx, HM_INPUT, "\"%s\" is missing", name);
	if (value->kind != CBOR_TEXT)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a text", name);
	*out = value->bytes;
	return NULL;
}

/* RFC 8949, 3.4.2. 0 where the parameter is absent; a fraction is left out. */
static hm_err get_time(struct hm_cx *cx, const struct cbor_item *header, const char *name,
		       int64_t *out)
{
	const double last = 253402300799; /* of the year 9999 */
	const struct cbor_item *value = cbor_find_text(header, hm_cstr(name));
	*out = 0;
	if (!value)
		return NULL;
	if (value->kind != CBOR_TAGGED || value->tag != 1)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a time", name);
	double seconds = value->first->kind == CBOR_REAL ? trunc(value->first->real)
							 : (double)value->first->number;
	if (!(seconds > 0 && seconds <= last))
		return hm_fail(cx, HM_INPUT, "\"%s\" lies before 1970 or after 9999", name);
	*out = (int64_t)seconds;
	return NULL;
}

/* The scheme decides which of the two times there must be, and which there must not. */
static hm_err read_scheme(struct hm_cx *cx, const struct cbor_item *header,
			  struct envelope_notary *n)
{
	struct hm_str scheme;
	HM_TRY(need_text(cx, cbor_find_text(header, HM_STR(NOTARY_SCHEME)), NOTARY_SCHEME,
			 &scheme));
	HM_TRY(envelope_notary_scheme(cx, scheme, &n->scheme));
	const char *unwanted = envelope_notary_time(n->scheme, false);
	if (cbor_find_text(header, hm_cstr(unwanted)))
		return hm_fail(cx, HM_INPUT, "\"%s\" does not belong to scheme \"%.*s\"", unwanted,
			       HM_FMT(scheme));
	HM_TRY(get_time(cx, header, envelope_notary_time(n->scheme, true), &n->signing_time));
	HM_TRY(get_time(cx, header, NOTARY_EXPIRY, &n->expiry));
	return envelope_notary_check_times(cx, n);
}

static bool is_critical(const struct cbor_item *crit, const struct cbor_item *label)
{
	for (const struct cbor_item *c = crit->first; c; c = c->next)
		if (c->kind == label->kind && c->number == label->number &&
		    hm_eq(c->bytes, label->bytes))
			return true;
	return false;
}

static bool names_critical(const struct cbor_item *crit, const char *name)
{
	return is_critical(crit, &(struct cbor_item){ .kind = CBOR_TEXT, .bytes = hm_cstr(name) });
}

/* RFC 9052, 3.1: parameters that are there, and none that COSE itself defines. */
static hm_err check_named(struct hm_cx *cx, const struct cbor_item *header,
			  const struct cbor_item *crit)
{
	for (const struct cbor_item *c = crit->first; c; c = c->next) {
		bool number = c->kind == CBOR_INTEGER;
		if ((!number && c->kind != CBOR_TEXT) ||
		    (number && c->number >= 0 && c->number <= COSE_LAST_OWN))
			return hm_fail(cx, HM_INPUT, "\"crit\" names what cannot be critical");
		if (!find_label(header, c))
			return hm_fail(cx, HM_INPUT, "critical attribute \"%.*s\" is missing",
				       HM_FMT(name_label(cx, c)));
	}
	return NULL;
}

/* And what the Notary Project wants in the list. */
static hm_err check_critical(struct hm_cx *cx, const struct cbor_item *header,
			     const struct envelope_notary *n)
{
	const struct cbor_item *crit = cbor_find_number(header, COSE_CRIT);
	if (!crit || crit->kind != CBOR_ARRAY || !crit->size)
		return hm_fail(cx, HM_INPUT, "\"crit\" is not a list of names");
	HM_TRY(check_named(cx, header, crit));
	if (!names_critical(crit, NOTARY_SCHEME) ||
	    (n->expiry && !names_critical(crit, NOTARY_EXPIRY)) ||
	    (n->scheme == ENVELOPE_SIGNING_AUTHORITY && !names_critical(crit, NOTARY_AUTHENTIC)))
		return hm_fail(cx, HM_INPUT,
			       "an attribute that must be critical is not in \"crit\"");
	return NULL;
}

/* A name or version of a plugin: critical, and text with something in it. */
static hm_err read_plugin(struct hm_cx *cx, const struct cbor_item *label, bool critical,
			  struct hm_str *out)
{
	const struct cbor_item *value = label->next;
	if (!critical || value->kind != CBOR_TEXT || !hm_trim(value->bytes).n ||
	    hm_has_control(value->bytes))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" must be a critical text that is not empty",
			       HM_FMT(label->bytes));
	*out = value->bytes;
	return NULL;
}

static hm_err format_value(struct hm_cx *cx, const struct cbor_item *value, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	cbor_put_json(&o, value);
	HM_TRY(hm_buf_end(cx, &b, "attribute", &text));
	HM_TRY(hm_charge(cx, text.n));
	*out = hm_dup(cx, text);
	return NULL;
}

static hm_err read_attributes(struct hm_cx *cx, const struct reading *r)
{
	HM_VEC(struct envelope_attribute) found = { 0 };
	const struct cbor_item *crit = cbor_find_number(r->protected, COSE_CRIT);
	for (const struct cbor_item *k = r->protected->first; k; k = k->next->next) {
		struct envelope_attribute a = { .name = name_label(cx, k),
						.critical = is_critical(crit, k) };
		bool text = k->kind == CBOR_TEXT;
		if (is_known(k) || (!text && k->number == COSE_X5CHAIN))
			continue;
		if (text && hm_eqz(a.name, NOTARY_PLUGIN)) {
			HM_TRY(read_plugin(cx, k, a.critical, &r->notary->verification_plugin));
		} else if (text && hm_eqz(a.name, NOTARY_PLUGIN_LEAST)) {
			HM_TRY(read_plugin(cx, k, a.critical, &r->notary->plugin_min_version));
		} else {
			HM_TRY(format_value(cx, k->next, &a.json));
			*hm_push(cx, &found) = a;
		}
	}
	r->signature->attributes = found.p;
	r->signature->attributes_n = found.n;
	return NULL;
}

static hm_err read_protected(struct hm_cx *cx, struct hm_str bytes, struct reading *r)
{
	HM_TRY(cbor_parse(cx, bytes, CBOR_PLAIN, &r->protected));
	if (r->protected->kind != CBOR_MAP)
		return hm_fail(cx, HM_INPUT, "it is not a map");
	HM_TRY(need_alg(cx, r->protected, &r->signature->alg));
	HM_TRY(need_text(cx, cbor_find_number(r->protected, COSE_CONTENT_TYPE), "content type",
			 &r->envelope->content_type));
	HM_TRY(read_scheme(cx, r->protected, r->notary));
	HM_TRY(check_critical(cx, r->protected, r->notary));
	return read_attributes(cx, r);
}

static hm_err read_chain(struct hm_cx *cx, const struct cbor_item *x5chain,
			 struct crypto_chain *out)
{
	struct hm_strs der = { 0 };
	if (!x5chain || x5chain->kind != CBOR_ARRAY || !x5chain->size)
		return hm_fail(cx, HM_INPUT, "\"x5chain\" is not a list of certificates");
	if (x5chain->size > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_LIMIT, "\"x5chain\" has too many certificates");
	for (const struct cbor_item *c = x5chain->first; c; c = c->next) {
		if (c->kind != CBOR_BYTES)
			return hm_fail(cx, HM_INPUT, "\"x5chain\" is not a list of certificates");
		*hm_push(cx, &der) = c->bytes;
	}
	return crypto_chain_from_der(cx, der.p, der.n, out);
}

/* What the signing agent says of itself nobody checks (signature-specification.md). */
static hm_err read_unprotected(struct hm_cx *cx, const struct reading *r)
{
	const struct cbor_item *agent, *stamp, *chain;
	HM_TRY(check_labels(cx, r));
	agent = cbor_find_text(r->unprotected, HM_STR(NOTARY_AGENT));
	if (agent && agent->kind == CBOR_TEXT)
		r->notary->signing_agent = agent->bytes;
	stamp = cbor_find_text(r->unprotected, HM_STR(NOTARY_TIMESTAMP));
	if (stamp && stamp->kind != CBOR_BYTES)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not bytes", NOTARY_TIMESTAMP);
	if (stamp)
		r->signature->timestamp = stamp->bytes;
	chain = cbor_find_number(r->unprotected, COSE_X5CHAIN);
	if (!chain)
		chain = cbor_find_number(r->protected, COSE_X5CHAIN);
	return read_chain(cx, chain, &r->signature->chain);
}

static hm_err read_parts(struct hm_cx *cx, const struct cbor_item *top, struct reading *r)
{
	const struct cbor_item *protected = top->first, *unprotected = protected->next;
	const struct cbor_item *payload = unprotected->next, *signature = payload->next;
	if (protected->kind != CBOR_BYTES || unprotected->kind != CBOR_MAP ||
	    payload->kind != CBOR_BYTES || signature->kind != CBOR_BYTES)
		return hm_fail(cx, HM_INPUT,
			       "it is not an array of headers, payload and signature");
	if (!payload->bytes.n || !signature->bytes.n)
		return hm_fail(cx, HM_INPUT, "the payload or the signature is empty");
	r->unprotected = unprotected;
	r->envelope->payload = payload->bytes;
	r->signature->value = signature->bytes;
	HM_TRY_IN(cx, read_protected(cx, protected->bytes, r), "protected header");
	HM_TRY(read_unprotected(cx, r));
	return envelope_cose_signed_bytes(cx, protected->bytes, payload->bytes,
					  &r->signature->signed_bytes);
}

static hm_err parse_cose(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	const struct cbor_item *top;
	if (!hm_starts(bytes, HM_STR(COSE_HEAD)))
		return hm_fail(cx, HM_INPUT, "envelope: it is not a tagged COSE_Sign1");
	HM_TRY_IN(cx, cbor_parse(cx, hm_from(bytes, 1), CBOR_NO_TAGS, &top), "envelope");
	struct reading r = { .envelope = out };
	envelope_notary_begin(cx, out, &r.signature, &r.notary);
	HM_TRY_IN(cx, read_parts(cx, top, &r), "envelope");
	return NULL;
}

extern const struct envelope_format envelope_format_cose;
const struct envelope_format envelope_format_cose = { "cose", ENVELOPE_COSE_TYPE, parse_cose,
						      envelope_cose_sign };
