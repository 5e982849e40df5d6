/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"
#include "trust/tuf/store.h"

static hm_err get_file(struct hm_cx *cx, void *arg, struct hm_str path, size_t max, bool *out_found,
		       struct hm_str *out)
{
	const struct tuf_mirror *m = arg;
	hm_err err =
		hm_read_file(cx, hm_path(cx, hm_dupz(cx, m->url), hm_dupz(cx, path)), max, out);
	*out_found = !err;
	return err && err->code == HM_ABSENT ? NULL : err;
}

static hm_err get_url(struct hm_cx *cx, void *arg, struct hm_str path, size_t max, bool *out_found,
		      struct hm_str *out)
{
	const struct tuf_mirror *m = arg;
	struct hm_str base = m->url;
	struct http_response got;
	while (hm_ends(base, HM_STR("/")))
		base.n--;
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(cx, "%.*s/%.*s", HM_FMT(base), HM_FMT(path)),
				  .max_body = max ? max : 1 };
	HM_TRY(http_send(cx, m->http, &r, &got));
	*out_found = got.status == 200;
	*out = got.body;
	/* stores of objects say 403 of what they do not have */
	if (got.status == 200 || got.status == 404 || got.status == 403)
		return NULL;
	return hm_fail(cx, HM_BUSY, "the mirror answered with status %d", got.status);
}

hm_err trust_tuf_mirror_open(struct hm_cx *cx, struct tuf_mirror *m, struct tuf_fetch *out)
{
	struct http_url url;
	*out = (struct tuf_fetch){ get_file, m };
	if (hm_find(m->url, HM_STR("://")) == SIZE_MAX)
		return hm_starts(m->url, HM_STR("/"))
			       ? NULL
			       : hm_fail(cx, HM_USAGE,
					 "\"%.*s\" is neither a URL nor an absolute path",
					 HM_FMT(m->url));
	HM_TRY_IN(cx, http_url_parse(cx, m->url, &url), "mirror \"%.*s\"", HM_FMT(m->url));
	out->get = get_url;
	if (!m->http)
		return hm_fail(cx, HM_DENIED, "--offline forbids to ask the mirror %.*s",
			       HM_FMT(m->url));
	return NULL;
}
