/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

/* Where the pod specification stands in each kind (Kubernetes API reference, "Workload
 * Resources"). */
struct kind {
	const char *name;
	const char *path[6]; /* to the pod's spec, ended by NULL */
};

/* clang-format off */
static const struct kind kinds[] = {
	{ "CronJob",               { "spec", "jobTemplate", "spec", "template", "spec", NULL } },
	{ "DaemonSet",             { "spec", "template", "spec", NULL } },
	{ "Deployment",            { "spec", "template", "spec", NULL } },
	{ "Job",                   { "spec", "template", "spec", NULL } },
	{ "Pod",                   { "spec", NULL } },
	{ "PodTemplate",           { "template", "spec", NULL } },
	{ "ReplicaSet",            { "spec", "template", "spec", NULL } },
	{ "ReplicationController", { "spec", "template", "spec", NULL } },
	{ "StatefulSet",           { "spec", "template", "spec", NULL } },
};
/* clang-format on */

static hm_err add_image(struct hm_cx *cx, struct gate_uses *to, const char *list,
			struct hm_str name, struct json image, bool needed)
{
	if (to->n >= HM_MAX_POD_CONTAINERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu containers in one object",
			       (unsigned long long)HM_MAX_POD_CONTAINERS);
	if (json_is_there(image) && !json_is_null(image) && !json_is_string(image))
		return hm_fail(cx, HM_INPUT, "%s: the image is not a string", list);
	struct hm_str text = json_str(image);
	if (needed && !text.n)
		return hm_fail(cx, HM_INPUT, "%s: a container has no image", list);
	*hm_push(cx, to) = (struct gate_use){ list, name, text };
	return NULL;
}

/* An array of objects, or nothing. */
static hm_err need_array(struct hm_cx *cx, struct json v, const char *where, bool *out_there)
{
	*out_there = json_is_array(v);
	if (!*out_there && json_is_there(v) && !json_is_null(v))
		return hm_fail(cx, HM_INPUT, "%s is not an array", where);
	return NULL;
}

/* needed: in a Pod every container has an image; a template may leave it to others to fill in. */
static hm_err add_pod(struct hm_cx *cx, struct gate_uses *to, struct json spec, bool needed)
{
	static const char *const lists[] = { "initContainers", "containers",
					     "ephemeralContainers" };
	bool there;
	/* every pod has some; a key in another spelling does not count */
	if (json_size(json_get(spec, "containers")) == 0)
		return hm_fail(cx, HM_INPUT, "\"containers\" is missing or empty");
	for (size_t i = 0; i < HM_LEN(lists); i++) {
		struct json list = json_get(spec, lists[i]);
		HM_TRY(need_array(cx, list, lists[i], &there));
		if (!there)
			continue;
		for (struct json_iter it = json_iter(list); json_next(&it);) {
			if (!json_is_object(it.value))
				return hm_fail(cx, HM_INPUT, "%s: not an object", lists[i]);
			HM_TRY(add_image(cx, to, lists[i], json_str(json_get(it.value, "name")),
					 json_get(it.value, "image"), needed));
		}
	}
	struct json volumes = json_get(spec, "volumes");
	HM_TRY(need_array(cx, volumes, "volumes", &there));
	if (!there)
		return NULL;
	for (struct json_iter it = json_iter(volumes); json_next(&it);) {
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT, "volumes: not an object");
		struct json image = json_get(it.value, "image");
		struct hm_str name = json_str(json_get(it.value, "name"));
		if (json_is_object(image))
			HM_TRY(add_image(cx, to, "volumes", name, json_get(image, "reference"),
					 false));
		else if (json_is_there(image) && !json_is_null(image))
			return hm_fail(cx, HM_INPUT, "volumes: the image is not an object");
	}
	return NULL;
}

static hm_err add_object(struct hm_cx *cx, struct gate_uses *to, struct json object,
			 struct hm_str kind)
{
	for (size_t i = 0; i < HM_LEN(kinds); i++) {
		if (!hm_eqz(kind, kinds[i].name))
			continue;
		struct json at = object;
		for (const char *const *step = kinds[i].path; *step; step++) {
			at = json_get(at, *step);
			if (!json_is_object(at))
				return hm_fail(cx, HM_INPUT,
					       "%s: \"%s\" is missing or not an object",
					       kinds[i].name, *step);
		}
		return add_pod(cx, to, at, hm_eqz(kind, "Pod"));
	}
	return NULL;
}

static hm_err add_list(struct hm_cx *cx, struct gate_uses *to, struct json list, struct hm_str kind)
{
	struct json items = json_get(list, "items");
	bool there;
	HM_TRY(need_array(cx, items, "items", &there));
	if (!there)
		return NULL;
	/* Items of a typed list ("PodList") need not say their kind. */
	struct hm_str common = hm_sub(kind, 0, kind.n - 4);
	for (struct json_iter it = json_iter(items); json_next(&it);) {
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT, "%.*s: an item is not an object",
				       HM_FMT(kind));
		struct hm_str own = json_str(json_get(it.value, "kind"));
		if (hm_ends(own, HM_STR("List")) && json_is_array(json_get(it.value, "items")))
			return hm_fail(cx, HM_INPUT, "%.*s: a list within a list", HM_FMT(kind));
		HM_TRY(add_object(cx, to, it.value, own.n ? own : common));
	}
	return NULL;
}

hm_err gate_uses_of(struct hm_cx *cx, struct json object, struct gate_uses *out)
{
	struct gate_uses uses = { 0 };
	struct hm_str kind;
	if (!json_is_object(object))
		return hm_fail(cx, HM_INPUT, "not a Kubernetes object");
	HM_TRY(json_need_str(cx, object, "kind", &kind));
	if (hm_ends(kind, HM_STR("List")))
		HM_TRY(add_list(cx, &uses, object, kind));
	else
		HM_TRY(add_object(cx, &uses, object, kind));
	*out = uses;
	return NULL;
}

hm_err gate_images(struct hm_cx *cx, struct json object, struct hm_strs *out,
		   struct hm_str *out_namespace)
{
	struct gate_uses uses;
	HM_TRY(gate_uses_of(cx, object, &uses));
	*out = gate_uses_images(cx, &uses, NULL);
	*out_namespace = json_str(json_get(json_get(object, "metadata"), "namespace"));
	return NULL;
}

struct hm_str gate_workload(struct hm_cx *cx, struct json object)
{
	struct json meta = json_get(object, "metadata");
	struct hm_str kind = json_str(json_get(object, "kind"));
	struct hm_str name = json_str(json_get(meta, "name"));
	if (!name.n)
		name = json_str(json_get(meta, "generateName"));
	return kind.n && name.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(kind), HM_FMT(name)) : kind;
}

/* What runs where, so that two are equal where nothing new runs: the image as containerd reads its
 * name, for which a tag beside a digest means nothing. */
static struct hm_str make_place_key(struct hm_cx *cx, const struct gate_use *u)
{
	HM_AUTO_BUF b = HM_BUF(SIZE_MAX);
	struct oci_target t;
	hm_buf_counted(&b, hm_cstr(u->list));
	hm_buf_counted(&b, u->name);
	if (gate_reference(cx, u->image, &t)) {
		hm_buf_counted(&b, u->image);
		return hm_dup(cx, hm_buf_str(&b));
	}
	hm_buf_counted(&b, t.registry);
	hm_buf_counted(&b, t.repository);
	hm_buf_counted(&b, t.digest.n ? t.digest : t.tag.n ? t.tag : HM_STR("latest"));
	return hm_dup(cx, hm_buf_str(&b));
}

struct hm_strs gate_uses_images(struct hm_cx *cx, const struct gate_uses *uses,
				const struct gate_uses *before)
{
	struct hm_strs images = { 0 };
	struct hm_map known = { 0 }, seen = { 0 };
	for (size_t i = 0; before && i < before->n; i++)
		hm_map_put(cx, &known, make_place_key(cx, &before->p[i]), &known);
	for (size_t i = 0; i < uses->n; i++) {
		const struct gate_use *u = &uses->p[i];
		if (!u->image.n || hm_map_has(&seen, u->image) ||
		    (before && hm_map_has(&known, make_place_key(cx, u))))
			continue;
		hm_map_put(cx, &seen, u->image, &seen);
		*hm_push(cx, &images) = u->image;
	}
	return images;
}
