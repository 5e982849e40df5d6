/* SPDX-License-Identifier: Apache-2.0 */
/* Gatekeeper's external-data provider (externaldata.gatekeeper.sh, "ProviderRequest"). */
#include "gate/pipeline.h"

enum { KEY_BYTES = 1024 };

static const char *const versions[] = { "externaldata.gatekeeper.sh/v1beta1",
					"externaldata.gatekeeper.sh/v1alpha1" };

struct request {
	const char *version;
	struct hm_strs keys;
};

static hm_err parse_request(struct hm_cx *cx, struct hm_str body, struct request *out)
{
	struct json doc, request, keys;
	struct hm_str kind, version;
	struct request r = { 0 };
	HM_TRY(json_parse(cx, body, JSON_NO_DUPLICATES, &doc));
	HM_TRY(json_need_str(cx, doc, "kind", &kind));
	HM_TRY(json_need_str(cx, doc, "apiVersion", &version));
	if (!hm_eqz(kind, "ProviderRequest"))
		return hm_fail(cx, HM_INPUT, "not a ProviderRequest but \"%.*s\"", HM_FMT(kind));
	for (size_t i = 0; i < HM_LEN(versions); i++)
		if (hm_eqz(version, versions[i]))
			r.version = versions[i];
	if (!r.version)
		return hm_fail(cx, HM_INPUT, "unknown apiVersion \"%.*s\"", HM_FMT(version));
	HM_TRY(json_need(cx, doc, "request", &request));
	HM_TRY(json_need(cx, request, "keys", &keys));
	if (!json_is_array(keys))
		return hm_fail(cx, HM_INPUT, "\"keys\" is not an array");
	if (json_size(keys) > HM_MAX_PROVIDER_KEYS)
		return hm_fail(cx, HM_LIMIT, "more than %llu keys in one request",
			       (unsigned long long)HM_MAX_PROVIDER_KEYS);
	for (struct json_iter it = json_iter(keys); json_next(&it);) {
		struct hm_str key = json_str(it.value);
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "a key is not a string");
		if (key.n > KEY_BYTES)
			return hm_fail(cx, HM_LIMIT, "a key of %zu bytes", key.n);
		*hm_push(cx, &r.keys) = key;
	}
	*out = r;
	return NULL;
}

static void put_head(struct hm_buf *out, const char *version, bool idempotent)
{
	hm_buf_fmt(out,
		   "{\"apiVersion\":\"%s\",\"kind\":\"ProviderResponse\",\"response\":{"
		   "\"idempotent\":%s,\"items\":[",
		   version, idempotent ? "true" : "false");
}

static void put_tail(struct hm_buf *out)
{
	hm_buf_addz(out, "],\"systemError\":\"\"}}\n");
}

static void put_error_item(struct hm_buf *out, struct hm_str key, struct hm_str why)
{
	struct json_out o = json_out(out, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "key", key);
	json_put_null(&o, "value");
	json_put_str(&o, "error", why);
	json_close(&o, '}');
}

/* The item as it was written before, or written now and kept as long as its answer is good. */
static void put_item(struct hm_cx *cx, struct gate *g, uint64_t generation, struct hm_str key,
		     const struct gate_entry *e, struct hm_buf *out)
{
	struct hm_str name = gate_item_key(cx, generation, key);
	struct gate_entry item = *e;
	if (gate_cache_add_text(g->cache, name, hm_now(), out))
		return;
	hm_err err = e->text.n ? gate_item_write(cx, key, e, &item.text) : NULL;
	if (err || !e->text.n) {
		put_error_item(out, key, err ? hm_cstr(err->why) : e->why);
		return;
	}
	hm_buf_add(out, item.text);
	gate_cache_put(g->cache, name, &item);
}

hm_err gate_provider_verify(struct hm_cx *cx, struct gate *g, struct hm_str body,
			    struct hm_buf *out)
{
	struct request r;
	struct gate_entry *entries;
	/* before anybody is asked: what is answered by an older trust policy is not found by the
	 * newer one */
	uint64_t generation = atomic_load(&g->generation);
	HM_TRY(parse_request(cx, body, &r));
	HM_TRY(gate_answers(cx, g, &r.keys, &entries));
	put_head(out, r.version, false);
	for (size_t i = 0; i < r.keys.n; i++) {
		if (i)
			hm_buf_char(out, ',');
		put_item(cx, g, generation, r.keys.p[i], &entries[i], out);
		gate_tell_decided(cx, g, r.keys.p[i], HM_STR(""), &entries[i]);
	}
	put_tail(out);
	return NULL;
}

static hm_err mutate_key(struct hm_cx *cx, struct gate *g, struct hm_str key, struct hm_str *out)
{
	struct hm_str namespace, image;
	struct oci_target t;
	gate_split_key(key, &namespace, &image);
	HM_TRY(gate_reference(cx, image, &t));
	*out = t.digest;
	if (!t.digest.n) {
		struct gate_turn *turn;
		HM_TRY(gate_turn_begin(cx, g, t.registry, &turn));
		hm_err err = gate_resolve(cx, g, &t, out);
		gate_turn_end(g, turn, !err);
		HM_TRY(err);
	}
	*out = oci_target_with_digest(cx, &t, *out);
	return NULL;
}

hm_err gate_provider_mutate(struct hm_cx *cx, struct gate *g, struct hm_str body,
			    struct hm_buf *out)
{
	struct request r;
	HM_TRY(parse_request(cx, body, &r));
	put_head(out, r.version, true);
	for (size_t i = 0; i < r.keys.n; i++) {
		struct hm_str value;
		if (i)
			hm_buf_char(out, ',');
		hm_err err = mutate_key(cx, g, r.keys.p[i], &value);
		if (err) {
			put_error_item(out, r.keys.p[i], hm_cstr(err->why));
			continue;
		}
		struct json_out o = json_out(out, false);
		json_open(&o, NULL, '{');
		json_put_str(&o, "key", r.keys.p[i]);
		json_put_str(&o, "value", value);
		json_putz(&o, "error", "");
		json_close(&o, '}');
	}
	put_tail(out);
	return NULL;
}

/* Of answers that were at hand. */
static void tell_known(struct hm_cx *cx, struct gate *g, uint64_t generation,
		       const struct hm_strs *keys, int64_t now)
{
	struct gate_entry e;
	for (size_t i = 0; g->config.decided && i < keys->n; i++)
		if (gate_cache_get(cx, g->cache, gate_item_key(cx, generation, keys->p[i]), now,
				   &e))
			gate_tell_decided(cx, g, keys->p[i], HM_STR(""), &e);
}

bool gate_provider_fast(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out)
{
	struct request r;
	/* Many keys, or a request with a fault: the ordinary way, on a thread that may wait. */
	if (body.n > 16 * HM_KIB || parse_request(cx, body, &r) || r.keys.n > 64)
		return false;
	uint64_t generation = atomic_load(&g->generation);
	int64_t now = hm_now();
	put_head(out, r.version, false);
	for (size_t i = 0; i < r.keys.n; i++) {
		struct hm_str name = gate_item_key(cx, generation, r.keys.p[i]);
		if (i)
			hm_buf_char(out, ',');
		if (!gate_cache_add_text(g->cache, name, now, out))
			return false;
	}
	put_tail(out);
	if (out->over)
		return false;
	tell_known(cx, g, generation, &r.keys, now);
	gate_count(g, GATE_N_FAST);
	return true;
}

void gate_provider_fault(hm_err err, struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "apiVersion", versions[0]);
	json_putz(&o, "kind", "ProviderResponse");
	json_open(&o, "response", '{');
	json_put_bool(&o, "idempotent", false);
	json_open(&o, "items", '[');
	json_close(&o, ']');
	json_putz(&o, "systemError", err->why);
	json_close(&o, '}');
	json_close(&o, '}');
}
