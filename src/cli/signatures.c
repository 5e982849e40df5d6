/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/subject.h"
#include "codec/json.h"
#include "trust/trust.h"

struct signatures {
	uint64_t max_signatures;
	struct hm_strs output;
};

/* One signature as it says it is; nothing here is verified against a trust policy. */
struct shown {
	struct trust_found found;
	struct hm_str type;
	struct trust_claim claim;
	hm_err err; /* why it cannot be shown */
};

struct all {
	struct shown *p;
	size_t n;
};

static void all_done(struct all *a)
{
	for (size_t i = 0; i < a->n; i++)
		trust_claim_done(&a->p[i].claim);
}

static hm_err find_signatures(struct hm_cx *cx, const struct signatures *o, struct cli_subject *s,
			      struct all *out)
{
	struct trust_found *found;
	size_t n, max = o->max_signatures ? o->max_signatures : HM_MAX_SIGNATURES;
	HM_TRY(trust_collect(cx, s->place, &s->descriptor, &found, &n));
	if (n > max)
		hm_log(cx, HM_LOG_WARN, "there are more signatures than --max-signatures", NULL);
	out->p = hm_new(cx, struct shown, n + 1);
	for (out->n = 0; out->n < n && out->n < max; out->n++)
		out->p[out->n].found = found[out->n];
	return NULL;
}

static void open_one(struct hm_cx *cx, struct cli_subject *s, struct shown *one)
{
	struct hm_str bytes;
	one->err =
		trust_fetch_envelope(cx, s->place, &one->found, &s->descriptor, &one->type, &bytes);
	if (!one->err)
		one->err = trust_claim_read(cx, one->type, bytes, &one->claim);
}

static void put_certificates(struct hm_cx *cx, struct json_out *o, const struct crypto_chain *c)
{
	json_open(o, "certificates", '[');
	for (size_t i = 0; i < c->n; i++) {
		struct crypto_certificate_info info;
		if (crypto_certificate_info(cx, c, i, &info))
			continue;
		json_open(o, NULL, '{');
		json_put_str(o, "SHA256Fingerprint", info.sha256);
		json_put_str(o, "issuedTo", info.subject);
		json_put_str(o, "issuedBy", info.issuer);
		json_put_str(o, "expiry", hm_rfc3339(cx, info.not_after));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_target(struct hm_cx *cx, struct json_out *o, struct hm_str payload)
{
	struct oci_descriptor target;
	if (trust_payload_parse(cx, payload, &target))
		return;
	json_open(o, "signedArtifact", '{');
	json_put_str(o, "mediaType", target.media_type);
	json_put_str(o, "digest", target.digest);
	json_put_int(o, "size", (int64_t)target.size);
	json_close(o, '}');
	json_open(o, "userDefinedAttributes", '{');
	for (size_t i = 0; i < target.annotations.n; i++) {
		json_key(o, target.annotations.p[i].key);
		json_put_str(o, NULL, target.annotations.p[i].value);
	}
	json_close(o, '}');
}

static void put_signature(struct hm_cx *cx, struct json_out *o, const struct shown *s)
{
	const struct envelope_signature *e = s->claim.signature;
	const struct envelope_notary *notary = s->claim.notary;
	json_open(o, NULL, '{');
	json_put_str(o, "digest", s->found.descriptor.digest);
	json_put_str(o, "signatureEnvelopeType", s->type);
	if (s->err) {
		json_putz(o, "error", s->err->why);
		json_close(o, '}');
		return;
	}
	json_putz(o, "signatureAlgorithm", crypto_alg_rows[e->alg].name);
	json_open(o, "signedAttributes", '{');
	json_put_str(o, "contentType", s->claim.envelope.content_type);
	json_putz(o, "signingScheme",
		  notary->scheme == ENVELOPE_X509 ? "notary.x509" : "notary.x509.signingAuthority");
	json_put_str(o, "signingTime", hm_rfc3339(cx, notary->signing_time));
	if (notary->expiry)
		json_put_str(o, "expiry", hm_rfc3339(cx, notary->expiry));
	for (size_t i = 0; i < e->attributes_n; i++) {
		json_key(o, e->attributes[i].name);
		json_put_str(o, NULL, e->attributes[i].json);
	}
	json_close(o, '}');
	json_open(o, "unsignedAttributes", '{');
	json_put_given(o, "signingAgent", notary->signing_agent);
	json_put_bool(o, "timestamped", e->timestamp.n > 0);
	json_close(o, '}');
	put_target(cx, o, s->claim.envelope.payload);
	put_certificates(cx, o, &e->chain);
	json_close(o, '}');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *key, struct hm_str value)
{
	*hm_push(cx, &t->cells) = hm_cstr(key);
	*hm_push(cx, &t->cells) = value;
}

static void tabulate_signature(struct hm_cx *cx, const struct shown *s, struct hm_buf *out)
{
	static const char *const columns[] = { "SIGNATURE", "", NULL };
	const struct envelope_signature *e = s->claim.signature;
	const struct envelope_notary *notary = s->claim.notary;
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	add_row(cx, &t, "digest", s->found.descriptor.digest);
	add_row(cx, &t, "envelope", s->type);
	if (s->err) {
		add_row(cx, &t, "broken", hm_cstr(s->err->why));
		cli_table_format(cx, &t, out);
		return;
	}
	add_row(cx, &t, "algorithm", hm_cstr(crypto_alg_rows[e->alg].name));
	add_row(cx, &t, "signing time", hm_rfc3339(cx, notary->signing_time));
	add_row(cx, &t, "expiry", notary->expiry ? hm_rfc3339(cx, notary->expiry) : HM_STR("-"));
	add_row(cx, &t, "signing agent", notary->signing_agent);
	add_row(cx, &t, "timestamp", e->timestamp.n ? HM_STR("yes") : HM_STR("no"));
	for (size_t i = 0; i < e->chain.n; i++) {
		struct crypto_certificate_info info;
		if (crypto_certificate_info(cx, &e->chain, i, &info))
			continue;
		add_row(cx, &t, i ? "issued by" : "signer", info.subject);
		add_row(cx, &t, "  sha256", info.sha256);
		add_row(cx, &t, "  expires", hm_rfc3339(cx, info.not_after));
	}
	add_row(cx, &t, "payload", s->claim.envelope.payload);
	cli_table_format(cx, &t, out);
}

/* What both commands answer. */
struct signatures_answer {
	const struct cli_subject *subject;
	const struct all *all;
};

static void describe_inspect(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	json_put_str(o, "reference", a->subject->name);
	json_put_str(o, "mediaType", a->subject->descriptor.media_type);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++)
		put_signature(cx, o, &a->all->p[i]);
	json_close(o, ']');
}

static hm_err write_inspect(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			    struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	(void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	for (size_t i = 0; i < a->all->n; i++) {
		hm_buf_char(out, '\n');
		tabulate_signature(cx, &a->all->p[i], out);
	}
	if (!a->all->n)
		hm_buf_addz(out, "no signatures\n");
	return NULL;
}

static void describe_list(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signatures_answer *a = data;
	(void)cx;
	json_put_str(o, "reference", a->subject->name);
	json_open(o, "signatures", '[');
	for (size_t i = 0; i < a->all->n; i++)
		json_put_str(o, NULL, a->all->p[i].found.descriptor.digest);
	json_close(o, ']');
}

static hm_err write_list(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	const struct signatures_answer *a = data;
	const struct all *all = a->all;
	(void)cx, (void)format;
	hm_buf_fmt(out, "%.*s\n", HM_FMT(a->subject->name));
	if (all->n)
		hm_buf_addz(out, "└── " TRUST_SIGNATURE_TYPE "\n");
	for (size_t i = 0; i < all->n; i++)
		hm_buf_fmt(out, "    %s %.*s\n", i + 1 < all->n ? "├──" : "└──",
			   HM_FMT(all->p[i].found.descriptor.digest));
	if (!all->n)
		hm_buf_addz(out, "no signatures\n");
	return NULL;
}

static const struct cli_answer inspect_answer = {
	.schema = "hullmark.inspect/1",
	.describe = describe_inspect,
	.write = write_inspect,
};

static const struct cli_answer list_answer = {
	.schema = "hullmark.list/1",
	.describe = describe_list,
	.write = write_list,
};

static hm_err show_signatures(struct hm_cx *cx, struct cli *cli, const struct signatures *o,
			      const char *ref, bool inspect)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_CLEANUP(all_done) struct all all = { 0 };
	struct signatures_answer data = { &s, &all };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, true, &s));
	HM_TRY_IN(cx, find_signatures(cx, o, &s, &all), "\"%.*s\"", HM_FMT(s.name));
	for (size_t i = 0; i < all.n && inspect; i++)
		open_one(cx, &s, &all.p[i]);
	return cli_answer_write(cx, &outputs, inspect ? &inspect_answer : &list_answer, &data);
}

static hm_err run_list(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		       size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args[0], false);
}

static hm_err run_inspect(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)args_n;
	return show_signatures(cx, cli, opts, args[0], true);
}

/* clang-format off */
static const struct cli_opt options[] = {
	CLI_OPT(signatures, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "signatures to look at; 100 if not given"),
	CLI_OUTPUT(signatures, output),
	{ 0 },
};
/* clang-format on */

extern const struct cli_command cli_list, cli_inspect;

const struct cli_command cli_list = {
	.name = "list",
	.alias = "ls",
	.group = "Trust",
	.args = "REF",
	.help = "list the signatures of an artifact",
	.about = "Lists the signatures that refer to what REF names. None of them is verified.\n"
		 "\n"
		 "The JSON (hullmark.list/1) has \"reference\" and \"signatures\", their digests.",
	.examples = "  $ hullmark list registry.example.com/shop/web:v1",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct signatures),
	.opts = options,
	.least = 1,
	.most = 1,
	.run = run_list,
};

const struct cli_command cli_inspect = {
	.name = "inspect",
	.group = "Trust",
	.args = "REF",
	.help = "show what the signatures of an artifact say",
	.about =
		"Shows who signed what REF names, when, with which algorithm and attributes. Whether the\n"
		"signer is trusted is for `hullmark verify` to say.\n"
		"\n"
		"The JSON (hullmark.inspect/1) has \"reference\", \"mediaType\" and \"signatures\"; what is in one\n"
		"is called as `notation inspect --output json` calls it.",
	.examples = "  $ hullmark inspect registry.example.com/shop/web:v1 -o json",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct signatures),
	.opts = options,
	.least = 1,
	.most = 1,
	.run = run_inspect,
};
