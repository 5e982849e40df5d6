/* SPDX-License-Identifier: Apache-2.0 */
/* Gatekeeper's external-data provider (externaldata.gatekeeper.sh, "ProviderRequest"). */
#include "gate/pipeline.h"

enum { KEY_BYTES = 1024, RESPONSE_BYTES = 64 << 20 };

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

/* Answers to several keys at once, in memory of the caller. */
struct asked {
	struct gate *g;
	const struct hm_str *keys;
	struct hm_cx *cxs; /* one a key, so that an answer outlives the thread that found it */
	struct gate_entry *entries;
	hm_err *errs;
};

static hm_err ask(struct hm_cx *cx, void *arg, size_t i)
{
	struct asked *a = arg;
	a->cxs[i] = hm_cx_child(cx, GATE_TASK_BUDGET);
	a->errs[i] = gate_answer(&a->cxs[i], a->g, a->keys[i], &a->entries[i]);
	return NULL;
}

hm_err gate_answers(struct hm_cx *cx, struct gate *g, const struct hm_strs *keys,
		    struct gate_entry **out)
{
	struct asked a = { .g = g, .keys = keys->p };
	a.cxs = hm_new(cx, struct hm_cx, keys->n);
	a.entries = hm_new(cx, struct gate_entry, keys->n);
	a.errs = hm_new(cx, hm_err, keys->n);
	hm_err err = hm_parallel(cx, keys->n, GATE_THREADS, GATE_TASK_BUDGET, ask, &a);
	if (err && err->code == HM_BUSY)
		err = NULL; /* no time left: each key that has no answer says so */
	for (size_t i = 0; i < keys->n; i++) {
		struct gate_entry *e = &a.entries[i];
		const char *why = a.errs[i] ? a.errs[i]->why : "no time was left";
		if (a.errs[i] || !e->text.n) {
			*e = (struct gate_entry){ .unknown = true };
			e->why = hm_say(
				cx,
				"image \"%.*s\" is not admitted: it could not be decided: %s; "
				"remedy: try again",
				HM_FMT(keys->p[i]), why);
		}
		e->why = hm_dup(cx, e->why);
		e->text = hm_dup(cx, e->text);
		e->digest = hm_dup(cx, e->digest);
		hm_cx_done(&a.cxs[i]);
	}
	HM_TRY(err);
	*out = a.entries;
	return NULL;
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

hm_err gate_provider_verify(struct hm_cx *cx, struct gate *g, struct hm_str body,
			    struct hm_buf *out)
{
	struct request r;
	struct gate_entry *entries;
	HM_TRY(parse_request(cx, body, &r));
	HM_TRY(gate_answers(cx, g, &r.keys, &entries));
	put_head(out, r.version, false);
	for (size_t i = 0; i < r.keys.n; i++) {
		if (i)
			hm_buf_char(out, ',');
		if (entries[i].text.n)
			hm_buf_add(out, entries[i].text);
		else
			put_error_item(out, r.keys.p[i], entries[i].why);
	}
	put_tail(out);
	return NULL;
}

static hm_err mutate_key(struct hm_cx *cx, struct gate *g, struct hm_str key, struct hm_str *out)
{
	struct hm_str space, image;
	struct oci_target t;
	gate_split_key(key, &space, &image);
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
	gate_count(g, GATE_N_FAST);
	return !out->over;
}

/* A request that is not understood, or no time left: Gatekeeper reads the system error. */
hm_err gate_provider_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	struct gate *g = arg;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	gate_count(g, GATE_N_BAD);
	struct json_out o = json_out(&b, false);
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
	int status = err->code == HM_BUSY ? 500 : hm_code_rows[err->code].http;
	return http_exchange_answer(cx, x, status, "application/json", hm_buf_str(&b));
}

/* Until when the caller waits: the API server says so ("?timeout=10s"), Gatekeeper does not. */
static void obey_timeout(struct hm_cx *cx, const struct http_exchange *x, unsigned usual_ms)
{
	int64_t usual = (int64_t)usual_ms * (HM_SECOND / 1000), began = cx->deadline - usual;
	int64_t asked = gate_timeout_parse(http_exchange_query(cx, x, "timeout"));
	cx->deadline = gate_deadline(began, asked ? asked : usual);
}

static hm_err serve(struct hm_cx *cx, struct gate *g, struct http_exchange *x, unsigned usual_ms,
		    hm_err (*run)(struct hm_cx *, struct gate *, struct hm_str, struct hm_buf *))
{
	struct hm_str body, answer;
	HM_AUTO_BUF b = HM_BUF(RESPONSE_BYTES);
	HM_TRY(http_exchange_body(cx, x, HM_MAX_HTTP_JSON_BODY, &body));
	/* A little before the caller's own end, so that there is time to say why. */
	int64_t end = cx->deadline;
	if (end)
		obey_timeout(cx, x, usual_ms);
	hm_err err = run(cx, g, body, &b);
	cx->deadline = end;
	HM_TRY(err);
	HM_TRY(hm_buf_end(cx, &b, "the answer", &answer));
	return http_exchange_answer(cx, x, 200, "application/json", answer);
}

bool gate_serve_admit_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	if (http_exchange_body(cx, x, 64 * HM_KIB, &body) || !gate_admit_fast(cx, arg, body, &b))
		return false;
	return http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b)) == NULL;
}

bool gate_serve_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	HM_AUTO_BUF b = HM_BUF(RESPONSE_BYTES);
	if (http_exchange_body(cx, x, 16 * HM_KIB, &body) || !gate_provider_fast(cx, arg, body, &b))
		return false;
	return http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b)) == NULL;
}

hm_err gate_serve_verify(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_VERIFY);
	return serve(cx, arg, x, GATE_PROVIDER_MS, gate_provider_verify);
}

hm_err gate_serve_mutate(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_MUTATE);
	return serve(cx, arg, x, GATE_PROVIDER_MS, gate_provider_mutate);
}

hm_err gate_serve_admit(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_ADMIT);
	return serve(cx, arg, x, GATE_ADMIT_MS, gate_admit);
}
