/* SPDX-License-Identifier: Apache-2.0 */
/* Cosign's key files. */
#include "cli/signer.h"
#include "codec/base64.h"

struct key_file {
	const char *prefix, *pin, *output;
	bool force;
};

static struct hm_str public_pem(struct hm_cx *cx, struct hm_str der)
{
	struct hm_str text = base64_format(cx, BASE64_STD, der);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	hm_buf_addz(&b, "-----BEGIN PUBLIC KEY-----\n");
	for (size_t i = 0; i < text.n; i += 64)
		hm_buf_fmt(&b, "%.*s\n", HM_FMT(hm_sub(text, i, 64)));
	hm_buf_addz(&b, "-----END PUBLIC KEY-----\n");
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err check_free(struct hm_cx *cx, const struct key_file *o, const char *path)
{
	if (o->force || !hm_exists(path))
		return NULL;
	return hm_fail(cx, HM_USAGE, "\"%s\" exists already; --force replaces it", path);
}

/* A private key is its owner's alone, whatever the file was that it replaces. */
static hm_err write_private(struct hm_cx *cx, const char *path, struct hm_str bytes)
{
	struct stat st;
	bool open_to_others = stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077);
	if (open_to_others && chmod(path, 0600) < 0)
		return hm_fail_os(cx, "could not close \"%s\" to others", path);
	return hm_output_write(cx, path, bytes, 0600);
}

static hm_err make(struct hm_cx *cx, struct cli *cli, const struct key_file *o, const char *prefix,
		   const char *from)
{
	const struct trust_making m = { from ? TRUST_IMPORT : TRUST_GENERATE, from, hm_cstr(o->pin),
					!cli->no_tty };
	const char *private = hm_fmt(cx, "%s.key", o->prefix ? o->prefix : prefix).p;
	const char *public = hm_fmt(cx, "%s.pub", o->prefix ? o->prefix : prefix).p;
	struct hm_str sealed, der;
	HM_TRY(check_free(cx, o, private));
	HM_TRY(check_free(cx, o, public));
	HM_TRY(trust_key_make(cx, &m, &sealed, &der));
	HM_TRY(write_private(cx, private, sealed));
	HM_TRY(hm_output_write(cx, public, public_pem(cx, der), 0644));
	return cli_print(cx, hm_fmt(cx,
				    "Private key written to %s\n"
				    "Public key written to %s\n",
				    private, public));
}

static hm_err run_generate(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	(void)args, (void)args_n;
	return make(cx, cli, opts, "cosign", NULL);
}

static hm_err run_import(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	(void)args_n;
	return make(cx, cli, opts, "import-cosign", args[0]);
}

static hm_err run_export(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			 size_t args_n)
{
	const struct key_file *o = opts;
	const struct trust_making m = { TRUST_EXPORT, args[0], hm_cstr(o->pin), !cli->no_tty };
	HM_AUTO_SECRET pem = { 0 };
	(void)args_n;
	if (!o->output)
		return hm_fail(cx, HM_USAGE, "--output is needed: the file that is written");
	HM_TRY(check_free(cx, o, o->output));
	HM_TRY(trust_key_export(cx, &m, &pem));
	HM_TRY(write_private(cx, o->output, hm_secret_str(&pem)));
	return cli_print(cx, hm_fmt(cx, "Private key written to %s\n", o->output));
}

/* clang-format off */
#define PASSPHRASE \
	"The passphrase is what --pin-source says (file:/PATH, fd:N, prompt), else $COSIGN_PASSWORD, else it is\n" \
	"asked for. The key is made and sealed in a process of its own, by scrypt and XSalsa20-Poly1305\n" \
	"(libsodium, which must be there).\n"
#define PREFIX(what) CLI_OPT(key_file, prefix, "output-key-prefix", CLI_TEXT, 0, "PREFIX", "PREFIX.key and PREFIX.pub are written; " what " if not given")
#define FORCE        CLI_OPT(key_file, force, "force", CLI_FLAG, 0, NULL, "replace files that are there")
#define PIN          CLI_OPT(key_file, pin, "pin-source", CLI_TEXT, 0, "SOURCE", "where the passphrase is: file:/PATH, fd:N or prompt")
/* clang-format on */

extern const struct cli_command cli_key_generate, cli_key_import, cli_key_export;
const struct cli_command cli_key_generate = {
	.name = "key generate",
	.group = "Trust",
	.args = "",
	.help = "make a key in the format of Cosign, sealed with a passphrase",
	.about =
		"Makes a key on P-256 and writes it as Cosign does, cosign.key and cosign.pub, for\n"
		"\"sign --format bundle --key cosign.key\", \"sign-bundle\", and Cosign itself.\n" PASSPHRASE,
	.examples = "  $ hullmark key generate --output-key-prefix release",
	.opts_size = sizeof(struct key_file),
	.opts = (const struct cli_opt[]){ FORCE, PREFIX("cosign"), PIN, { 0 } },
	.run = run_generate,
};
const struct cli_command cli_key_import = {
	.name = "key import",
	.group = "Trust",
	.args = "FILE",
	.help = "seal a private key in the format of Cosign",
	.about =
		"Reads a private key (PEM or DER, without passphrase) and writes it in Cosign's format.\n" PASSPHRASE,
	.examples = "  $ hullmark key import signer.pem --output-key-prefix release",
	.opts_size = sizeof(struct key_file),
	.opts = (const struct cli_opt[]){ FORCE, PREFIX("import-cosign"), PIN, { 0 } },
	.least = 1,
	.most = 1,
	.run = run_import,
};
const struct cli_command cli_key_export = {
	.name = "key export",
	.group = "Trust",
	.args = "FILE",
	.help = "take a private key out of the format of Cosign",
	.about =
		"Writes the private key of a cosign.key in PEM (PKCS#8), without passphrase: whoever reads that file\n"
		"can sign with it.\n" PASSPHRASE,
	.examples = "  $ hullmark key export release.key --output release.pem",
	.opts_size = sizeof(struct key_file),
	.opts = (const struct cli_opt[]){ FORCE,
					  CLI_OPT(key_file, output, "output", CLI_TEXT, 'o', "FILE",
						  "the file that is written"),
					  PIN,
					  { 0 } },
	.least = 1,
	.most = 1,
	.run = run_export,
};
