/* SPDX-License-Identifier: Apache-2.0 */
/* Which repositories a registry has. */
#include "oci/remote/remote.h"

static hm_err add_names(struct hm_cx *cx, struct hm_str body, struct hm_strs *names)
{
	struct json doc;
	HM_TRY_IN(cx, json_parse(cx, body, JSON_NO_NUL, &doc), "list of repositories");
	struct json list = json_get(doc, "repositories");
	if (!json_is_array(list) && !json_is_null(list))
		return hm_fail(cx, HM_INPUT,
			       "list of repositories: \"repositories\" is not an array");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str name = json_str(it.value);
		if (!oci_repository_is_valid(name))
			return hm_fail(cx, HM_INPUT,
				       "list of repositories: \"%.*s\" is not a valid name",
				       HM_FMT(hm_sub(name, 0, 200)));
		if (names->n >= HM_MAX_TAGS)
			return hm_fail(cx, HM_LIMIT, "more than %llu repositories",
				       (unsigned long long)HM_MAX_TAGS);
		*hm_push(cx, names) = name;
	}
	return NULL;
}

static hm_err read_pages(struct hm_cx *cx, struct remote *r, struct hm_strs *names)
{
	struct hm_map seen = { 0 };
	struct hm_str url = hm_fmt(cx, "%.*s/v2/_catalog?n=1000", HM_FMT(remote_base(r)));
	for (uint64_t pages = 0; url.n; pages++) {
		struct http_response a;
		if (pages >= HM_MAX_REFERRERS_PAGES || hm_map_has(&seen, url))
			return hm_fail(cx, HM_LIMIT, "the list of repositories does not end");
		hm_map_put(cx, &seen, url, r);
		struct remote_request q = { .method = "GET",
					    .url = url,
					    .max_body = HM_MAX_MANIFEST };
		HM_TRY(oci_remote_send(cx, r, &q, &a));
		if (a.status != 200)
			return oci_remote_fault(cx, r, &a);
		HM_TRY(add_names(cx, a.body, names));
		HM_TRY(oci_remote_next(cx, r, &a, &url));
	}
	return NULL;
}

hm_err oci_catalog(struct hm_cx *cx, const struct oci_access *access, struct hm_str registry,
		   struct hm_strs *out)
{
	struct oci_target t = { .kind = OCI_REGISTRY };
	struct oci_place *p;
	struct hm_strs names = { 0 };
	HM_TRY(oci_registry_parse(cx, registry, &t.registry, &t.address));
	HM_TRY(oci_remote_open(cx, access, &t, OCI_READ, &p));
	hm_err err = read_pages(cx, (struct remote *)p, &names);
	oci_close(p);
	if (err)
		return hm_wrap(cx, err, "registry \"%.*s\"", HM_FMT(t.registry));
	hm_strs_sort_unique(&names);
	*out = names;
	return NULL;
}
