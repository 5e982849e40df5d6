/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/protojson.h"
#include "trust/sigstore/run.h"
#include "trust/sigstore/sign.h"

#define MEDIA_TYPE "application/vnd.dev.sigstore.signingconfig.v0.2+json"

static hm_err read_service(struct hm_cx *cx, struct json v, struct sigstore_service *out)
{
	struct http_url url;
	HM_TRY(json_need_str(cx, v, "url", &out->url));
	HM_TRY_IN(cx, http_url_parse(cx, out->url, &url), "\"url\"");
	HM_TRY(protojson_number(cx, v, "majorApiVersion", &out->version));
	out->operator= json_str(json_get(v, "operator"));
	return trust_sigstore_read_validity(cx, v, true, &out->valid);
}

static hm_err read_list(struct hm_cx *cx, struct json top, const char *key,
			struct sigstore_service_list *out)
{
	struct json list = json_get(top, key);
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	if (json_size(list) > HM_MAX_AUTHORITIES)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has too many entries", key);
	out->p = hm_new(cx, struct sigstore_service, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY_IN(cx, read_service(cx, it.value, &out->p[out->n++]), "\"%s\"", key);
	return NULL;
}

/* How many of a list there must be (ServiceConfiguration). Without a list nothing is chosen. */
static hm_err read_selector(struct hm_cx *cx, struct json top, const char *key,
			    struct sigstore_service_list *out)
{
	struct json config = json_get(top, key);
	struct hm_str name = json_str(json_get(config, "selector"));
	if (!out->n)
		return NULL;
	HM_TRY(protojson_number(cx, config, "count", &out->count));
	if (hm_eqz(name, "ANY"))
		out->selector = SIGSTORE_ONE;
	else if (hm_eqz(name, "ALL"))
		out->selector = SIGSTORE_ALL;
	else if (hm_eqz(name, "EXACT") && out->count)
		out->selector = SIGSTORE_EXACTLY;
	else
		return hm_fail(cx, HM_INPUT, "\"%s\" does not say how many services are asked",
			       key);
	return NULL;
}

static hm_err read_services(struct hm_cx *cx, struct json top, struct sigstore_services *s)
{
	struct hm_str type;
	HM_TRY(json_need_str(cx, top, "mediaType", &type));
	if (!hm_eqz(type, MEDIA_TYPE))
		return hm_fail(cx, HM_INPUT, "configurations of type \"%.*s\" are not supported",
			       HM_FMT(type));
	HM_TRY(read_list(cx, top, "caUrls", &s->authorities));
	HM_TRY(read_list(cx, top, "oidcUrls", &s->issuers));
	HM_TRY(read_list(cx, top, "rekorTlogUrls", &s->logs));
	HM_TRY(read_selector(cx, top, "rekorTlogConfig", &s->logs));
	HM_TRY(read_list(cx, top, "tsaUrls", &s->timestampers));
	return read_selector(cx, top, "tsaConfig", &s->timestampers);
}

hm_err trust_sigstore_services_parse(struct hm_cx *cx, struct hm_str text,
				     struct sigstore_services *out)
{
	struct sigstore_services s = { 0 };
	struct json top;
	if (text.n > HM_MAX_SIGNING_CONFIG)
		return hm_fail(cx, HM_LIMIT, "the signing configuration is too large");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &top), "signing configuration");
	HM_TRY_IN(cx, read_services(cx, top, &s), "signing configuration");
	*out = s;
	return NULL;
}

/* Is `a` to be asked rather than `b`? The higher interface, then the one that is there since
 * later. */
static bool is_better(const struct sigstore_service *a, const struct sigstore_service *b)
{
	return a->version != b->version ? a->version > b->version : a->valid.from > b->valid.from;
}

/* The best of each operator, in the list's order. */
static size_t best_of_each(const struct sigstore_service_list *list, uint64_t highest, int64_t now,
			   const struct sigstore_service **to)
{
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct sigstore_service *s = &list->p[i];
		size_t k = 0;
		if (!s->version || s->version > highest || !sigstore_is_valid_at(&s->valid, now))
			continue;
		while (k < n && !hm_eq(to[k]->operator, s->operator))
			k++;
		if (k == n)
			to[n++] = s;
		else if (is_better(s, to[k]))
			to[k] = s;
	}
	return n;
}

hm_err trust_sigstore_services_choose(struct hm_cx *cx, const struct sigstore_service_list *list,
				      const char *what, uint64_t highest, int64_t now,
				      struct sigstore_chosen *out)
{
	const struct sigstore_service **p =
		hm_new(cx, const struct sigstore_service *, list->n + 1);
	size_t n = best_of_each(list, highest, now, p);
	uint64_t least = list->selector == SIGSTORE_EXACTLY ? list->count : 1;
	if (list->n && n < least)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT,
				       "the signing configuration has %zu %s that can be asked "
				       "now, and wants %llu",
				       n, what, (unsigned long long)least),
			       "get a current signing_config.json from whoever runs the services");
	*out = (struct sigstore_chosen){ p,
					 list->selector == SIGSTORE_ALL || n < least ? n : least };
	return NULL;
}
