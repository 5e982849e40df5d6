/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <openssl/crypto.h>

static hm_err version_run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			  size_t args_n)
{
	(void)cli, (void)opts, (void)args, (void)args_n;
	return cli_print(cx, hm_fmt(cx, "hullmark " HULLMARK_VERSION " (%s)\n",
				    OpenSSL_version(OPENSSL_VERSION)));
}

extern const struct cli_command cli_version;
const struct cli_command cli_version = {
	.name = "version",
	.group = "Hullmark",
	.help = "show the version of Hullmark and of its cryptography",
	.run = version_run,
};
