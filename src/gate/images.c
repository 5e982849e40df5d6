/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

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

struct found {
	struct hm_strs *to;
	struct hm_map seen;
	size_t containers;
};

static hm_err add_image(struct hm_cx *cx, struct found *f, struct json image, bool needed,
			const char *where)
{
	if (++f->containers > HM_MAX_POD_CONTAINERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu containers in one object",
			       (unsigned long long)HM_MAX_POD_CONTAINERS);
	if (json_is_there(image) && !json_is_null(image) && !json_is_string(image))
		return hm_fail(cx, HM_INPUT, "%s: the image is not a string", where);
	struct hm_str name = json_str(image);
	if (!name.n)
		return needed ? hm_fail(cx, HM_INPUT, "%s: a container names no image", where)
			      : NULL;
	if (hm_map_has(&f->seen, name))
		return NULL;
	hm_map_put(cx, &f->seen, name, f);
	*hm_push(cx, f->to) = name;
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
static hm_err add_pod(struct hm_cx *cx, struct found *f, struct json spec, bool needed)
{
	static const char *const lists[] = { "initContainers", "containers",
					     "ephemeralContainers" };
	bool there;
	/* no pod is without; another spelling of the word is none */
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
			HM_TRY(add_image(cx, f, json_get(it.value, "image"), needed, lists[i]));
		}
	}
	struct json volumes = json_get(spec, "volumes");
	HM_TRY(need_array(cx, volumes, "volumes", &there));
	if (!there)
		return NULL;
	for (struct json_iter it = json_iter(volumes); json_next(&it);) {
		struct json image = json_get(it.value, "image");
		if (json_is_object(image))
			HM_TRY(add_image(cx, f, json_get(image, "reference"), false, "volumes"));
		else if (json_is_there(image) && !json_is_null(image))
			return hm_fail(cx, HM_INPUT, "volumes: the image is not an object");
	}
	return NULL;
}

static hm_err add_object(struct hm_cx *cx, struct found *f, struct json object, struct hm_str kind)
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
		return add_pod(cx, f, at, hm_eqz(kind, "Pod"));
	}
	return NULL;
}

static hm_err add_list(struct hm_cx *cx, struct found *f, struct json list, struct hm_str kind)
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
		HM_TRY(add_object(cx, f, it.value, own.n ? own : common));
	}
	return NULL;
}

hm_err gate_images(struct hm_cx *cx, struct json object, struct hm_strs *out,
		   struct hm_str *out_namespace)
{
	struct hm_strs images = { 0 };
	struct found f = { .to = &images };
	if (!json_is_object(object))
		return hm_fail(cx, HM_INPUT, "not a Kubernetes object");
	struct hm_str kind;
	HM_TRY(json_need_str(cx, object, "kind", &kind));
	if (hm_ends(kind, HM_STR("List")))
		HM_TRY(add_list(cx, &f, object, kind));
	else
		HM_TRY(add_object(cx, &f, object, kind));
	*out = images;
	*out_namespace = json_str(json_get(json_get(object, "metadata"), "namespace"));
	return NULL;
}
