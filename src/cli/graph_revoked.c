/* SPDX-License-Identifier: Apache-2.0 */
/* `graph revoked`: what hangs on certificates that a revocation list names. */
#include "base/file.h"
#include "cli/graph_question.h"
#include "codec/base64.h"
#include "crypto/crypto.h"
#include "trust/trust.h"

/* A list, by serial number, and what hangs on what it names. */
struct revoking {
	struct crypto_revocation_list list;
	struct hm_map serials;
	struct graph_revoked found;
	bool is_old;
};

/* ------------------------------------------------------------------ the list as it is sent */

#define LIST_BEGIN        "-----BEGIN X509 CRL-----"
#define LIST_END          "-----END X509 CRL-----"
#define CERTIFICATE_BEGIN "-----BEGIN CERTIFICATE-----"

/* Behind a list in PEM there may be certificates in PEM, of which one has issued it. */
static void split_body(struct hm_str body, struct hm_str *list, struct hm_str *certificates)
{
	size_t at = hm_starts(hm_trim(body), HM_STR(LIST_BEGIN))
			    ? hm_find(body, HM_STR(CERTIFICATE_BEGIN))
			    : SIZE_MAX;
	*list = hm_sub(body, 0, at);
	*certificates = hm_from(body, at);
}

/* RFC 7468 */
static void put_pem(struct hm_cx *cx, struct hm_str der, struct hm_buf *out)
{
	enum { LINE = 64 };
	struct hm_str text = base64_format(cx, BASE64_STD, der);
	hm_buf_addz(out, LIST_BEGIN "\n");
	for (size_t i = 0; i < text.n; i += LINE) {
		hm_buf_add(out, hm_sub(text, i, LINE));
		hm_buf_char(out, '\n');
	}
	hm_buf_addz(out, LIST_END "\n");
}

/* The list with certificates behind it. */
static hm_err add_issuers(struct hm_cx *cx, const char *file, struct hm_str list,
			  struct hm_str *out)
{
	CRYPTO_AUTO_CHAIN issuers = { 0 };
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_CRL);
	struct hm_str text;
	HM_TRY(hm_read_file(cx, file, HM_MAX_CERTIFICATE_FILE, &text));
	HM_TRY_IN(cx, crypto_chain_parse(cx, text, &issuers), "\"%s\"", file);
	if (hm_starts(hm_trim(list), HM_STR("-----BEGIN")))
		hm_buf_add(&b, list);
	else
		put_pem(cx, list, &b);
	hm_buf_char(&b, '\n');
	hm_buf_add(&b, crypto_chain_pem(cx, &issuers));
	HM_TRY(hm_buf_end(cx, &b, "the list", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

/* Whose word is taken is said by --issuer, and not by what lies in the file. */
static hm_err read_body(struct hm_cx *cx, const struct cli_graph_question *o, struct hm_str file,
			struct hm_str *out)
{
	struct hm_str list, certificates;
	HM_TRY(hm_read_file(cx, file.p, HM_MAX_CRL, out));
	split_body(*out, &list, &certificates);
	if (certificates.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT,
				       "\"%.*s\": it has certificates beside the list",
				       HM_FMT(file)),
			       "--issuer FILE, where one of them has issued it");
	if (o->issuer)
		HM_TRY_IN(cx, add_issuers(cx, o->issuer, list, out), "\"%.*s\"", HM_FMT(file));
	return NULL;
}

/* ------------------------------------------------------------------ the list */

/* HM_TRUST: none of the certificates has issued it. `from`: where they are. */
static hm_err read_list_by(struct hm_cx *cx, struct hm_str list, struct hm_str certificates,
			   const char *from, struct revoking *out)
{
	CRYPTO_AUTO_CHAIN issuers = { 0 };
	HM_TRY_IN(cx, crypto_chain_parse(cx, certificates, &issuers), "%s", from);
	return crypto_revocation_list(cx, list, &issuers, hm_now(), &out->list);
}

static hm_err read_list_by_file(struct hm_cx *cx, struct hm_str list, const char *certificates,
				struct revoking *out)
{
	struct hm_str text;
	HM_TRY(hm_read_file(cx, certificates, HM_MAX_CERTIFICATE_FILE, &text));
	return read_list_by(cx, list, text, hm_say(cx, "\"%s\"", certificates).p, out);
}

/* By the certificates of the trust stores. */
static hm_err read_trusted_list(struct hm_cx *cx, const char *config_dir, struct hm_str list,
				struct revoking *out)
{
	struct trust_certificate_file *files;
	const struct crypto_chain nobody = { 0 };
	size_t n;
	HM_TRY(trust_store_list(cx, config_dir, &files, &n));
	/* what is not a list is said to be that, also where the stores are empty */
	hm_err err = crypto_revocation_list(cx, list, &nobody, hm_now(), &out->list);
	for (size_t i = 0; i < n && err && err->code == HM_TRUST; i++)
		err = read_list_by_file(cx, list, files[i].path.p, out);
	if (!err || err->code != HM_TRUST)
		return err;
	return hm_hint(cx,
		       hm_fail(cx, HM_TRUST,
			       "no certificate of the trust stores has issued the list"),
		       "--issuer FILE, the certificate of the authority that issued it");
}

static hm_err read_list(struct hm_cx *cx, const struct cli_graph_asking *a, struct revoking *out)
{
	struct hm_str list, certificates;
	split_body(a->body, &list, &certificates);
	HM_TRY(certificates.n ? read_list_by(cx, list, certificates, "certificates", out)
			      : read_trusted_list(cx, a->config_dir, list, out));
	for (size_t i = 0; i < out->list.n; i++)
		hm_map_put(cx, &out->serials, out->list.p[i].serial, &out->list.p[i]);
	out->is_old = out->list.ends && out->list.ends < hm_now();
	if (out->is_old && a->is_here)
		hm_log(cx, HM_LOG_WARN, "the list is old: what was revoked since is not in it",
		       "next update", hm_rfc3339(cx, out->list.ends).p, NULL);
	return NULL;
}

/* By the issuer's name and key; where the key is not known, by the name alone. */
static bool names(void *arg, const struct graph_issued *certificate, int64_t *out_since,
		  struct hm_str *out_reason)
{
	const struct revoking *r = arg;
	const struct crypto_revoked *one = hm_map_get(&r->serials, certificate->serial);
	if (!one || !hm_eq(certificate->issuer, r->list.issuer) ||
	    (certificate->key.n && !hm_eq(certificate->key, r->list.key)))
		return false;
	*out_since = one->since;
	*out_reason = hm_cstr(one->reason);
	return true;
}

/* ------------------------------------------------------------------ the answer */

static void put_list(struct hm_cx *cx, const struct revoking *r, struct json_out *o)
{
	json_open(o, "list", '{');
	json_put_str(o, "issuer", r->list.issuer);
	json_put_str(o, "issuerKey", r->list.key);
	json_put_str(o, "thisUpdate", hm_rfc3339(cx, r->list.begins));
	if (r->list.ends)
		json_put_str(o, "nextUpdate", hm_rfc3339(cx, r->list.ends));
	json_put_bool(o, "old", r->is_old);
	json_put_bool(o, "delta", r->list.is_delta);
	json_put_bool(o, "partial", r->list.is_partial);
	json_put_int(o, "entries", (int64_t)r->list.n);
	json_close(o, '}');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct revoking *r = data;
	put_list(cx, r, o);
	json_put_int(o, "unknown", (int64_t)r->found.unknown);
	cli_graph_put_cut(o, r->found.cut);
	json_open(o, "revoked", '[');
	for (size_t i = 0; i < r->found.n; i++) {
		const struct graph_revoked_one *one = &r->found.p[i];
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "identity", &one->identity);
		json_putz(o, "certificate", one->is_above ? "authority" : "own");
		json_put_str(o, "serial", one->certificate.serial);
		json_put_str(o, "since", hm_rfc3339(cx, one->since));
		json_put_given(o, "reason", one->reason);
		cli_graph_put_made(cx, o, "artifacts", &one->made);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const struct graph_revoked_one *one,
		    size_t k)
{
	struct hm_str reason = one->reason.n ? one->reason : HM_STR("not said");
	*hm_push(cx, &t->cells) = k ? HM_STR("") : hm_rfc3339(cx, one->since);
	*hm_push(cx, &t->cells) =
		k ? HM_STR("")
		  : hm_fmt(cx, "%.*s%s", HM_FMT(reason), one->is_above ? " (of an authority)" : "");
	*hm_push(cx, &t->cells) = k ? HM_STR("") : one->identity.key;
	cli_graph_add_made(cx, t, &one->made, k);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "REVOKED", "WHY", "IDENTITY", "SIGNED", "RUNS IN" };
	const struct revoking *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < r->found.n; i++)
		for (size_t k = 0; k < (r->found.p[i].made.n ? r->found.p[i].made.n : 1); k++)
			add_row(cx, &t, &r->found.p[i], k);
	if (r->found.n)
		cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "the list of \"");
	hm_buf_safe(out, r->list.issuer);
	hm_buf_fmt(out,
		   "\" of %s names %zu certificate%s: %zu identit%s of the graph hang%s on %s\n",
		   hm_rfc3339(cx, r->list.begins).p, r->list.n, r->list.n == 1 ? "" : "s",
		   r->found.n, r->found.n == 1 ? "y" : "ies", r->found.n == 1 ? "s" : "",
		   r->list.n == 1 ? "it" : "them");
	if (r->found.unknown)
		hm_buf_fmt(out,
			   "of %zu other identit%s it is not known who issued %s: "
			   "hullmark graph ingest REF\n",
			   r->found.unknown, r->found.unknown == 1 ? "y" : "ies",
			   r->found.unknown == 1 ? "its certificate" : "their certificates");
	if (r->is_old)
		hm_buf_fmt(out, "the list is old: what was revoked after %s is not in it\n",
			   hm_rfc3339(cx, r->list.ends).p);
	cli_graph_write_cut(out, r->found.cut);
	return NULL;
}

static hm_err explain(struct hm_cx *cx, const void *data, enum cli_format_bit format,
		      struct hm_buf *out)
{
	const struct revoking *r = data;
	HM_TRY(write_table(cx, data, format, out));
	for (size_t i = 0; i < r->found.n; i++)
		for (size_t k = 0; k < r->found.p[i].made.n; k++)
			cli_graph_write_fact(cx, out, "  ", &r->found.p[i].made.p[k].fact);
	return NULL;
}

/* ------------------------------------------------------------------ the command */

static const struct cli_answer answer = { .schema = "hullmark.graph-revoked/1",
					  .describe = describe,
					  .write = write_table,
					  .max = HM_MAX_JSON };

/* The file is named where there is one. */
static hm_err ask(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		  const void **out)
{
	struct revoking *r = hm_new(cx, struct revoking, 1);
	const struct graph_revoking by = { names, r };
	hm_err err = read_list(cx, a, r);
	if (err)
		return a->texts[0].n ? hm_wrap(cx, err, "\"%.*s\"", HM_FMT(a->texts[0])) : err;
	*out = r;
	return graph_revoked(cx, g, &by, &a->asked.limits, &r->found);
}

const struct cli_graph_ask cli_graph_ask_revoked = {
	.path = "revoked",
	.max_body = HM_MAX_CRL + HM_MAX_CERTIFICATE_FILE,
	.read_body = read_body,
	.answer = &answer,
	.explain = explain,
	.ask = ask,
};

CLI_GRAPH_RUN(revoked)

extern const struct cli_command cli_graph_revoked;
const struct cli_command cli_graph_revoked = {
	.name = "graph revoked",
	CLI_GRAPH_QUESTION(revoked),
	.args = "LIST",
	.help = "what hangs on the certificates that a revocation list names",
	.about =
		"LIST is a certificate revocation list (RFC 5280), PEM or DER. A certificate of the trust stores must\n"
		"have issued it, or one of --issuer, which is taken at its word; a list that nobody of them has issued,\n"
		"of several issuers, of the future, or with something critical that is not known, answers nothing.\n"
		"What it names counts also where the list is old; then the answer says that it lacks what is newer.\n"
		"With --server the list is sent, and with it the certificates of --issuer; without these one of the\n"
		"server's own trust stores must have issued it.\n"
		"\n"
		"Of each identity whose certificate it names, or a certificate of an authority above that, the answer\n"
		"has what it signed and where that runs. A certificate is found by its serial number and its issuer's\n"
		"name and key, as its signatures have them; by the name alone where they came without the issuer. Of\n"
		"signatures that an older hullmark has read that is not known: they are counted, and `graph ingest REF`\n"
		"reads them again. Certificates for keyless signing are on no list.\n"
		"\n"
		"The JSON (hullmark.graph-revoked/1) has \"list\" (\"issuer\", \"issuerKey\", \"thisUpdate\", \"nextUpdate\",\n"
		"\"old\", \"delta\", \"partial\", \"entries\"), \"unknown\" (identities), \"revoked\": each \"identity\",\n"
		"\"certificate\" (\"own\", \"authority\"), \"serial\", \"since\", \"reason\" and \"artifacts\" (\"artifact\",\n"
		"\"images\", \"fact\", \"running\"); and \"cut\", where there are more.",
	.examples = "  $ hullmark graph revoked ca.crl\n"
		    "  $ hullmark graph revoked issuing.crl --issuer issuing.pem -o json\n"
		    "  $ hullmark graph revoked ca.crl --server https://graph.example.com\n",
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_ASK_EXPLAIN,
		CLI_ASK_ISSUER,
		CLI_ASK_LIMIT,
		CLI_ASK_OUTPUT,
		CLI_ASK_ELSEWHERE,
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
};
