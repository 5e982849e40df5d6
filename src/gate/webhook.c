/* SPDX-License-Identifier: Apache-2.0 */
/* The validating admission webhook (Kubernetes, "Dynamic Admission Control",
 * admission.k8s.io/v1). */
#include "gate/pipeline.h"

enum { MESSAGE_BYTES = 16 << 10, MESSAGE_IMAGES = 8, FAST_IMAGES = 16 };

/* What each operation lets run. An update lets run only what was not there before: whoever counts
 * a Job's pods, scales down or takes off a finalizer sends the images along unchanged, and must be
 * able to, above all where they are bad. */
enum judged { JUDGE_NONE, JUDGE_NEW, JUDGE_ALL };
static const struct operation {
	const char *name;
	enum judged judged;
} operations[] = {
	{ "CONNECT", JUDGE_NONE },
	{ "CREATE", JUDGE_ALL },
	{ "DELETE", JUDGE_NONE },
	{ "UPDATE", JUDGE_NEW },
};

/* What of a review matters. */
struct review {
	struct hm_str uid, namespace, operation;
	struct json object, old_object;
};

static hm_err parse_review(struct hm_cx *cx, struct hm_str body, struct review *out)
{
	struct json doc, request;
	struct hm_str kind, version;
	struct review r = { 0 };
	HM_TRY(json_parse(cx, body, JSON_NO_DUPLICATES, &doc));
	HM_TRY(json_need_str(cx, doc, "kind", &kind));
	HM_TRY(json_need_str(cx, doc, "apiVersion", &version));
	if (!hm_eqz(kind, "AdmissionReview") || !hm_eqz(version, "admission.k8s.io/v1"))
		return hm_fail(cx, HM_INPUT,
			       "not an AdmissionReview of admission.k8s.io/v1 but \"%.*s\" "
			       "of \"%.*s\"",
			       HM_FMT(kind), HM_FMT(version));
	HM_TRY(json_need(cx, doc, "request", &request));
	HM_TRY_IN(cx, json_need_str(cx, request, "uid", &r.uid), "request");
	if (!r.uid.n)
		return hm_fail(cx, HM_INPUT, "the request's uid is empty");
	HM_TRY_IN(cx, json_need_str(cx, request, "operation", &r.operation), "request");
	r.namespace = json_str(json_get(request, "namespace"));
	if (hm_has_control(r.namespace))
		return hm_fail(cx, HM_INPUT, "the namespace \"%.*s\" has control characters",
			       HM_FMT(r.namespace));
	r.object = json_get(request, "object");
	r.old_object = json_get(request, "oldObject");
	*out = r;
	return NULL;
}

struct decision {
	bool allowed;
	int code;
	struct hm_str message;
	struct hm_str kept; /* which images an earlier process decided about; empty: none */
};

static void put_review(struct hm_buf *out, struct hm_str uid, const struct decision *d)
{
	struct json_out o = json_out(out, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "apiVersion", "admission.k8s.io/v1");
	json_putz(&o, "kind", "AdmissionReview");
	json_open(&o, "response", '{');
	json_put_str(&o, "uid", uid);
	json_put_bool(&o, "allowed", d->allowed);
	if (d->kept.n) {
		/* for the API server's audit log, where it stands as NAME-OF-WEBHOOK/kept */
		json_open(&o, "auditAnnotations", '{');
		json_put_str(&o, "kept", d->kept);
		json_close(&o, '}');
	}
	if (!d->allowed) {
		json_open(&o, "status", '{');
		json_putz(&o, "status", "Failure");
		json_putz(&o, "reason", d->code == 403 ? "Forbidden" : "ServiceUnavailable");
		json_put_int(&o, "code", d->code);
		json_put_str(&o, "message", d->message);
		json_close(&o, '}');
	}
	json_close(&o, '}');
	json_close(&o, '}');
	hm_buf_char(out, '\n');
}

/* Do both say the same, or both nothing? */
static bool is_same(struct json a, struct json b, const char *member)
{
	struct json x = json_get(a, member), y = json_get(b, member);
	return json_is_there(x) == json_is_there(y) &&
	       (!json_is_there(x) || (json_is_string(x) && json_is_string(y))) &&
	       hm_eq(json_str(x), json_str(y));
}

/* The images that an object had before. False where that cannot be told for certain: it is absent,
 * not what its kind should look like, another object, or a list of several. */
static bool find_images_before(struct hm_cx *cx, const struct review *r, struct gate_uses *out)
{
	struct json old = r->old_object, meta = json_get(r->object, "metadata"),
		    old_meta = json_get(old, "metadata");
	struct hm_str kind = json_str(json_get(r->object, "kind"));
	return json_is_object(old) && hm_eq(json_str(json_get(old, "kind")), kind) &&
	       !hm_ends(kind, HM_STR("List")) && is_same(r->object, old, "apiVersion") &&
	       is_same(meta, old_meta, "namespace") && is_same(meta, old_meta, "name") &&
	       is_same(meta, old_meta, "uid") && gate_uses_of(cx, old, out) == NULL;
}

static hm_err find_wanted_images(struct hm_cx *cx, const struct review *r, struct hm_strs *out)
{
	const struct operation *o = operations, *end = operations + HM_LEN(operations);
	struct gate_uses uses, before;
	*out = (struct hm_strs){ 0 };
	while (o < end && !hm_eqz(r->operation, o->name))
		o++;
	if (o == end)
		return hm_fail(cx, HM_INPUT, "the operation \"%.*s\" is not known",
			       HM_FMT(r->operation));
	if (o->judged == JUDGE_NONE)
		return NULL;
	HM_TRY_IN(cx, gate_uses_of(cx, r->object, &uses), "object");
	bool compare = o->judged == JUDGE_NEW && find_images_before(cx, r, &before);
	*out = gate_uses_images(cx, &uses, compare ? &before : NULL);
	return NULL;
}

static struct hm_str describe_kept(struct hm_cx *cx, const struct gate_entry *entries, size_t n)
{
	HM_AUTO_BUF b = HM_BUF(MESSAGE_BYTES);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (!entries[i].kept || ++kept > MESSAGE_IMAGES)
			continue;
		hm_buf_addz(&b, kept > 1 ? "; " : "");
		hm_buf_fmt(&b, "image \"%.*s\" was decided by an earlier process at %.*s",
			   HM_FMT(hm_sub(entries[i].digest, 0, 1500)),
			   HM_FMT(hm_rfc3339(cx, entries[i].made)));
	}
	if (kept > MESSAGE_IMAGES)
		hm_buf_fmt(&b, "; and %zu more images", kept - MESSAGE_IMAGES);
	return hm_dup(cx, hm_buf_str(&b));
}

static void weigh_entries(struct hm_cx *cx, const struct gate_entry *entries, size_t n,
			  struct decision *d)
{
	HM_AUTO_BUF b = HM_BUF(MESSAGE_BYTES);
	size_t denied = 0;
	*d = (struct decision){ .allowed = true, .code = 503 };
	for (size_t i = 0; i < n; i++) {
		if (entries[i].admitted)
			continue;
		d->allowed = false;
		if (!entries[i].unknown)
			d->code = 403;
		if (++denied > MESSAGE_IMAGES)
			continue;
		if (denied > 1)
			hm_buf_addz(&b, "; ");
		hm_buf_add(&b, hm_sub(entries[i].why, 0, 1500));
	}
	if (denied > MESSAGE_IMAGES)
		hm_buf_fmt(&b, "; and %zu more images", denied - MESSAGE_IMAGES);
	d->message = hm_dup(cx, hm_buf_str(&b));
	d->kept = describe_kept(cx, entries, n);
}

/* The keys of what is to be judged; none where the decision is made already. */
static void make_wanted_keys(struct hm_cx *cx, const struct gate *g, const struct review *r,
			     struct decision *d, struct hm_strs *out)
{
	struct hm_strs images;
	*d = (struct decision){ .allowed = true };
	*out = (struct hm_strs){ 0 };
	if (gate_is_exempt(g, r->namespace))
		return;
	hm_err err = find_wanted_images(cx, r, &images);
	if (err) {
		*d = (struct decision){ .code = 403, .message = hm_cstr(err->why) };
		return;
	}
	/* The brackets stand there even where they are empty: an image may be named "[x]y". */
	for (size_t i = 0; i < images.n; i++)
		*hm_push(cx, out) =
			hm_fmt(cx, "[%.*s]%.*s", HM_FMT(r->namespace), HM_FMT(images.p[i]));
}

static void tell_all(struct hm_cx *cx, struct gate *g, const struct review *r,
		     const struct hm_strs *keys, const struct gate_entry *entries)
{
	for (size_t i = 0; g->config.decided && i < keys->n; i++)
		gate_tell_decided(cx, g, keys->p[i], gate_workload(cx, r->object), &entries[i]);
}

static hm_err decide_review(struct hm_cx *cx, struct gate *g, const struct review *r,
			    struct decision *d)
{
	struct hm_strs keys;
	struct gate_entry *entries;
	make_wanted_keys(cx, g, r, d, &keys);
	if (!keys.n)
		return NULL;
	HM_TRY(gate_answers(cx, g, &keys, &entries));
	weigh_entries(cx, entries, keys.n, d);
	tell_all(cx, g, r, &keys, entries);
	return NULL;
}

bool gate_admit_fast(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out)
{
	struct review r = { 0 };
	struct decision d;
	struct hm_strs keys;
	struct gate_entry entries[FAST_IMAGES];
	if (parse_review(cx, body, &r))
		return false;
	make_wanted_keys(cx, g, &r, &d, &keys);
	if (keys.n > FAST_IMAGES)
		return false;
	for (size_t i = 0; i < keys.n; i++)
		if (!gate_find_answer(cx, g, keys.p[i], &entries[i]))
			return false;
	if (keys.n)
		weigh_entries(cx, entries, keys.n, &d);
	put_review(out, r.uid, &d);
	if (out->over)
		return false;
	tell_all(cx, g, &r, &keys, entries);
	gate_count(g, GATE_N_FAST);
	return true;
}

hm_err gate_admit(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out)
{
	struct review r = { 0 };
	struct decision d;
	HM_TRY(parse_review(cx, body, &r));
	hm_err err = decide_review(cx, g, &r, &d);
	if (err)
		d = (struct decision){ .code = 503, .message = hm_cstr(err->why) };
	put_review(out, r.uid, &d);
	return NULL;
}
