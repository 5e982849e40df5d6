/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/timestamping.h"

#include "cli/revocation.h"

hm_err cli_timestamping_read(struct hm_cx *cx, const struct cli_timestamping *o,
			     struct trust_timestamping *out)
{
	struct trust_timestamping found = { 0 };
	struct http_url url;
	struct hm_str text;
	if (!o->url != !o->root)
		return hm_fail(cx, HM_USAGE,
			       "--timestamp-url and --timestamp-root-cert must be given together");
	if (!o->url && o->timeout)
		return hm_fail(cx, HM_USAGE, "--timestamp-timeout needs --timestamp-url");
	if (!o->url)
		return NULL;
	found.url = hm_cstr(o->url);
	hm_err err = http_url_parse(cx, found.url, &url);
	if (err)
		return hm_fail(cx, HM_USAGE, "--timestamp-url \"%s\": %s", o->url, err->why);
	found.kept = cli_kept_shared(cx);
	HM_TRY(cli_read_wait(cx, "timestamp-timeout", o->timeout, &found.wait.timestamp));
	HM_TRY(hm_read_file(cx, o->root, HM_MAX_CERTIFICATE_FILE, &text));
	HM_TRY_IN(cx, trust_timestamp_root(cx, text, &found.root), "--timestamp-root-cert \"%s\"",
		  o->root);
	*out = found;
	return NULL;
}
