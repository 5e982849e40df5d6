/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are, and how registries are reached, from flags and environment. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

static char *find_xdg_dir(struct hm_cx *cx, const char *variable, const char *below_home)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	if (base && base[0] == '/')
		return hm_path(cx, base, "");
	return hm_path(cx, home ? home : "/", below_home);
}

static char *make_xdg_path(struct hm_cx *cx, const char *variable, const char *below_home)
{
	return hm_path(cx, find_xdg_dir(cx, variable, below_home), "hullmark");
}

char *cli_config_dir(struct hm_cx *cx)
{
	return make_xdg_path(cx, "XDG_CONFIG_HOME", ".config");
}

char *cli_cache_dir(struct hm_cx *cx)
{
	return make_xdg_path(cx, "XDG_CACHE_HOME", ".cache");
}

char *cli_notation_lists(struct hm_cx *cx)
{
	return hm_path(cx, find_xdg_dir(cx, "XDG_CACHE_HOME", ".cache"), "notation/crl");
}

char *cli_data_dir(struct hm_cx *cx)
{
	return make_xdg_path(cx, "XDG_DATA_HOME", ".local/share");
}

char *cli_layer_cache(struct hm_cx *cx)
{
	return hm_path(cx, cli_cache_dir(cx), "layers");
}

struct inventory_kept cli_kept_layers(struct hm_cx *cx, bool no_cache)
{
	return (struct inventory_kept){ .dir = no_cache ? NULL : cli_layer_cache(cx),
					.secret = hm_path(cx, cli_data_dir(cx), "layers") };
}

char *cli_advisory_db(struct hm_cx *cx)
{
	return hm_path(cx, cli_data_dir(cx), "advisories.db");
}

struct hm_secret cli_take_secret(const char *text)
{
	struct hm_secret taken = hm_secret_of(hm_cstr(text));
	hm_wipe((char *)(uintptr_t)text, strlen(text));
	return taken;
}

hm_err cli_read_secret(struct hm_cx *cx, const char *what, struct hm_secret *out)
{
	HM_TRY(hm_secret_read_fd(cx, STDIN_FILENO, what, HM_MAX_CREDENTIAL, out));
	struct hm_buf *b = &out->bytes;
	while (b->n && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
		b->n--;
	/* it would be cut there, or be another one for those whom it is told */
	if (hm_find_char(hm_secret_str(out), '\0') != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "the %s contains a NUL byte", what);
	return NULL;
}

bool cli_has_secret(const struct cli *cli)
{
	return cli->username || cli->password || cli->password_stdin || cli->identity_token ||
	       cli->identity_token_stdin || cli->headers.n;
}

hm_err cli_secret_for(struct hm_cx *cx, struct cli *cli, const struct oci_target *t)
{
	struct hm_str *known = &cli->access.given_for;
	if (t->kind != OCI_REGISTRY)
		return NULL;
	if (!known->n)
		*known = t->registry;
	if (hm_eq(*known, t->registry) || !cli_has_secret(cli))
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE,
			       "--username, --password, --identity-token and --header are for one "
			       "registry, and there are two: "
			       "\"%.*s\" and \"%.*s\"",
			       HM_FMT(*known), HM_FMT(t->registry)),
		       "hullmark login %.*s, and the same for the other", HM_FMT(*known));
}

void cli_notation_environment(struct cli *cli)
{
	if (cli_has_secret(cli) || cli->http)
		return;
	const char *name = getenv("NOTATION_USERNAME"), *password = getenv("NOTATION_PASSWORD");
	cli->username = name && *name ? name : NULL;
	cli->password = password && *password ? password : NULL;
}

/* --username, --password and the like exclude each other where one would not be used. */
static hm_err check_secrets(struct hm_cx *cx, const struct cli *cli)
{
	bool password = cli->password || cli->password_stdin;
	bool token = cli->identity_token || cli->identity_token_stdin;
	if (cli->password && cli->password_stdin)
		return hm_fail(cx, HM_USAGE,
			       "--password and --password-stdin cannot be used together");
	if (cli->identity_token && cli->identity_token_stdin)
		return hm_fail(
			cx, HM_USAGE,
			"--identity-token and --identity-token-stdin cannot be used together");
	if (token && (cli->username || password))
		return hm_fail(cx, HM_USAGE,
			       "an identity token cannot be used with a user name or password");
	return NULL;
}

/* What the command was given, in memory of its own. */
static hm_err take_secrets(struct hm_cx *cx, struct cli *cli)
{
	HM_TRY(check_secrets(cx, cli));
	if (cli->password)
		cli->secret = cli_take_secret(cli->password);
	else if (cli->password_stdin)
		HM_TRY(cli_read_secret(cx, "password", &cli->secret));
	if (cli->identity_token)
		cli->token = cli_take_secret(cli->identity_token);
	else if (cli->identity_token_stdin)
		HM_TRY(cli_read_secret(cx, "identity token", &cli->token));
	if (cli->password || cli->password_stdin)
		cli->access.password = &cli->secret;
	if (cli->identity_token || cli->identity_token_stdin)
		cli->access.identity_token = &cli->token;
	cli->access.username = cli->username;
	return cli_headers(cx, cli);
}

hm_err cli_access(struct hm_cx *cx, struct cli *cli, const struct oci_access **out)
{
	if (!cli->http) {
		struct http_config config;
		struct cli_notation_config notation;
		HM_TRY(cli_http_config(cx, cli, &config));
		HM_TRY(cli_notation_config(cx, cli->config_dir, &notation));
		HM_TRY(cli_credential_files(cx, cli, &cli->access.config_files));
		HM_TRY(take_secrets(cx, cli));
		HM_TRY(http_client_open(cx, &config, &cli->http));
		cli->content.dir = hm_path(cx, cli_cache_dir(cx), "content");
		cli->content.max = HM_MAX_CACHED_ALL;
		cli->access.http = cli->http;
		cli->access.cache = &cli->content;
		cli->access.plain_http = cli->plain_http;
		cli->access.plain_hosts = notation.plain_hosts.p;
		cli->access.plain_hosts_n = notation.plain_hosts.n;
	}
	*out = &cli->access;
	return NULL;
}
