/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How new each suite was when it was seen before: a file each, whose name is the digest of the
 * repository and the suite. A signature stays good for ever; an older suite in the place of a newer
 * keeps its fixes away. Who signed it is no part of the name: of several signatures a mirror may
 * leave out any.
 */
#include "repair/apt/apt.h"

static hm_err file_of(struct hm_cx *cx, const char *dir, const struct apt_source *s, char **out)
{
	struct hm_str uri = s->uri;
	while (hm_ends(uri, HM_STR("/")))
		uri.n--;
	struct hm_str key = hm_fmt(cx, "%.*s\n%.*s\n", HM_FMT(uri), HM_FMT(s->suite));
	struct hm_str hex = crypto_digest_text(cx, CRYPTO_SHA256, key);
	HM_TRY(hm_mkdirs(cx, dir, 0700));
	*out = hm_path(cx, dir, hm_dupz(cx, hm_from(hex, strlen("sha256:"))));
	return NULL;
}

hm_err repair_apt_seen(struct hm_cx *cx, const struct repair_run *run, const struct apt_source *s,
		       const struct apt_release *r)
{
	const struct repair_options *o = run->o;
	struct hm_str bytes = HM_STR("");
	uint64_t seen = 0;
	char *file;
	if (!o->seen_dir || r->date < 0)
		return NULL;
	HM_TRY(file_of(cx, o->seen_dir, s, &file));
	if (hm_exists(file))
		HM_TRY(hm_read_file(cx, file, 64, &bytes));
	if (bytes.n && !hm_u64(hm_trim(bytes), INT64_MAX, &seen))
		return hm_fail(cx, HM_INPUT, "\"%s\" is damaged: remove it", file);
	if (seen > (uint64_t)r->date && !o->allow_expired)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST,
				       "it is of %.*s, and the one that was there before is of "
				       "%.*s: somebody may be keeping fixes away",
				       HM_FMT(hm_rfc3339(cx, r->date)),
				       HM_FMT(hm_rfc3339(cx, (int64_t)seen))),
			       "another mirror, or --allow-expired");
	return seen >= (uint64_t)r->date
		       ? NULL
		       : hm_write_file(cx, file, hm_fmt(cx, "%llu\n", (unsigned long long)r->date),
				       0600);
}
