/* SPDX-License-Identifier: Apache-2.0 */
/* `graph revoked`: what hangs on certificates that a revocation list names. */
#include "cli/graph_question.h"
#include "crypto/crypto.h"
#include "trust/trust.h"

struct revoked {
	struct cli_graph_question question;
	const char *issuer;
};

/* A list, by serial number, and what hangs on what it names. */
struct revoking {
	struct crypto_revocation_list list;
	struct hm_map serials;
	struct graph_revoked found;
	bool is_old;
};

/* ------------------------------------------------------------------ the list */

/* HM_TRUST: none of the file's certificates has issued it. */
static hm_err read_list_by(struct hm_cx *cx, struct hm_str bytes, const char *certificates,
			   struct revoking *out)
{
	CRYPTO_AUTO_CHAIN issuers = { 0 };
	struct hm_str text;
	HM_TRY(hm_read_file(cx, certificates, HM_MAX_CERTIFICATE_FILE, &text));
	HM_TRY_IN(cx, crypto_chain_parse(cx, text, &issuers), "\"%s\"", certificates);
	return crypto_revocation_list(cx, bytes, &issuers, hm_now(), &out->list);
}

/* By the certificates of the trust stores. */
static hm_err read_trusted_list(struct hm_cx *cx, const char *config_dir, struct hm_str bytes,
				struct revoking *out)
{
	struct trust_certificate_file *files;
	const struct crypto_chain nobody = { 0 };
	size_t n;
	HM_TRY(trust_store_list(cx, config_dir, &files, &n));
	/* what is not a list is said to be that, also where the stores are empty */
	hm_err err = crypto_revocation_list(cx, bytes, &nobody, hm_now(), &out->list);
	for (size_t i = 0; i < n && err && err->code == HM_TRUST; i++)
		err = read_list_by(cx, bytes, files[i].path.p, out);
	if (!err || err->code != HM_TRUST)
		return err;
	return hm_hint(cx,
		       hm_fail(cx, HM_TRUST,
			       "no certificate of the trust stores has issued the list"),
		       "--issuer FILE, the certificate of the authority that issued it");
}

static hm_err read_list(struct hm_cx *cx, const struct cli *cli, const struct revoked *o,
			const char *file, struct revoking *out)
{
	struct hm_str bytes;
	HM_TRY(hm_read_file(cx, file, HM_MAX_CRL, &bytes));
	if (o->issuer)
		HM_TRY_IN(cx, read_list_by(cx, bytes, o->issuer, out), "\"%s\"", file);
	else
		HM_TRY_IN(cx, read_trusted_list(cx, cli->config_dir, bytes, out), "\"%s\"", file);
	for (size_t i = 0; i < out->list.n; i++)
		hm_map_put(cx, &out->serials, out->list.p[i].serial, &out->list.p[i]);
	out->is_old = out->list.ends && out->list.ends < hm_now();
	if (out->is_old)
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
		   "\" of %s names %zu certificates: %zu identities of the graph hang on them\n",
		   hm_rfc3339(cx, r->list.begins).p, r->list.n, r->found.n);
	if (r->found.unknown)
		hm_buf_fmt(out,
			   "of %zu other identities it is not known who issued their certificates: "
			   "hullmark graph ingest REF\n",
			   r->found.unknown);
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

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct revoked *o = opts;
	const struct cli_answer answer = { .schema = "hullmark.graph-revoked/1",
					   .describe = describe,
					   .write = o->question.explain ? explain : write_table,
					   .max = HM_MAX_JSON };
	CLI_AUTO_GRAPH g = NULL;
	struct revoking r = { 0 };
	const struct graph_revoking by = { names, &r };
	struct cli_graph_asking asking;
	struct cli_outputs outputs;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->question.graph.output, &outputs));
	HM_TRY(cli_graph_asking(cx, &o->question, &asking));
	HM_TRY(read_list(cx, cli, o, args[0], &r));
	HM_TRY(cli_graph_open(cx, &o->question.graph, &g));
	HM_TRY(graph_revoked(cx, g, &by, &asking.asked.limits, &r.found));
	return cli_answer_write(cx, &outputs, &answer, &r);
}

extern const struct cli_command cli_graph_revoked;
const struct cli_command cli_graph_revoked = {
	.name = "graph revoked",
	.group = "Graph",
	.args = "LIST",
	.help = "what hangs on the certificates that a revocation list names",
	.about =
		"LIST is a certificate revocation list (RFC 5280), PEM or DER. A certificate of the trust stores must\n"
		"have issued it, or one of --issuer, which is taken at its word; a list that nobody of them has issued,\n"
		"of several issuers, of the future, or with something critical that is not known, answers nothing.\n"
		"What it names counts also where the list is old; then a warning says that it lacks what is newer.\n"
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
		    "  $ hullmark graph revoked issuing.crl --issuer issuing.pem -o json\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct revoked),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_GRAPH_PLACE_IN(revoked, question.graph),
		CLI_OPT(revoked, question.explain, "explain", CLI_FLAG, 0, NULL,
			"show the path of evidence: what says so, who signed it, and whether that is believed"),
		CLI_OPT(revoked, issuer, "issuer", CLI_TEXT, 0, "FILE",
			"certificates, of which one has issued the list, instead of those of the trust stores"),
		CLI_OPT(revoked, question.limit, "limit", CLI_NUMBER, 0, "N",
			"so many rows at the most"),
		CLI_OUTPUT(revoked, question.graph.output),
		CLI_OPT(revoked, question.timeout, "timeout", CLI_TEXT, 0, "TIME",
			"look no longer than that (10s)"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
