/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/worker.h"
#include "cli/parse.h"
#include "cli/remedy.h"
#include "crypto/crypto.h"

enum { OPENSSL_3_5 = 0x30500000 };

/* clang-format off */
const struct cli_opt cli_global_opts[] = {
	CLI_OPT(cli, ca_file,        "ca-file",        CLI_TEXT, 0,   "FILE", "trust the certificates in FILE besides the system's"),
	CLI_OPT(cli, cert_file,      "cert-file",      CLI_TEXT, 0,   "FILE", "certificate (PEM) for registries that ask for one by TLS"),
	CLI_OPT(cli, config_dir,     "config-dir",     CLI_TEXT, 0,   "DIR",  "trust policy, trust store and keys ($XDG_CONFIG_HOME/hullmark)"),
	CLI_OPT(cli, debug,          "debug",          CLI_FLAG, 'd', NULL,   "the same as --verbose, without progress"),
	CLI_OPT(cli, headers,        "header",         CLI_LIST, 'H', "NAME: VALUE", "send this header to the registry, too"),
	CLI_OPT(cli, help,           "help",           CLI_FLAG, 'h', NULL,   "show this help"),
	CLI_OPT(cli, identity_token, "identity-token", CLI_TEXT, 0,   "TEXT", "identity token for the registry, or of who signs (sign-bundle); --identity-token-stdin is safer"),
	CLI_OPT(cli, identity_token_stdin, "identity-token-stdin", CLI_FLAG, 0, NULL, "read the identity token from standard input"),
	CLI_OPT(cli, insecure,       "insecure",       CLI_FLAG, 0,   NULL,   "do not check the certificates of registries"),
	CLI_OPT(cli, plain_http,     "insecure-registry", CLI_FLAG, 0, NULL, "the same as --plain-http"),
	CLI_OPT(cli, key_file,       "key-file",       CLI_TEXT, 0,   "FILE", "private key (PEM) of --cert-file"),
	CLI_OPT(cli, log_format,     "log-format",     CLI_TEXT, 0,   "text|json", "how the log on standard error is written"),
	CLI_OPT(cli, no_sandbox,     "no-sandbox",     CLI_FLAG, 0,   NULL,   "read input without the sandbox where the kernel lacks it"),
	CLI_OPT(cli, no_tty,         "no-tty",         CLI_FLAG, 0,   NULL,   "no progress and no colours, as if there were no terminal"),
	CLI_OPT(cli, offline,        "offline",        CLI_FLAG, 0,   NULL,   "make any use of the network an error"),
	CLI_OPT(cli, password,       "password",       CLI_TEXT, 'p', "TEXT", "password for the registry; --password-stdin is safer"),
	CLI_OPT(cli, password_stdin, "password-stdin", CLI_FLAG, 0,   NULL,   "read the password from standard input"),
	CLI_OPT(cli, plain_http,     "plain-http",     CLI_FLAG, 0,   NULL,   "talk HTTP without TLS to registries"),
	CLI_OPT(cli, quiet,          "quiet",          CLI_FLAG, 'q', NULL,   "no progress; only errors on standard error"),
	CLI_OPT(cli, registry_config, "registry-config", CLI_LIST, 0, "FILE", "credentials, in place of Docker's config.json; login writes the first"),
	CLI_OPT(cli, resolve,        "resolve",        CLI_LIST, 0,   "HOST:PORT:ADDRESS[:ADDRESS_PORT]", "connect to ADDRESS for HOST and PORT"),
	CLI_OPT(cli, username,       "username",       CLI_TEXT, 'u', "NAME", "user name for the registry"),
	CLI_OPT(cli, verbose,        "verbose",        CLI_FLAG, 'v', NULL,   "say more, with the chain of causes of an error"),
	{ 0 },
};
/* clang-format on */

static hm_err check_flags(struct hm_cx *cx, const struct cli *cli)
{
	if (cli->log_format && strcmp(cli->log_format, "json") != 0 &&
	    strcmp(cli->log_format, "text") != 0)
		return hm_fail(cx, HM_USAGE, "--log-format is text or json, not \"%s\"",
			       cli->log_format);
	if (cli->quiet && (cli->verbose || cli->debug))
		return hm_fail(cx, HM_USAGE, "--quiet and --%s cannot be used together",
			       cli->verbose ? "verbose" : "debug");
	return NULL;
}

static hm_err set_up(struct hm_cx *cx, struct cli *cli)
{
	struct hm_log_config log = { .level = HM_LOG_WARN };
	bool verbose = cli->verbose || cli->debug;
	HM_TRY(check_flags(cx, cli));
	log.json = cli->log_format && strcmp(cli->log_format, "json") == 0;
	log.level = cli->quiet ? HM_LOG_ERROR : verbose ? HM_LOG_DEBUG : HM_LOG_INFO;
	bool terminal = isatty(STDERR_FILENO) && !cli->no_tty;
	log.progress = !cli->quiet && !cli->debug && !log.json && terminal;
	log.color = terminal && !getenv("NO_COLOR");
	hm_log_setup(log);
	if (cli->no_sandbox)
		hm_worker_allow_no_sandbox();
	if (!cli->config_dir)
		cli->config_dir = cli_config_dir(cx);
	return NULL;
}

static hm_err count_args(struct hm_cx *cx, const struct cli_command *c, size_t n)
{
	if (n >= c->least && n <= c->most)
		return NULL;
	hm_err err = n < c->least ? hm_fail(cx, HM_USAGE, "%s needs %s", c->name, c->args)
				  : hm_fail(cx, HM_USAGE, "%s takes %u argument%s, not %zu",
					    c->name, c->most, c->most == 1 ? "" : "s", n);
	return hm_hint(cx, err, "hullmark %s --help", c->name);
}

static hm_err print_help(struct hm_cx *cx, const struct cli_command *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	cli_help(cx, c, &b);
	return cli_print(cx, hm_buf_str(&b));
}

/* How many words a leading option that holds everywhere takes: 0 where the first word is none. */
static size_t option_words(struct cli_words words)
{
	const char *word = words.n ? words.p[0] : "";
	size_t name = strcspn(word, "=");
	for (const struct cli_opt *o = cli_global_opts; o->name; o++) {
		if (o->letter && word[0] == '-' && word[1] == o->letter && !word[2])
			return 1;
		if (name < 3 || strncmp(word, "--", 2) != 0 || strlen(o->name) != name - 2 ||
		    strncmp(word + 2, o->name, name - 2) != 0)
			continue;
		bool apart = o->kind != CLI_FLAG && !word[name];
		return apart && words.n > 1 ? 2 : 1;
	}
	return 0;
}

struct cli_words cli_command_first(struct hm_cx *cx, struct cli_words words)
{
	size_t lead = 0, n, used = 0;
	struct cli_words rest = words;
	while ((n = option_words(rest)) > 0) {
		lead += n;
		rest.p += n;
		rest.n -= n;
	}
	if (!lead || !cli_find(rest, &used))
		return words;
	char **moved = hm_new(cx, char *, words.n);
	memcpy(moved, rest.p, used * sizeof(*moved));
	memcpy(moved + used, words.p, lead * sizeof(*moved));
	memcpy(moved + used + lead, rest.p + used, (rest.n - used) * sizeof(*moved));
	return (struct cli_words){ moved, words.n };
}

/* "help WORDS" is "WORDS --help", and "--version" is "version". */
static struct cli_words as_command(struct cli_words words, struct cli *cli)
{
	static const char *const version[] = { "version" };
	if (words.n == 1 && strcmp(words.p[0], "--version") == 0)
		return (struct cli_words){ (char *const *)(uintptr_t)version, 1 };
	if (words.n && strcmp(words.p[0], "help") == 0) {
		cli->help = true;
		return (struct cli_words){ words.p + 1, words.n - 1 };
	}
	return words;
}

/* The longest group ("cert", "blob policy") that the words begin with, and its help. Returns the
 * number of words in the group's name, or 0: no group begins so. */
static size_t find_group(struct hm_cx *cx, struct cli_words words, struct hm_str *out_name,
			 struct hm_buf *out_help)
{
	size_t found = 0;
	struct hm_str name = { "", 0 };
	for (size_t n = 1; n < CLI_NAME_WORDS && n <= words.n; n++) {
		name = hm_fmt(cx, "%.*s%s%s", HM_FMT(name), n > 1 ? " " : "",
			      cli_word(words, n - 1));
		hm_buf_clear(out_help);
		if (!cli_help_group(name.p, out_help))
			break;
		*out_name = name;
		found = n;
	}
	hm_buf_clear(out_help);
	if (found)
		cli_help_group(out_name->p, out_help);
	return found;
}

/* The words are not a command: print the help of the group that they name, or say what is wrong. */
static hm_err no_command(struct hm_cx *cx, const struct cli *cli, struct cli_words words)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_str group = { "", 0 };
	size_t n = find_group(cx, words, &group, &b);
	if (!n)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "unknown command \"%s\"", words.p[0]),
			       "hullmark --help lists the commands");
	const char *next = words.n > n ? words.p[n] : cli->help ? "--help" : NULL;
	if (next && (strcmp(next, "--help") == 0 || strcmp(next, "-h") == 0))
		return cli_print(cx, hm_buf_str(&b));
	hm_err err =
		next && next[0] != '-'
			? hm_fail(cx, HM_USAGE, "unknown command \"%.*s %s\"", HM_FMT(group), next)
			: hm_fail(cx, HM_USAGE, "%.*s needs a subcommand", HM_FMT(group));
	return hm_hint(cx, err, "hullmark %.*s --help lists them", HM_FMT(group));
}

static hm_err run_command(struct hm_cx *cx, struct cli *cli, struct cli_words words)
{
	size_t used = 0;
	words = as_command(cli_command_first(cx, words), cli);
	struct hm_strs args = { 0 };
	const struct cli_command *c = cli_find(words, &used);
	if (!c && words.n && words.p[0][0] != '-')
		return no_command(cx, cli, words);
	void *opts =
		c ? hm_alloc(cx, 1, c->opts_size ? c->opts_size : 1, _Alignof(max_align_t)) : NULL;
	words.p += used;
	words.n -= used;
	cli->command = c;
	HM_TRY(cli_parse(cx, cli, c, words, opts, &args));
	if (cli->help || !c)
		return print_help(cx, c);
	HM_TRY(count_args(cx, c, args.n));
	cli->args = args;
	if (OpenSSL_version_num() < OPENSSL_3_5)
		return hm_fail(cx, HM_SYSTEM, "this process runs with %s, older than 3.5",
			       OpenSSL_version(OPENSSL_VERSION));
	HM_TRY(set_up(cx, cli));
	char **texts = hm_new(cx, char *, args.n + 1);
	for (size_t i = 0; i < args.n; i++)
		texts[i] = hm_dupz(cx, args.p[i]);
	return c->run(cx, cli, opts, texts, args.n);
}

/* Sentences quote names and words of strangers. */
static void print_sentence(const char *before, const char *sentence)
{
	HM_AUTO_BUF b = HM_BUF(4 * HM_MIB);
	hm_buf_addz(&b, before);
	hm_buf_safe(&b, hm_cstr(sentence));
	hm_buf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stderr);
}

static void print_fault(struct hm_cx *cx, const struct cli *cli, hm_err err)
{
	const char *hint = err->hint ? hm_dupz(cx, cli_remedy(cx, cli, hm_cstr(err->hint))) : NULL;
	if (cli->log_format && strcmp(cli->log_format, "json") == 0) {
		hm_log(NULL, HM_LOG_ERROR, err->why, "code", hm_code_rows[err->code].name, "hint",
		       hint ? hint : "", NULL);
		return;
	}
	print_sentence("hullmark: ", err->why);
	if (hint)
		print_sentence("  try: ", hint);
	for (hm_err e = cli->verbose || cli->debug ? err->cause : NULL; e; e = e->cause)
		print_sentence("  because: ", e->why);
}

/* --log-format json holds for what is wrong with the command line itself, too. */
static void log_early(struct cli *cli, struct cli_words words)
{
	for (size_t i = 0; i < words.n; i++) {
		bool apart = i + 1 < words.n && strcmp(words.p[i], "--log-format") == 0 &&
			     strcmp(words.p[i + 1], "json") == 0;
		if (apart || strcmp(words.p[i], "--log-format=json") == 0) {
			cli->log_format = "json";
			hm_log_setup((struct hm_log_config){ .level = HM_LOG_INFO, .json = true });
		}
	}
}

hm_err cli_refuse(struct cli *cli, hm_err err)
{
	cli->refused = err && err->code == HM_TRUST;
	return err;
}

static void end_with_fault(struct hm_cx *cx, struct cli *cli, hm_err err)
{
	if (cli->after_fault)
		cli->after_fault(cx, cli);
	print_fault(cx, cli, err);
}

int cli_main(int argc, char **argv)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct cli cli = { 0 };
	crypto_start();
	crypto_start_without_ciphers(); /* keys with a passphrase are for processes of their own */
	crypto_start_with_few();
	struct cli_words words = { argv + 1, argc > 0 ? (size_t)argc - 1 : 0 };
	log_early(&cli, words);
	hm_err err = run_command(&cx, &cli, words);
	if (!err && fflush(stdout) != 0)
		err = hm_fail_os(&cx, "could not write to standard output");
	if (err && err->code == HM_USAGE && !err->hint && cli.command)
		err = hm_hint(&cx, err, "hullmark %s --help", cli.command->name);
	if (err)
		end_with_fault(&cx, &cli, err);
	bool no = err ? cli.refused : cli.answer_no;
	int status = no ? 3 : err ? hm_code_rows[err->code].exit : 0;
	http_client_close(cli.http);
	if (cli.access.record)
		oci_record_done(cli.access.record);
	hm_secret_done(&cli.secret);
	hm_secret_done(&cli.token);
	for (size_t i = 0; i < cli.headers.n && cli.header_values; i++)
		hm_secret_done(&cli.header_values[i]);
	return status;
}
