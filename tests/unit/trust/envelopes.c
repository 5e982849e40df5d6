/* SPDX-License-Identifier: Apache-2.0 */
/* Every envelope that the Notary Project publishes gets the verdict that ENVELOPES.tsv documents.
 */
#include "trust/examine.h"
#include "trust/trust.h"

#include "unit.h"

enum { NOW = 1795000000 }; /* November 2026 */

/* A line of ENVELOPES.tsv. */
struct row {
	struct hm_str path, format, signature, scheme, expiry, not_after;
};

/* "name=value" among words. */
static struct hm_str find_note(struct hm_str notes, const char *name)
{
	while (notes.n) {
		struct hm_str word = hm_cut(&notes, ' ');
		struct hm_str key = hm_cut(&word, '=');
		if (hm_eqz(key, name))
			return word;
	}
	return HM_STR("");
}

static struct row read_row(struct hm_str line)
{
	struct row r = { .path = hm_cut(&line, '\t'), .format = hm_cut(&line, '\t') };
	(void)hm_cut(&line, '\t');
	r.signature = hm_cut(&line, '\t');
	r.scheme = hm_cut(&line, '\t');
	r.expiry = find_note(hm_cut(&line, '\t'), "expiry");
	r.not_after = find_note(line, "leafNotAfter");
	return r;
}

/* Those that say that a plugin must verify them, or that have a plugin's attributes. */
static bool wants_plugin(struct hm_str path)
{
	return hm_find(path, HM_STR("plugin_sig_env")) != SIZE_MAX ||
	       hm_find(path, HM_STR("pluginver_sig_env")) != SIZE_MAX;
}

static bool is_past(struct hm_cx *cx, struct hm_str time)
{
	int64_t seconds;
	assert_ok(hm_rfc3339_parse(cx, time, &seconds));
	return seconds <= NOW;
}

struct kit {
	struct hm_cx cx;
	const char *config_dir;
	size_t rows, refused, by_plugin, expired, late;
};

static const char *type_of(const struct row *r)
{
	return hm_eqz(r->format, "JWS") ? ENVELOPE_JWS_TYPE : ENVELOPE_COSE_TYPE;
}

static struct hm_str read_envelope(struct hm_cx *cx, const struct row *r)
{
	struct hm_str bytes;
	assert_ok(hm_read_file(cx, unit_data(cx, hm_fmt(cx, "signing/%.*s", HM_FMT(r->path)).p),
			       HM_MIB, &bytes));
	return bytes;
}

/* Whoever signed one of them is trusted. */
static void trust_root(struct kit *k, const struct row *r)
{
	struct hm_cx *cx = &k->cx;
	ENVELOPE_AUTO e = { 0 };
	if (envelope_parse(cx, hm_cstr(type_of(r)), read_envelope(cx, r), &e))
		return;
	const struct crypto_chain *c = &e.signatures[0].chain;
	struct crypto_chain root = { &c->der[c->n - 1], &c->x509[c->n - 1], 1 };
	struct hm_str name = hm_fmt(cx, "%zu.pem", k->rows++);
	assert_ok(trust_store_add(cx, k->config_dir, "ca", HM_STR("all"), name,
				  crypto_chain_pem(cx, &root)));
	assert_ok(trust_store_add(cx, k->config_dir, "signingAuthority", HM_STR("all"), name,
				  crypto_chain_pem(cx, &root)));
}

static void check_row(struct kit *k, struct trust_config *config, const struct row *r)
{
	struct hm_cx *cx = &k->cx;
	struct hm_str bytes = read_envelope(cx, r), type = hm_cstr(type_of(r));
	struct oci_descriptor subject = { 0 };
	struct envelope e = { 0 };
	hm_err err = envelope_parse(cx, type, bytes, &e);
	if (!err)
		assert_ok(trust_payload_parse(cx, e.payload, &subject));
	struct trust_verify_options o = { .now = NOW };
	struct trust_examination x = { .config = config,
				       .statement = trust_config_select(cx, config,
									HM_STR("r.test/app")),
				       .subject = &subject,
				       .options = &o };
	struct trust_signature s = { 0 };
	assert_ok(trust_examine(cx, &x, trust_profile_by_name("notary"), type, bytes, &s));
	envelope_done(&e);
	bool whole = hm_eqz(r->signature, "sig-ok"), plugin = whole && wants_plugin(r->path);
	if (s.results[TRUST_INTEGRITY].good != (whole && !plugin))
		print_error("%s: %s\n", r->path.p, s.why.p);
	assert_true(s.results[TRUST_INTEGRITY].good == (whole && !plugin));
	k->refused += !whole;
	k->by_plugin += plugin;
	if (!whole || plugin)
		return;
	bool authority = hm_eqz(r->scheme, "notary.x509.signingAuthority");
	bool expired = r->expiry.n && !hm_eqz(r->expiry, "-") && is_past(cx, r->expiry);
	bool late = !authority && is_past(cx, hm_fmt(cx, "%.*sZ", HM_FMT(r->not_after)));
	bool early = hm_find(r->path, HM_STR("timestampBeforeNotBefore")) != SIZE_MAX;
	assert_true(s.results[TRUST_AUTHENTICITY].good);
	assert_true(s.results[TRUST_EXPIRY].good == !expired);
	assert_true(s.results[TRUST_TIMESTAMP].good == !(late || early));
	k->expired += expired;
	k->late += late;
}

static void documented(void **state)
{
	(void)state;
	struct kit k = { .cx = HM_CX(SIZE_MAX), .config_dir = unit_temp_dir() };
	struct hm_cx *cx = &k.cx;
	struct hm_str index, line;
	struct trust_config *config;
	HM_VEC(struct row) rows = { 0 };
	assert_ok(
		hm_read_file(cx, unit_data(cx, "signing/notation/ENVELOPES.tsv"), HM_MIB, &index));
	for ((void)hm_line(&index); index.n;) {
		line = hm_line(&index);
		*hm_push(cx, &rows) = read_row(line);
	}
	assert_int_equal(rows.n, 36);
	for (size_t i = 0; i < rows.n; i++)
		trust_root(&k, &rows.p[i]);
	assert_ok(trust_policy_import(
		cx, k.config_dir,
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
		       "\"signatureVerification\":{\"level\":\"audit\"},"
		       "\"trustStores\":[\"ca:all\",\"signingAuthority:all\"],"
		       "\"trustedIdentities\":[\"*\"]}]}")));
	assert_ok(trust_config_open(cx, k.config_dir, &config));
	for (size_t i = 0; i < rows.n; i++)
		check_row(&k, config, &rows.p[i]);
	trust_config_close(config);
	assert_int_equal(k.refused, 3);
	assert_int_equal(k.by_plugin, 10);
	assert_int_equal(k.expired, 4);
	assert_int_equal(k.late, 10);
	hm_cx_done(cx);
}

int main(void)
{
	UNIT(documented);
	return unit_run("trust/envelopes");
}
