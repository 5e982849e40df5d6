/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of an API server: read out of its JSON (in a worker), and across to the parent. */
#include "graph/cluster/objects.h"

#include "base/worker.h"
#include "codec/stream.h"
#include "oci/oci.h"

/* ------------------------------------------------------------------ out of JSON */

static bool is_name(struct hm_str s)
{
	return s.n <= HM_MAX_GRAPH_KEY && hm_is_utf8(s) && !hm_has_control(s);
}

static struct hm_str text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}

static int64_t time_of(struct hm_cx *cx, struct json object, const char *key)
{
	int64_t t = 0;
	struct hm_str s = text(object, key);
	return s.n && s.n < 64 && !hm_rfc3339_parse(cx, s, &t) ? t : 0;
}

/* "registry/repo@sha256:...", "docker-pullable://...", "sha256:..." */
static struct hm_str digest_of(struct hm_cx *cx, struct hm_str id)
{
	enum crypto_digest alg;
	struct hm_str hex, d = id;
	size_t at = hm_rfind_char(id, '@'), scheme = hm_find(id, HM_STR("://"));
	if (at != SIZE_MAX)
		d = hm_from(id, at + 1);
	else if (scheme != SIZE_MAX)
		d = hm_from(id, scheme + 3);
	return oci_digest_parse(cx, d, &alg, &hex) ? HM_STR("") : d;
}

/* One that waits to be started again runs, for whoever asks what is in the cluster. */
static void read_times(struct hm_cx *cx, struct json status, struct cluster_container *out)
{
	struct json state = json_get(status, "state"), last = json_get(status, "lastState");
	struct json runs = json_get(state, "running"), ended = json_get(state, "terminated");
	if (json_is_object(runs)) {
		out->since = time_of(cx, runs, "startedAt");
	} else if (json_is_object(ended)) {
		out->since = time_of(cx, ended, "startedAt");
		out->gone = time_of(cx, ended, "finishedAt");
		if (!out->gone)
			out->gone = hm_now();
	} else {
		out->since = time_of(cx, json_get(last, "terminated"), "startedAt");
	}
}

static void read_statuses(struct hm_cx *cx, struct json list, struct cluster_object *o)
{
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct cluster_container c = { .name = text(it.value, "name"),
					       .image = text(it.value, "image"),
					       .digest = digest_of(cx, text(it.value, "imageID")) };
		if (!c.name.n || !is_name(c.name) || !is_name(c.image) ||
		    o->containers_n >= HM_MAX_POD_CONTAINERS) {
			o->what = CLUSTER_BAD;
			return;
		}
		read_times(cx, it.value, &c);
		o->containers[o->containers_n++] = c;
	}
}

static void read_owner(struct json metadata, struct cluster_object *o)
{
	struct json refs = json_get(metadata, "ownerReferences");
	for (struct json_iter it = json_iter(refs); json_next(&it);) {
		if (!json_bool(json_get(it.value, "controller")))
			continue;
		o->owner_kind = text(it.value, "kind");
		o->owner_name = text(it.value, "name");
		o->owner_uid = text(it.value, "uid");
		return;
	}
}

static void read_object(struct hm_cx *cx, struct json doc, struct cluster_object *o)
{
	static const char *const lists[] = { "initContainerStatuses", "containerStatuses",
					     "ephemeralContainerStatuses" };
	struct json metadata = json_get(doc, "metadata"), status = json_get(doc, "status");
	o->kind = text(doc, "kind");
	o->uid = text(metadata, "uid");
	o->space = text(metadata, "namespace");
	o->name = text(metadata, "name");
	o->version = text(metadata, "resourceVersion");
	o->node = text(json_get(doc, "spec"), "nodeName");
	read_owner(metadata, o);
	const struct hm_str names[] = { o->kind,       o->uid,       o->space,
					o->name,       o->version,   o->owner_kind,
					o->owner_name, o->owner_uid, o->node };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (!is_name(names[i]))
			o->what = CLUSTER_BAD;
	if (o->what == CLUSTER_IS && (!o->uid.n || !o->name.n))
		o->what = CLUSTER_BAD;
	size_t n = 0;
	for (size_t i = 0; i < HM_LEN(lists); i++)
		n += json_size(json_get(status, lists[i]));
	o->containers = hm_new(cx, struct cluster_container,
			       n < HM_MAX_POD_CONTAINERS ? n + 1 : HM_MAX_POD_CONTAINERS);
	for (size_t i = 0; i < HM_LEN(lists) && o->what == CLUSTER_IS; i++)
		read_statuses(cx, json_get(status, lists[i]), o);
	/* a pod that has ended runs nothing, whatever its containers say */
	struct hm_str phase = text(status, "phase");
	bool ended = hm_eqz(phase, "Succeeded") || hm_eqz(phase, "Failed");
	for (size_t i = 0; i < o->containers_n && ended; i++)
		if (!o->containers[i].gone)
			o->containers[i].gone = hm_now();
}

/* Its uid is all that is kept: that it is there is known. */
static void clear_bad(struct cluster_object *o)
{
	struct hm_str uid = is_name(o->uid) ? o->uid : HM_STR("");
	if (o->what == CLUSTER_BAD)
		*o = (struct cluster_object){ .what = CLUSTER_BAD, .uid = uid };
}

static hm_err parse_list(struct hm_cx *cx, struct hm_str bytes, struct cluster_answer *out)
{
	struct json doc;
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	struct json metadata = json_get(doc, "metadata"), items = json_get(doc, "items");
	if (!json_is_array(items) && !json_is_null(items))
		return hm_fail(cx, HM_INPUT, "\"items\" is not an array");
	out->version = text(metadata, "resourceVersion");
	out->more = text(metadata, "continue");
	if (!out->version.n || !is_name(out->version) || !is_name(out->more))
		return hm_fail(cx, HM_INPUT, "\"metadata.resourceVersion\" is not a version");
	for (struct json_iter it = json_iter(items); json_next(&it);) {
		struct cluster_object *o = hm_push(cx, &out->objects);
		o->what = CLUSTER_IS;
		read_object(cx, it.value, o);
		clear_bad(o);
	}
	return NULL;
}

static hm_err parse_event(struct hm_cx *cx, struct hm_str line, struct cluster_answer *out)
{
	struct json doc;
	int64_t code = 0;
	HM_TRY(json_parse(cx, line, JSON_PLAIN, &doc));
	struct hm_str type = text(doc, "type");
	struct json object = json_get(doc, "object");
	struct cluster_object *o = hm_push(cx, &out->objects);
	if (hm_eqz(type, "ERROR")) {
		o->what = CLUSTER_ERROR;
		o->code =
			json_int(json_get(object, "code"), &code) && code > 0 ? (uint64_t)code : 0;
		o->name = hm_sub(text(object, "message"), 0, 400);
		if (!is_name(o->name))
			o->name = HM_STR("");
		return NULL;
	}
	o->what = hm_eqz(type, "DELETED")                             ? CLUSTER_GONE
		  : hm_eqz(type, "BOOKMARK")                          ? CLUSTER_BOOKMARK
		  : hm_eqz(type, "ADDED") || hm_eqz(type, "MODIFIED") ? CLUSTER_IS
								      : CLUSTER_BAD;
	read_object(cx, object, o);
	if (o->what == CLUSTER_GONE && !o->uid.n)
		o->what = CLUSTER_BAD;
	clear_bad(o);
	return NULL;
}

hm_err graph_cluster_parse(struct hm_cx *cx, struct hm_str how, struct hm_str bytes,
			   struct cluster_answer *out)
{
	struct json doc;
	*out = (struct cluster_answer){ 0 };
	if (hm_eqz(how, CLUSTER_LIST))
		return parse_list(cx, bytes, out);
	if (hm_eqz(how, CLUSTER_EVENTS)) {
		while (bytes.n)
			HM_TRY(parse_event(cx, hm_line(&bytes), out));
		return NULL;
	}
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	struct cluster_object *o = hm_push(cx, &out->objects);
	o->what = CLUSTER_IS;
	read_object(cx, doc, o);
	clear_bad(o);
	return NULL;
}

/* ------------------------------------------------------------------ across */

static const size_t texts_at[] = {
	offsetof(struct cluster_object, kind),       offsetof(struct cluster_object, uid),
	offsetof(struct cluster_object, space),      offsetof(struct cluster_object, name),
	offsetof(struct cluster_object, version),    offsetof(struct cluster_object, node),
	offsetof(struct cluster_object, owner_kind), offsetof(struct cluster_object, owner_name),
	offsetof(struct cluster_object, owner_uid),
};

static struct hm_str *text_at(struct cluster_object *o, size_t i)
{
	return (struct hm_str *)(void *)((char *)o + texts_at[i]);
}

void graph_cluster_write(const struct cluster_answer *a, struct hm_buf *out)
{
	hm_buf_counted(out, a->version);
	hm_buf_counted(out, a->more);
	hm_buf_uvarint(out, a->objects.n);
	for (size_t i = 0; i < a->objects.n; i++) {
		struct cluster_object o = a->objects.p[i];
		hm_buf_char(out, (char)o.what);
		hm_buf_uvarint(out, o.code);
		for (size_t k = 0; k < HM_LEN(texts_at); k++)
			hm_buf_counted(out, *text_at(&o, k));
		hm_buf_uvarint(out, o.containers_n);
		for (size_t k = 0; k < o.containers_n; k++) {
			const struct cluster_container *c = &o.containers[k];
			hm_buf_counted(out, c->name);
			hm_buf_counted(out, c->image);
			hm_buf_counted(out, c->digest);
			hm_buf_uvarint(out, (uint64_t)(c->since > 0 ? c->since : 0));
			hm_buf_uvarint(out, (uint64_t)(c->gone > 0 ? c->gone : 0));
		}
	}
}

static struct hm_str take_text(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > HM_MAX_GRAPH_KEY)
		c->bad = true;
	struct hm_str s = hm_take_str(c, c->bad ? 0 : (size_t)n);
	if (!is_name(s))
		c->bad = true;
	return s;
}

static int64_t take_time(struct hm_cur *c)
{
	uint64_t t = hm_uvarint(c);
	if (t > UINT64_C(253402300799)) /* the end of year 9999 */
		c->bad = true;
	return c->bad ? 0 : (int64_t)t;
}

static bool is_what(uint8_t c)
{
	return c == CLUSTER_IS || c == CLUSTER_GONE || c == CLUSTER_BOOKMARK ||
	       c == CLUSTER_ERROR || c == CLUSTER_BAD;
}

static void take_object(struct hm_cx *cx, struct hm_cur *c, struct cluster_object *o)
{
	enum crypto_digest alg;
	struct hm_str hex;
	const uint8_t *what = hm_take(c, 1);
	if (!what || !is_what(*what)) {
		c->bad = true;
		return;
	}
	o->what = (enum cluster_what) * what;
	o->code = hm_uvarint(c);
	for (size_t k = 0; k < HM_LEN(texts_at); k++)
		*text_at(o, k) = take_text(c);
	uint64_t n = hm_uvarint(c);
	if (c->bad || n > HM_MAX_POD_CONTAINERS) {
		c->bad = true;
		return;
	}
	o->containers = hm_new(cx, struct cluster_container, (size_t)n + 1);
	for (; o->containers_n < n && !c->bad; o->containers_n++) {
		struct cluster_container *at = &o->containers[o->containers_n];
		at->name = take_text(c);
		at->image = take_text(c);
		at->digest = take_text(c);
		at->since = take_time(c);
		at->gone = take_time(c);
		if (at->digest.n && oci_digest_parse(cx, at->digest, &alg, &hex))
			c->bad = true;
	}
}

hm_err graph_cluster_read(struct hm_cx *cx, struct hm_str bytes, struct cluster_answer *out)
{
	struct hm_cur c = hm_cur(bytes);
	*out = (struct cluster_answer){ 0 };
	out->version = take_text(&c);
	out->more = take_text(&c);
	uint64_t n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++)
		take_object(cx, &c, hm_push(cx, &out->objects));
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the worker's answer is damaged");
	return NULL;
}

hm_err graph_cluster_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_AUTO_BUF bytes = HM_BUF(HM_MAX_JSON + 64 * HM_KIB);
	struct cluster_answer a;
	for (size_t n = 1; n;) {
		char *room = hm_buf_room(&bytes, 64 * HM_KIB);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "it is larger than %llu bytes",
				       (unsigned long long)HM_MAX_JSON);
		HM_TRY(stream_read_fd(cx, &in, room, 64 * HM_KIB, &n));
		bytes.n -= 64 * HM_KIB - n;
	}
	HM_TRY(graph_cluster_parse(cx, args, hm_buf_str(&bytes), &a));
	graph_cluster_write(&a, out);
	return NULL;
}

hm_err graph_cluster_ask(struct hm_cx *cx, const char *how, struct hm_str bytes,
			 struct cluster_answer *out)
{
	struct hm_str answer;
	HM_TRY_IN(cx, hm_worker_run(cx, GRAPH_CLUSTER_JOB, hm_cstr(how), bytes, &answer),
		  "the API server's answer");
	return graph_cluster_read(cx, answer, out);
}
