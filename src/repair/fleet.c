/* SPDX-License-Identifier: Apache-2.0 */
/* Which images of which repositories are patched, and what the results are called. */
#include <stdlib.h>

#include "codec/template.h"
#include "codec/yaml.h"
#include "oci/oci.h"
#include "repair/repair.h"

#define API_VERSION "copa.sh/v1alpha1"
#define KIND        "PatchConfig"

static const char *const strategies[] = {
	[REPAIR_TAGS_LIST] = "list",
	[REPAIR_TAGS_PATTERN] = "pattern",
	[REPAIR_TAGS_LATEST] = "latest",
};

/* ------------------------------------------------------------------ the document */

static hm_err read_text(struct hm_cx *cx, struct json object, const char *key, struct hm_str *out)
{
	struct json v = json_get(object, key);
	if (!v.v)
		return NULL;
	if (!json_is_string(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a text (a number needs quotes)", key);
	*out = json_str(v);
	return NULL;
}

static hm_err read_texts(struct hm_cx *cx, struct json object, const char *key, struct hm_strs *out)
{
	struct json v = json_get(object, key);
	if (v.v && !json_is_array(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(
				cx, HM_INPUT,
				"\"%s\" has something that is not a text (a number needs quotes)",
				key);
		*hm_push(cx, out) = json_str(it.value);
	}
	return NULL;
}

static hm_err read_strategy(struct hm_cx *cx, struct json tags, enum repair_tags *out)
{
	struct hm_str name;
	HM_TRY(json_need_str(cx, tags, "strategy", &name));
	for (size_t i = 0; i < HM_LEN(strategies); i++)
		if (hm_eqz(name, strategies[i])) {
			*out = (enum repair_tags)i;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "strategy \"%.*s\" is none of list, pattern, latest",
		       HM_FMT(name));
}

static hm_err read_tags(struct hm_cx *cx, struct json tags, struct repair_fleet_image *out)
{
	static const char *const known[] = { "strategy", "pattern", "maxTags",
					     "list",     "exclude", NULL };
	struct hm_str pattern = { 0 };
	int64_t most = 0;
	if (!json_is_object(tags))
		return hm_fail(cx, HM_INPUT, "there is no \"strategy\"");
	HM_TRY(json_only(cx, tags, known));
	HM_TRY(read_strategy(cx, tags, &out->tags));
	HM_TRY(read_texts(cx, tags, "list", &out->list));
	HM_TRY(read_texts(cx, tags, "exclude", &out->exclude));
	HM_TRY(read_text(cx, tags, "pattern", &pattern));
	if (out->tags == REPAIR_TAGS_LIST && !out->list.n)
		return hm_fail(cx, HM_INPUT, "strategy \"list\" needs a \"list\"");
	if (out->tags == REPAIR_TAGS_PATTERN)
		HM_TRY_IN(cx, regexp_parse_within(cx, pattern, &out->pattern), "\"pattern\"");
	if (json_get(tags, "maxTags").v)
		HM_TRY(json_need_int(cx, tags, "maxTags", &most));
	if (most < 0)
		return hm_fail(cx, HM_INPUT, "\"maxTags\" is negative");
	out->most = (uint64_t)most;
	return NULL;
}

/* Over what stands there already. */
static hm_err read_target(struct hm_cx *cx, struct json target, struct repair_fleet_image *out)
{
	static const char *const known[] = { "registry", "tag", NULL };
	struct hm_str registry = { 0 }, tag = { 0 };
	if (!target.v)
		return NULL;
	if (!json_is_object(target))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(json_only(cx, target, known));
	HM_TRY(read_text(cx, target, "registry", &registry));
	HM_TRY(read_text(cx, target, "tag", &tag));
	if (registry.n)
		out->registry = registry;
	if (tag.n)
		out->tag = tag;
	return NULL;
}

static hm_err read_image(struct hm_cx *cx, struct json image, struct repair_fleet_image *out)
{
	static const char *const known[] = { "name", "image", "tags", "target", "platforms", NULL };
	struct oci_target t;
	if (!json_is_object(image))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(json_only(cx, image, known));
	HM_TRY(json_need_str(cx, image, "image", &out->image));
	out->name = out->image;
	HM_TRY(read_text(cx, image, "name", &out->name));
	HM_TRY(oci_target_parse(cx, out->image, &t));
	if (t.tag.n || t.digest.n || !oci_target_is_place(&t))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a repository: a name without tag",
			       HM_FMT(out->image));
	HM_TRY_IN(cx, read_tags(cx, json_get(image, "tags"), out), "\"tags\"");
	HM_TRY(read_texts(cx, image, "platforms", &out->platforms));
	return read_target(cx, json_get(image, "target"), out);
}

static hm_err check_document(struct hm_cx *cx, struct json doc)
{
	static const char *const known[] = { "apiVersion", "kind", "target", "images", NULL };
	if (!json_is_object(doc) || !hm_eqz(json_str(json_get(doc, "apiVersion")), API_VERSION) ||
	    !hm_eqz(json_str(json_get(doc, "kind")), KIND))
		return hm_fail(cx, HM_INPUT, "it is not a " KIND " of " API_VERSION);
	HM_TRY(json_only(cx, doc, known));
	struct json images = json_get(doc, "images");
	if (!json_is_array(images) || !json_size(images))
		return hm_fail(cx, HM_INPUT, "\"images\" lists nothing");
	if (json_size(images) > HM_MAX_FLEET_IMAGES)
		return hm_fail(cx, HM_LIMIT, "\"images\" lists more than %d",
			       (int)HM_MAX_FLEET_IMAGES);
	return NULL;
}

hm_err repair_fleet_read(struct hm_cx *cx, struct hm_str text, struct repair_fleet *out)
{
	struct repair_fleet_image all = { .tag = HM_STR("{{ .SourceTag }}-patched") };
	struct json doc;
	HM_TRY(yaml_parse(cx, text, &doc));
	HM_TRY(json_refuse_nul(cx, doc));
	HM_TRY(check_document(cx, doc));
	HM_TRY_IN(cx, read_target(cx, json_get(doc, "target"), &all), "\"target\"");
	for (struct json_iter it = json_iter(json_get(doc, "images")); json_next(&it);) {
		struct repair_fleet_image *image = hm_push(cx, out);
		*image = all;
		HM_TRY_IN(cx, read_image(cx, it.value, image), "image %zu", out->n);
	}
	return NULL;
}

/* ------------------------------------------------------------------ tags */

struct version {
	struct hm_str tag;
	uint64_t parts[3];
};

/* "v1", "1.2" and "1.2.3+build"; with a pre-release it is none. */
static bool read_version(struct hm_str tag, struct version *out)
{
	struct hm_str s = tag;
	*out = (struct version){ .tag = tag };
	if (s.n && s.p[0] == 'v')
		s = hm_from(s, 1);
	size_t plus = hm_find_char(s, '+');
	if (plus != SIZE_MAX)
		s.n = plus;
	for (size_t i = 0; i < HM_LEN(out->parts); i++) {
		bool last = hm_find_char(s, '.') == SIZE_MAX;
		struct hm_str part = hm_cut(&s, '.');
		if (!part.n || !hm_u64(part, UINT64_MAX, &out->parts[i]))
			return false;
		if (last)
			return true;
	}
	return false;
}

static int compare_versions(const void *a, const void *b)
{
	const struct version *x = a, *y = b;
	for (size_t i = 0; i < HM_LEN(x->parts); i++)
		if (x->parts[i] != y->parts[i])
			return x->parts[i] < y->parts[i] ? -1 : 1;
	return hm_cmp(x->tag, y->tag);
}

static bool is_meant(struct hm_cx *cx, const struct repair_fleet_image *image, struct hm_str tag)
{
	return !hm_strs_has(&image->exclude, tag) &&
	       (image->tags == REPAIR_TAGS_LATEST || regexp_match(cx, &image->pattern, tag));
}

void repair_fleet_tags(struct hm_cx *cx, const struct repair_fleet_image *image,
		       const struct hm_strs *all, struct hm_strs *out)
{
	struct version *versions = hm_new(cx, struct version, all->n + 1);
	struct hm_strs others = { 0 };
	size_t n = 0, most = image->most && image->most < SIZE_MAX ? (size_t)image->most : SIZE_MAX;
	if (image->tags == REPAIR_TAGS_LIST) {
		*out = image->list;
		return;
	}
	for (size_t i = 0; i < all->n; i++) {
		if (!is_meant(cx, image, all->p[i]) || oci_is_digest_tag(all->p[i]))
			continue;
		if (read_version(all->p[i], &versions[n]))
			n++;
		else
			*hm_push(cx, &others) = all->p[i];
	}
	qsort(versions, n, sizeof(*versions), compare_versions);
	if (image->tags == REPAIR_TAGS_LATEST) {
		most = 1;
		others.n = 0;
	}
	for (size_t i = n > most ? n - most : 0; i < n; i++)
		*hm_push(cx, out) = versions[i].tag;
	for (size_t i = others.n > most ? others.n - most : 0; i < others.n && !n; i++)
		*hm_push(cx, out) = others.p[i];
}

/* ------------------------------------------------------------------ names */

static struct hm_str last_part(struct hm_str name)
{
	while (hm_ends(name, HM_STR("/")))
		name.n--;
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/' || name.p[i - 1] == ':')
			return hm_from(name, i);
	return name;
}

static hm_err make_tag(struct hm_cx *cx, struct hm_str text, struct hm_str tag, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	HM_AUTO_BUF data = HM_BUF(HM_KIB);
	const struct template *t;
	struct json_out o = json_out(&data, false);
	struct json doc;
	struct hm_str made;
	HM_TRY(template_parse(cx, text, &t));
	json_open(&o, NULL, '{');
	json_put_str(&o, "SourceTag", tag);
	json_close(&o, '}');
	HM_TRY(json_parse(cx, hm_dup(cx, hm_buf_str(&data)), JSON_STRICT, &doc));
	HM_TRY(template_run(cx, t, doc, &b));
	HM_TRY(hm_buf_end(cx, &b, "the tag", &made));
	*out = hm_dup(cx, made);
	return NULL;
}

hm_err repair_fleet_target(struct hm_cx *cx, const struct repair_fleet_image *image,
			   struct hm_str tag, struct hm_str *out_place, struct hm_str *out_tag)
{
	struct hm_str registry = image->registry;
	HM_TRY_IN(cx, make_tag(cx, image->tag, tag, out_tag), "\"target.tag\"");
	while (hm_ends(registry, HM_STR("/")))
		registry.n--;
	*out_place = registry.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(registry),
					 HM_FMT(last_part(image->image)))
				: image->image;
	return NULL;
}

/* The number behind "first-"; 0 of `first` itself; false: another tag. */
static bool read_number(struct hm_str first, struct hm_str tag, uint64_t *out)
{
	*out = 0;
	if (hm_eq(tag, first))
		return true;
	if (!hm_starts(tag, first) || tag.n < first.n + 2 || tag.p[first.n] != '-')
		return false;
	/* "-386" is an architecture, "-01" is somebody's own */
	struct hm_str digits = hm_from(tag, first.n + 1);
	return !hm_eqz(digits, "386") && digits.p[0] != '0' && hm_u64(digits, UINT32_MAX, out);
}

void repair_fleet_next(struct hm_cx *cx, struct hm_str first, const struct hm_strs *all,
		       struct hm_str *out_last, struct hm_str *out_next)
{
	uint64_t n, most = 0;
	*out_last = HM_STR("");
	*out_next = first;
	for (size_t i = 0; i < all->n; i++) {
		if (!read_number(first, all->p[i], &n) || (out_last->n && n < most))
			continue;
		most = n;
		*out_last = all->p[i];
	}
	if (out_last->n)
		*out_next = hm_fmt(cx, "%.*s-%llu", HM_FMT(first), (unsigned long long)most + 1);
	if (most + 1 == 386)
		*out_next = hm_fmt(cx, "%.*s-387", HM_FMT(first));
}
