/* SPDX-License-Identifier: Apache-2.0 */
/* The validating admission webhook (Kubernetes, "Dynamic Admission Control",
 * admission.k8s.io/v1). */
#include "gate/pipeline.h"

enum { MESSAGE_BYTES = 16 << 10, MESSAGE_IMAGES = 8 };

/* What of a review matters. */
struct review {
	struct hm_str uid, space;
	struct json object, old_object;
	bool is_delete;
};

static hm_err parse_review(struct hm_cx *cx, struct hm_str body, struct review *out)
{
	struct json doc, request;
	struct hm_str kind, version, operation;
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
	HM_TRY_IN(cx, json_need_str(cx, request, "operation", &operation), "request");
	r.is_delete = hm_eqz(operation, "DELETE");
	r.space = json_str(json_get(request, "namespace"));
	r.object = json_get(request, "object");
	r.old_object = json_get(request, "oldObject");
	*out = r;
	return NULL;
}

struct decision {
	bool allowed;
	int code;
	struct hm_str message;
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

/* While an object is being deleted its finalizers are taken off by updates: images that it had
 * before do not stand in the way, new ones do. */
static hm_err drop_known(struct hm_cx *cx, const struct review *r, struct hm_strs *images)
{
	struct json meta = json_get(r->object, "metadata");
	struct hm_strs before, left = { 0 };
	struct hm_str space;
	if (!json_is_string(json_get(meta, "deletionTimestamp")) || !json_is_object(r->old_object))
		return NULL;
	HM_TRY(gate_images(cx, r->old_object, &before, &space));
	for (size_t i = 0; i < images->n; i++)
		if (!hm_strs_has(&before, images->p[i]))
			*hm_push(cx, &left) = images->p[i];
	*images = left;
	return NULL;
}

static hm_err wanted_images(struct hm_cx *cx, const struct review *r, struct hm_strs *out)
{
	struct hm_str space;
	HM_TRY_IN(cx, gate_images(cx, r->object, out, &space), "object");
	return drop_known(cx, r, out);
}

static void weigh(struct hm_cx *cx, const struct gate_entry *entries, size_t n, struct decision *d)
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
}

static hm_err decide(struct hm_cx *cx, struct gate *g, const struct review *r, struct decision *d)
{
	*d = (struct decision){ .allowed = true };
	if (r->is_delete || gate_is_exempt(g, r->space))
		return NULL;
	struct hm_strs images, keys = { 0 };
	hm_err err = wanted_images(cx, r, &images);
	if (err) {
		*d = (struct decision){ .code = 403, .message = hm_cstr(err->why) };
		return NULL;
	}
	for (size_t i = 0; i < images.n; i++)
		*hm_push(cx, &keys) =
			r->space.n ? hm_fmt(cx, "[%.*s]%.*s", HM_FMT(r->space), HM_FMT(images.p[i]))
				   : images.p[i];
	struct gate_entry *entries;
	HM_TRY(gate_answers(cx, g, &keys, &entries));
	weigh(cx, entries, keys.n, d);
	return NULL;
}

hm_err gate_admit(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out)
{
	struct review r = { 0 };
	struct decision d;
	HM_TRY(parse_review(cx, body, &r));
	hm_err err = decide(cx, g, &r, &d);
	if (err)
		d = (struct decision){ .code = 503, .message = hm_cstr(err->why) };
	put_review(out, r.uid, &d);
	return NULL;
}
