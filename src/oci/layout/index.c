/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/layout.h"

hm_err oci_layout_version_check(struct hm_cx *cx, struct hm_str bytes)
{
	struct json doc;
	struct hm_str version;
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &doc), "oci-layout");
	HM_TRY_IN(cx, json_need_str(cx, doc, "imageLayoutVersion", &version), "oci-layout");
	if (!hm_eqz(version, "1.0.0"))
		return hm_fail(cx, HM_INPUT, "oci-layout: version \"%.*s\" is not 1.0.0",
			       HM_FMT(hm_sub(version, 0, 100)));
	return NULL;
}

/* What could not be read again is not written either. */
static hm_err too_many(struct hm_cx *cx)
{
	return hm_fail(cx, HM_LIMIT, "index.json: more than %llu entries",
		       (unsigned long long)HM_MAX_LAYOUT_ENTRIES);
}

hm_err oci_layout_entry_parse(struct hm_cx *cx, struct json v, struct layout_entry *out)
{
	struct layout_entry e = { .raw = v };
	HM_TRY(oci_descriptor_parse(cx, v, &e.d));
	e.name = oci_annotation_get(&e.d.annotations, OCI_REF_NAME);
	*out = e;
	return NULL;
}

hm_err oci_layout_index_parse(struct hm_cx *cx, struct hm_str bytes, struct layout_index *out)
{
	struct layout_index x = { 0 };
	int64_t version;
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &x.doc), "index.json");
	HM_TRY_IN(cx, json_need_int(cx, x.doc, "schemaVersion", &version), "index.json");
	if (version != 2)
		return hm_fail(cx, HM_INPUT, "index.json: schema version %lld is not 2",
			       (long long)version);
	struct json list = json_get(x.doc, "manifests"), type = json_get(x.doc, "mediaType");
	if (json_is_there(type) && !hm_eqz(json_str(type), OCI_INDEX))
		return hm_fail(cx, HM_INPUT, "index.json: it is not an image index");
	if (!json_is_array(list) && !json_is_null(list))
		return hm_fail(cx, HM_INPUT, "index.json: \"manifests\" is not an array");
	size_t n = json_size(list);
	if (n > HM_MAX_LAYOUT_ENTRIES)
		return too_many(cx);
	HM_TRY(hm_charge(cx, n * sizeof(struct layout_entry)));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct layout_entry *e = hm_push(cx, &x);
		HM_TRY_IN(cx, oci_layout_entry_parse(cx, it.value, e), "index.json: entry %zu",
			  x.n);
	}
	*out = x;
	return NULL;
}

/* The entry as it was, but for its name. */
static void put_renamed(struct json_out *o, const struct layout_entry *e)
{
	json_open(o, NULL, '{');
	for (struct json_iter it = json_iter(e->raw); json_next(&it);) {
		if (hm_eqz(it.key, "annotations"))
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
	bool any = e->name.n > 0;
	for (size_t i = 0; i < e->d.annotations.n; i++)
		any = any || !hm_eqz(e->d.annotations.p[i].key, OCI_REF_NAME);
	if (any)
		json_open(o, "annotations", '{');
	for (size_t i = 0; i < e->d.annotations.n; i++) {
		if (hm_eqz(e->d.annotations.p[i].key, OCI_REF_NAME))
			continue;
		json_key(o, e->d.annotations.p[i].key);
		json_put_str(o, NULL, e->d.annotations.p[i].value);
	}
	json_put_given(o, OCI_REF_NAME, e->name);
	if (any)
		json_close(o, '}');
	json_close(o, '}');
}

static void put_entry(struct hm_cx *cx, struct json_out *o, const struct layout_entry *e)
{
	if (e->removed)
		return;
	if (e->raw.v && !e->renamed) {
		json_put_json(o, NULL, e->raw);
		return;
	}
	if (e->raw.v) {
		put_renamed(o, e);
		return;
	}
	struct oci_descriptor d = e->d;
	struct oci_annotation name = { HM_STR(OCI_REF_NAME), e->name };
	if (e->name.n)
		d.annotations = (struct oci_annotations){ .p = &name, .n = 1 };
	oci_descriptor_put(cx, o, NULL, &d);
}

hm_err oci_layout_entry_format(struct hm_cx *cx, const struct layout_entry *e, struct hm_str *out)
{
	struct hm_str text;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_LAYOUT_INDEX);
	struct json_out o = json_out(&b, false);
	put_entry(cx, &o, e);
	HM_TRY(hm_buf_end(cx, &b, "index.json", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static void put_other_members(struct json_out *o, struct json doc)
{
	for (struct json_iter it = json_iter(doc); json_next(&it);) {
		if (hm_eqz(it.key, "schemaVersion") || hm_eqz(it.key, "mediaType") ||
		    hm_eqz(it.key, "manifests"))
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
}

hm_err oci_layout_tail_format(struct hm_cx *cx, const struct layout_index *x, struct hm_str *out)
{
	struct hm_str text;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_LAYOUT_INDEX);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	put_other_members(&o, x->doc);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "index.json", &text));
	*out = hm_fmt(cx, text.n > 2 ? "],%.*s" : "]%.*s", HM_FMT(hm_from(text, 1)));
	return NULL;
}

hm_err oci_layout_index_format(struct hm_cx *cx, const struct layout_index *x, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_LAYOUT_INDEX);
	struct json_out o = json_out(&b, false);
	size_t n = 0;
	for (size_t i = 0; i < x->n; i++)
		n += !x->p[i].removed;
	if (n > HM_MAX_LAYOUT_ENTRIES)
		return too_many(cx);
	json_open(&o, NULL, '{');
	json_put_int(&o, "schemaVersion", 2);
	json_putz(&o, "mediaType", OCI_INDEX);
	json_open(&o, "manifests", '[');
	for (size_t i = 0; i < x->n; i++)
		put_entry(cx, &o, &x->p[i]);
	json_close(&o, ']');
	put_other_members(&o, x->doc);
	json_close(&o, '}');
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, &b, "index.json", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static void rename_entry(struct layout_index *x, struct layout_entry *e, struct hm_str name)
{
	e->name = name;
	e->renamed = true;
	x->changed = true;
}

static size_t count_entries(const struct layout_index *x, struct hm_str digest)
{
	size_t n = 0;
	for (size_t i = 0; i < x->n; i++)
		n += !x->p[i].removed && hm_eq(x->p[i].d.digest, digest);
	return n;
}

void oci_layout_index_put(struct hm_cx *cx, struct layout_index *x, const struct oci_descriptor *d,
			  struct hm_str name)
{
	struct layout_entry *untagged = NULL, *same = NULL;
	for (size_t i = 0; i < x->n; i++) {
		struct layout_entry *e = &x->p[i];
		bool ours = hm_eq(e->d.digest, d->digest);
		if (e->removed)
			continue;
		if (ours && hm_eq(e->name, name))
			same = e;
		if (ours && e->name.n == 0)
			untagged = e;
		if (ours || name.n == 0 || !hm_eq(e->name, name))
			continue;
		if (count_entries(x, e->d.digest) > 1) {
			e->removed = true; /* it stays listed under another name */
			x->changed = true;
		} else {
			rename_entry(x, e, HM_STR(""));
		}
	}
	if (same || (name.n == 0 && count_entries(x, d->digest)))
		return;
	if (untagged) {
		rename_entry(x, untagged, name);
		return;
	}
	struct layout_entry *e = hm_push(cx, x);
	*e = (struct layout_entry){ .d = *d, .name = name };
	e->d.annotations = (struct oci_annotations){ 0 };
	e->d.data = HM_STR("");
	x->changed = true;
}

bool oci_layout_index_remove(struct layout_index *x, struct hm_str digest)
{
	bool any = false;
	for (size_t i = 0; i < x->n; i++)
		if (!x->p[i].removed && hm_eq(x->p[i].d.digest, digest))
			any = x->p[i].removed = x->changed = true;
	return any;
}
