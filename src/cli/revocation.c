/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/revocation.h"

hm_err cli_read_wait(struct hm_cx *cx, const char *option, const char *text, int64_t *out)
{
	int64_t ns = 0;
	if (text && (hm_duration(cx, hm_cstr(text), &ns) || ns <= 0))
		return hm_fail(cx, HM_USAGE, "--%s \"%s\" is not a duration, such as 5s", option,
			       text);
	*out = ns;
	return NULL;
}

struct trust_kept *cli_kept(struct hm_cx *cx, const char *dir, int64_t fresh_seconds)
{
	struct trust_kept *k = hm_new(cx, struct trust_kept, 1);
	k->files.dir = hm_path(cx, dir, "revocation");
	k->files.max = HM_MAX_CACHED_REVOCATION;
	k->fresh_seconds = fresh_seconds;
	return k;
}

struct trust_kept *cli_kept_shared(struct hm_cx *cx)
{
	struct trust_kept *k = cli_kept(cx, cli_cache_dir(cx), CLI_FRESH_SECONDS);
	k->lists.dir = cli_notation_lists(cx);
	k->lists.max = HM_MAX_CACHED_REVOCATION;
	return k;
}

hm_err cli_revocation_read(struct hm_cx *cx, const struct cli_revocation *o,
			   struct trust_verify_options *out)
{
	HM_TRY(cli_read_wait(cx, "crl-timeout", o->crl, &out->patience.crl));
	return cli_read_wait(cx, "ocsp-timeout", o->ocsp, &out->patience.ocsp);
}

void cli_revocation_use(struct hm_cx *cx, struct cli *cli, struct trust_verify_options *out)
{
	out->http = cli->access.http;
	out->kept = cli_kept_shared(cx);
}
