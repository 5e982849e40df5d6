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

static hm_err read_password(struct hm_cx *cx, struct cli *cli)
{
	struct hm_str text;
	if (!cli->password_stdin || cli->password)
		return NULL;
	HM_TRY(hm_read_fd(cx, STDIN_FILENO, "password", 64 * HM_KIB, &text));
	while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	cli->password = hm_dupz(cx, text);
	return NULL;
}

hm_err cli_access(struct hm_cx *cx, struct cli *cli, const struct oci_access **out)
{
	if (!cli->http) {
		struct http_config config = { .offline = cli->offline,
					      .insecure = cli->insecure,
					      .ca_file = cli->ca_file,
					      .user_agent = "hullmark/" HULLMARK_VERSION };
		HM_TRY(read_password(cx, cli));
		HM_TRY(http_client_open(cx, &config, &cli->http));
		cli->access.http = cli->http;
		cli->access.plain_http = cli->plain_http;
		cli->access.username = cli->username;
		cli->access.password = cli->password;
	}
	*out = &cli->access;
	return NULL;
}
