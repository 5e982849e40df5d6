/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are, and how registries are reached, from flags and environment. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

static char *xdg(struct hm_cx *cx, const char *variable, const char *below_home)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	if (base && base[0] == '/')
		return hm_path(cx, base, "hullmark");
	return hm_path(cx, hm_path(cx, home ? home : "/", below_home), "hullmark");
}

char *cli_config_dir(struct hm_cx *cx)
{
	return xdg(cx, "XDG_CONFIG_HOME", ".config");
}

char *cli_cache_dir(struct hm_cx *cx)
{
	return xdg(cx, "XDG_CACHE_HOME", ".cache");
}

char *cli_data_dir(struct hm_cx *cx)
{
	return xdg(cx, "XDG_DATA_HOME", ".local/share");
}

char *cli_layer_cache(struct hm_cx *cx)
{
	return hm_path(cx, cli_cache_dir(cx), "layers");
}

char *cli_advisory_db(struct hm_cx *cx)
{
	return hm_path(cx, cli_data_dir(cx), "advisories.db");
}

/* One of the command line could be read there by others: no longer than need be. */
static void take_password(struct cli *cli)
{
	cli->secret = hm_secret_of(hm_cstr(cli->password));
	hm_wipe((char *)(uintptr_t)cli->password, strlen(cli->password));
	cli->access.password = &cli->secret;
}

static hm_err read_password(struct hm_cx *cx, struct cli *cli)
{
	struct hm_secret *s = &cli->secret;
	HM_TRY(hm_secret_read_fd(cx, STDIN_FILENO, "password", HM_MAX_CREDENTIAL, s));
	while (s->bytes.n &&
	       (s->bytes.p[s->bytes.n - 1] == '\n' || s->bytes.p[s->bytes.n - 1] == '\r'))
		s->bytes.n--;
	if (hm_find_char(hm_secret_str(s), '\0') != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "the password has a NUL byte in it");
	cli->access.password = s;
	return NULL;
}

hm_err cli_access(struct hm_cx *cx, struct cli *cli, const struct oci_access **out)
{
	if (!cli->http) {
		struct http_config config = { .offline = cli->offline,
					      .insecure = cli->insecure,
					      .ca_file = cli->ca_file,
					      .user_agent = "hullmark/" HULLMARK_VERSION };
		if (cli->password)
			take_password(cli);
		else if (cli->password_stdin)
			HM_TRY(read_password(cx, cli));
		HM_TRY(http_client_open(cx, &config, &cli->http));
		cli->content.dir = hm_path(cx, cli_cache_dir(cx), "content");
		cli->content.max = HM_MAX_CACHED_ALL;
		cli->access.http = cli->http;
		cli->access.cache = &cli->content;
		cli->access.plain_http = cli->plain_http;
		cli->access.username = cli->username;
	}
	*out = &cli->access;
	return NULL;
}
