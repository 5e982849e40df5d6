/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "trust/trust.h"

struct cert {
	const char *type, *store, *algorithm;
	uint64_t days, bits;
	bool is_default, all, yes;
	struct hm_strs output;
};

static hm_err read_algorithm(struct hm_cx *cx, const struct cert *o, enum crypto_alg *out)
{
	const char *name = o->algorithm;
	*out = CRYPTO_PS256;
	if (name && o->bits)
		return hm_fail(cx, HM_USAGE, "--bits cannot be combined with --algorithm");
	if (o->bits)
		name = hm_fmt(cx, "rsa-%llu", (unsigned long long)o->bits).p;
	if (!name)
		return NULL;
	HM_AUTO_BUF known = HM_BUF(4096);
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		if (!crypto_alg_rows[i].cli)
			continue;
		if (hm_eqz(hm_cstr(name), crypto_alg_rows[i].cli)) {
			*out = (enum crypto_alg)i;
			return NULL;
		}
		hm_buf_fmt(&known, "%s%s", i > 1 ? ", " : "", crypto_alg_rows[i].cli);
	}
	return hm_fail(cx, HM_USAGE, "unknown algorithm \"%s\": use one of %.*s", name,
		       HM_FMT(hm_buf_str(&known)));
}

static hm_err generate_certificate(struct hm_cx *cx, struct cli *cli, const void *opts,
				   char *const *args, size_t args_n)
{
	const struct cert *o = opts;
	struct trust_test_certificate want = { .name = hm_cstr(args[0]),
					       .now = hm_now(),
					       .days = o->days ? (int64_t)o->days : 30,
					       .is_default = o->is_default };
	struct trust_key key;
	(void)args_n;
	HM_TRY(read_algorithm(cx, o, &want.alg));
	if (o->days > 3650)
		return hm_fail(cx, HM_USAGE, "a test certificate is valid for 3650 days at most");
	HM_TRY(trust_generate_test(cx, cli->config_dir, &want, &key));
	struct hm_str said =
		hm_fmt(cx,
		       "generated %s key and self-signed certificate \"%s\", which expires on %s\n"
		       "wrote key: %.*s\nwrote certificate: %.*s\n"
		       "%s: added to the key list\n%s: trusted in store ca:%s\n%s%s",
		       crypto_alg_rows[want.alg].key_spec, args[0],
		       hm_rfc3339(cx, want.now + want.days * 86400).p, HM_FMT(key.key_path),
		       HM_FMT(key.cert_path), args[0], args[0], args[0],
		       o->is_default ? args[0] : "",
		       o->is_default ? ": marked as default signing key\n" : "");
	return cli_print(cx, said);
}

static hm_err need_store(struct hm_cx *cx, const struct cert *o)
{
	return o->type && o->store ? NULL : hm_fail(cx, HM_USAGE, "--type and --store are needed");
}

static hm_err add_certificates(struct hm_cx *cx, struct cli *cli, const void *opts,
			       char *const *args, size_t args_n)
{
	const struct cert *o = opts;
	HM_TRY(need_store(cx, o));
	for (size_t i = 0; i < args_n; i++) {
		struct hm_str pem;
		HM_TRY(hm_read_file(cx, args[i], HM_MAX_CERTIFICATE_FILE, &pem));
		HM_TRY(trust_store_add(cx, cli->config_dir, o->type, hm_cstr(o->store),
				       hm_basename(hm_cstr(args[i])), pem));
		HM_TRY(cli_print(cx, hm_fmt(cx, "added %s to trust store %s:%s\n", args[i], o->type,
					    o->store)));
	}
	return NULL;
}

static bool is_wanted(const struct cert *o, const struct trust_certificate_file *f)
{
	return (!o->type || strcmp(o->type, f->type) == 0) &&
	       (!o->store || hm_eqz(f->store, o->store));
}

struct certificates {
	const struct cert *wanted;
	struct trust_certificate_file *files;
	size_t n;
};

static void describe_certificates(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct certificates *all = data;
	(void)cx;
	json_open(o, "certificates", '[');
	for (size_t i = 0; i < all->n; i++) {
		if (!is_wanted(all->wanted, &all->files[i]))
			continue;
		json_open(o, NULL, '{');
		json_putz(o, "type", all->files[i].type);
		json_put_str(o, "store", all->files[i].store);
		json_put_str(o, "certificate", all->files[i].file);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static const struct cli_answer list_answer = {
	.schema = "hullmark.cert-list/1",
	.describe = describe_certificates,
	.list = "certificates",
	.columns = (const struct cli_column[]){ { "TYPE", "type" },
						{ "STORE", "store" },
						{ "CERTIFICATE", "certificate" },
						{ 0 } },
};

static hm_err list_certificates(struct hm_cx *cx, struct cli *cli, const void *opts,
				char *const *args, size_t args_n)
{
	const struct cert *o = opts;
	struct certificates all = { .wanted = o };
	struct cli_outputs outputs;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(trust_store_list(cx, cli->config_dir, &all.files, &all.n));
	return cli_answer_write(cx, &outputs, &list_answer, &all);
}

static hm_err find_file(struct hm_cx *cx, const struct cli *cli, const struct cert *o,
			const char *file, struct hm_str *out)
{
	struct trust_certificate_file *files;
	size_t n;
	*out = (struct hm_str){ 0 };
	HM_TRY(trust_store_list(cx, cli->config_dir, &files, &n));
	for (size_t i = 0; i < n; i++)
		if (is_wanted(o, &files[i]) && hm_eqz(files[i].file, file))
			HM_TRY(hm_read_file(cx, files[i].path.p, HM_MAX_CERTIFICATE_FILE, out));
	if (!out->p)
		return hm_fail(cx, HM_ABSENT, "trust store %s:%s has no file \"%s\"", o->type,
			       o->store, file);
	return NULL;
}

static hm_err tell_chain(struct hm_cx *cx, struct hm_str text, struct hm_buf *out)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	HM_TRY(crypto_chain_parse(cx, text, &chain));
	for (size_t i = 0; i < chain.n; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, &chain, i, &info));
		hm_buf_fmt(
			out,
			"%sIssuer: %.*s\nSubject: %.*s\nSerial: %.*s\nValid from: %s\nValid to: %s\n"
			"IsCA: %s\nSHA256 Thumbprint: %.*s\n",
			i ? "\n" : "", HM_FMT(info.issuer), HM_FMT(info.subject),
			HM_FMT(info.serial), hm_rfc3339(cx, info.not_before).p,
			hm_rfc3339(cx, info.not_after).p, info.is_ca ? "true" : "false",
			HM_FMT(info.sha256));
	}
	return NULL;
}

static void tell_validity(struct hm_cx *cx, const struct sigstore_validity *v, struct hm_buf *out)
{
	if (v->from != INT64_MIN)
		hm_buf_fmt(out, "Believed from: %s\n", hm_rfc3339(cx, v->from).p);
	if (v->until != INT64_MAX)
		hm_buf_fmt(out, "Believed to: %s\n", hm_rfc3339(cx, v->until).p);
}

static void tell_logs(struct hm_cx *cx, const char *what, const struct sigstore_log *logs, size_t n,
		      struct hm_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		hm_buf_fmt(out, "%s: %.*s\nLog ID: %.*s\n", what, HM_FMT(logs[i].base_url),
			   HM_FMT(hm_hex(cx, logs[i].id)));
		tell_validity(cx, &logs[i].valid, out);
	}
}

static void tell_authorities(struct hm_cx *cx, const char *what, const struct sigstore_authority *a,
			     size_t n, struct hm_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct crypto_certificate_info info;
		hm_buf_fmt(out, "%s: %.*s\n", what, HM_FMT(a[i].uri));
		if (!crypto_certificate_info(cx, &a[i].chain, a[i].chain.n - 1, &info))
			hm_buf_fmt(out, "Root: %.*s\nSHA256 Thumbprint: %.*s\n",
				   HM_FMT(info.subject), HM_FMT(info.sha256));
		tell_validity(cx, &a[i].valid, out);
	}
}

static hm_err tell_root(struct hm_cx *cx, struct hm_str text, struct hm_buf *out)
{
	SIGSTORE_AUTO_ROOT r = { 0 };
	HM_TRY(trust_sigstore_root_parse(cx, text, &r));
	tell_authorities(cx, "Certificate authority", r.authorities, r.authorities_n, out);
	tell_logs(cx, "Log of certificates", r.ctlogs, r.ctlogs_n, out);
	tell_logs(cx, "Log of signatures", r.logs, r.logs_n, out);
	tell_authorities(cx, "Timestamping authority", r.timestampers, r.timestampers_n, out);
	return NULL;
}

static hm_err tell_key(struct hm_cx *cx, struct hm_str text, struct hm_buf *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str der;
	HM_TRY(crypto_public_key_any(cx, text, &key));
	HM_TRY(crypto_public_key_der(cx, &key, &der));
	hm_buf_fmt(out, "Algorithm: %s\nKey: %.*s\n", crypto_alg_rows[key.alg].name,
		   HM_FMT(crypto_digest_text(cx, CRYPTO_SHA256, der)));
	return NULL;
}

static hm_err show_certificates(struct hm_cx *cx, struct cli *cli, const void *opts,
				char *const *args, size_t args_n)
{
	const struct cert *o = opts;
	struct hm_str text;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	(void)args_n;
	HM_TRY(need_store(cx, o));
	HM_TRY(find_file(cx, cli, o, args[0], &text));
	if (strcmp(o->type, "sigstore") == 0)
		HM_TRY_IN(cx, tell_root(cx, text, &b), "\"%s\"", args[0]);
	else if (strcmp(o->type, "key") == 0)
		HM_TRY_IN(cx, tell_key(cx, text, &b), "\"%s\"", args[0]);
	else
		HM_TRY_IN(cx, tell_chain(cx, text, &b), "\"%s\"", args[0]);
	return cli_print(cx, hm_buf_str(&b));
}

static hm_err delete_certificates(struct hm_cx *cx, struct cli *cli, const void *opts,
				  char *const *args, size_t args_n)
{
	const struct cert *o = opts;
	HM_TRY(need_store(cx, o));
	if (o->all ? args_n != 0 : args_n != 1)
		return hm_fail(cx, HM_USAGE, "give the name of one certificate file, or --all");
	struct hm_str what = o->all ? HM_STR("all certificates") : hm_cstr(args[0]);
	HM_TRY(trust_store_remove(cx, cli->config_dir, o->type, hm_cstr(o->store),
				  o->all ? HM_STR("") : what));
	return cli_print(cx, hm_fmt(cx, "deleted %.*s from trust store %s:%s\n", HM_FMT(what),
				    o->type, o->store));
}

#define TYPE_OPT                                           \
	CLI_OPT(cert, type, "type", CLI_TEXT, 't', "TYPE", \
		"ca, signingAuthority, tsa, sigstore or key")
#define STORE_OPT CLI_OPT(cert, store, "store", CLI_TEXT, 's', "NAME", "name of the trust store")

extern const struct cli_command cli_cert_generate_test, cli_cert_add, cli_cert_list, cli_cert_show,
	cli_cert_delete;

const struct cli_command cli_cert_generate_test = {
	.name = "cert generate-test",
	.group = "Trust",
	.args = "NAME",
	.help = "make a key and a self-signed certificate for tests",
	.about =
		"Makes a private key and a self-signed certificate in localkeys/ of the configuration\n"
		"folder, adds the key to signingkeys.json, and trusts the certificate in store ca:NAME.\n"
		"The layout is Notation's, and Notation can use it, unless the key is for ML-DSA or SLH-DSA,\n"
		"which it does not know. For tests only: the key is a plain file.",
	.examples = "  $ hullmark cert generate-test shop.example.com --default\n"
		    "  $ hullmark cert generate-test fast --algorithm ec-p256\n"
		    "  $ hullmark cert generate-test later --algorithm ml-dsa-65",
	.opts_size = sizeof(struct cert),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cert, algorithm, "algorithm", CLI_TEXT, 0, "A",
			"rsa-2048 (the default), rsa-3072, rsa-4096, ec-p256, ec-p384, ec-p521; ml-dsa-44, ml-dsa-65, ml-dsa-87;"
			" slh-dsa-sha2-128s and the like: sha2 or shake, 128, 192 or 256, s or f"),
		CLI_OPT(cert, bits, "bits", CLI_NUMBER, 'b', "N", "of an RSA key, as Notation has it: 2048, 3072 or 4096"),
		CLI_OPT(cert, days, "days", CLI_NUMBER, 0, "N", "days until the certificate expires; 30 if not given"),
		CLI_OPT(cert, is_default, "default", CLI_FLAG, 0, NULL, "sign with this key when none is named"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = generate_certificate,
};

const struct cli_command cli_cert_add = {
	.name = "cert add",
	.group = "Trust",
	.args = "FILE...",
	.help = "add certificates to a trust store",
	.about =
		"Copies files with certificates in PEM or DER into the store TYPE:NAME. A store holds\n"
		"certificate authorities, or self-signed certificates. A store of type sigstore holds one trusted root,\n"
		"as Sigstore publishes it (trusted_root.json); one of type key public keys.",
	.examples = "  $ hullmark cert add --type ca --store acme acme-root.crt\n"
		    "  $ hullmark cert add --type sigstore --store public trusted_root.json\n"
		    "  $ hullmark cert add --type key --store release cosign.pub",
	.opts_size = sizeof(struct cert),
	.opts = (const struct cli_opt[]){ STORE_OPT, TYPE_OPT, { 0 } },
	.least = 1,
	.most = UINT32_MAX,
	.run = add_certificates,
};

const struct cli_command cli_cert_list = {
	.name = "cert list",
	.alias = "cert ls",
	.group = "Trust",
	.args = "",
	.help = "list the certificates of the trust stores",
	.about =
		"The JSON (hullmark.cert-list/1) has \"certificates\": \"type\" and \"store\" of the trust store, and\n"
		"\"certificate\", the file's name.",
	.examples = "  $ hullmark cert list --type ca",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cert),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(cert, output),
		STORE_OPT,
		TYPE_OPT,
		{ 0 },
	},
	/* clang-format on */
	.run = list_certificates,
};

const struct cli_command cli_cert_show = {
	.name = "cert show",
	.group = "Trust",
	.args = "FILE",
	.help = "show the certificates in one file of a trust store",
	.examples = "  $ hullmark cert show --type ca --store acme acme-root.crt",
	.opts_size = sizeof(struct cert),
	.opts = (const struct cli_opt[]){ STORE_OPT, TYPE_OPT, { 0 } },
	.least = 1,
	.most = 1,
	.run = show_certificates,
};

const struct cli_command cli_cert_delete = {
	.name = "cert delete",
	.group = "Trust",
	.args = "[FILE]",
	.help = "remove certificates from a trust store",
	.about =
		"Removes one file of the store TYPE:NAME, or with --all the store. It does not ask for confirmation.",
	.examples = "  $ hullmark cert delete --type ca --store acme acme-root.crt",
	.opts_size = sizeof(struct cert),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cert, all, "all", CLI_FLAG, 'a', NULL, "remove the whole store"),
		STORE_OPT,
		TYPE_OPT,
		CLI_OPT(cert, yes, "yes", CLI_FLAG, 'y', NULL, "accepted for compatibility; there is no confirmation prompt"),
		{ 0 },
	},
	/* clang-format on */
	.most = 1,
	.run = delete_certificates,
};
