/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of an image that is put on another base. */
#include "repair/rebase.h"

/* ------------------------------------------------------------------ reading */

static struct json diff_ids(const struct repair_built *b)
{
	return json_get(json_get(b->config, "rootfs"), "diff_ids");
}

hm_err repair_built_read(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 const struct oci_platform *platform, struct repair_built *out)
{
	struct hm_str bytes;
	HM_TRY(oci_image(cx, p, d, platform, &out->d, &out->m));
	HM_TRY(oci_fetch(cx, p, &out->m.config, HM_MAX_CONFIG, &bytes));
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_DUPLICATES, &out->config),
		  "image configuration");
	if (json_size(diff_ids(out)) != out->m.layers_n)
		return hm_fail(cx, HM_INPUT, "it has %zu layers, but \"rootfs.diff_ids\" lists %zu",
			       out->m.layers_n, json_size(diff_ids(out)));
	return NULL;
}

size_t repair_built_on(const struct repair_built *image, const struct repair_built *base)
{
	size_t n = json_size(diff_ids(base));
	if (!n || n > json_size(diff_ids(image)))
		return 0;
	struct json_iter a = json_iter(diff_ids(image)), b = json_iter(diff_ids(base));
	for (size_t i = 0; i < n && json_next(&a) && json_next(&b); i++)
		if (!json_str(a.value).n || !hm_eq(json_str(a.value), json_str(b.value)))
			return 0;
	return n;
}

/* ------------------------------------------------------------------ environment and labels */

static struct hm_str env_name(struct hm_str entry)
{
	return hm_cut(&entry, '=');
}

/* The entry of this name; empty: there is none. */
static struct hm_str env_find(struct json env, struct hm_str name)
{
	for (struct json_iter it = json_iter(env); json_next(&it);)
		if (hm_eq(env_name(json_str(it.value)), name))
			return json_str(it.value);
	return HM_STR("");
}

struct sides {
	struct json image, old, now;
};
static struct sides sides_of(struct sides configs, const char *key)
{
	return (struct sides){ json_get(configs.image, key), json_get(configs.old, key),
			       json_get(configs.now, key) };
}

/* What the image has as its old base had it is the new base's to say. */
static void put_env(struct json_out *o, struct sides s)
{
	json_open(o, "Env", '[');
	for (struct json_iter it = json_iter(s.image); json_next(&it);) {
		struct hm_str entry = json_str(it.value), name = env_name(entry);
		bool own = !hm_eq(entry, env_find(s.old, name));
		struct hm_str value = own ? entry : env_find(s.now, name);
		if (value.n)
			json_put_str(o, NULL, value);
	}
	for (struct json_iter it = json_iter(s.now); json_next(&it);)
		if (!env_find(s.image, env_name(json_str(it.value))).n &&
		    !env_find(s.old, env_name(json_str(it.value))).n)
			json_put_json(o, NULL, it.value);
	json_close(o, ']');
}

static void put_labels(struct json_out *o, struct sides s)
{
	json_open(o, "Labels", '{');
	for (struct json_iter it = json_iter(s.image); json_next(&it);) {
		struct json was = json_get_str(s.old, it.key), now = json_get_str(s.now, it.key);
		bool own = !was.v || !hm_eq(json_str(was), json_str(it.value));
		if (!own && !now.v)
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, own ? it.value : now);
	}
	for (struct json_iter it = json_iter(s.now); json_next(&it);) {
		if (json_get_str(s.image, it.key).v || json_get_str(s.old, it.key).v)
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
	json_close(o, '}');
}

/* Written the same. */
static bool is_same(struct json a, struct json b)
{
	HM_AUTO_BUF x = HM_BUF(HM_MAX_CONFIG);
	HM_AUTO_BUF y = HM_BUF(HM_MAX_CONFIG);
	struct json_out to_x = json_out(&x, false), to_y = json_out(&y, false);
	if (!a.v || !b.v)
		return !a.v && !b.v;
	json_put_json(&to_x, NULL, a);
	json_put_json(&to_y, NULL, b);
	return hm_eq(hm_buf_str(&x), hm_buf_str(&y));
}

static bool is_given(struct sides s, const char *key)
{
	struct sides of = sides_of(s, key);
	return !is_same(of.image, of.old);
}

/* Who sets what is started sets its arguments, too: builders forget those of the base then. */
static bool is_from_base(struct sides configs, struct hm_str key)
{
	struct sides s = { json_get_str(configs.image, key), json_get_str(configs.old, key),
			   json_get_str(configs.now, key) };
	return is_same(s.image, s.old) && !(hm_eqz(key, "Cmd") && is_given(configs, "Entrypoint"));
}

/* Environment and labels are put together entry by entry. */
static bool is_whole(struct hm_str key)
{
	return !hm_eqz(key, "Env") && !hm_eqz(key, "Labels");
}

static void put_whole(struct json_out *o, struct sides configs)
{
	for (struct json_iter it = json_iter(configs.image); json_next(&it);) {
		struct json now = json_get_str(configs.now, it.key);
		bool base = is_from_base(configs, it.key);
		if (!is_whole(it.key) || (base && !now.v))
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, base ? now : it.value);
	}
	for (struct json_iter it = json_iter(configs.now); json_next(&it);) {
		if (!is_whole(it.key) || json_get_str(configs.image, it.key).v ||
		    !is_from_base(configs, it.key))
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
}

static void put_run(struct json_out *o, struct sides configs)
{
	struct sides env = sides_of(configs, "Env"), labels = sides_of(configs, "Labels");
	json_open(o, "config", '{');
	put_whole(o, configs);
	if (json_size(env.image) || json_size(env.now))
		put_env(o, env);
	if (json_size(labels.image) || json_size(labels.now))
		put_labels(o, labels);
	json_close(o, '}');
}

/* ------------------------------------------------------------------ layers and their history */

static void put_rest(struct json_out *o, struct json list, size_t from)
{
	size_t i = 0;
	for (struct json_iter it = json_iter(list); json_next(&it); i++)
		if (i >= from)
			json_put_json(o, NULL, it.value);
}

static void put_rootfs(struct json_out *o, const struct repair_built *image,
		       const struct repair_built *old, const struct repair_built *now)
{
	json_open(o, "rootfs", '{');
	json_putz(o, "type", "layers");
	json_open(o, "diff_ids", '[');
	put_rest(o, diff_ids(now), 0);
	put_rest(o, diff_ids(image), old->m.layers_n);
	json_close(o, ']');
	json_close(o, '}');
}

/* Where the image's history begins with its base's; without that there is none to be told. */
static void put_history(struct json_out *o, const struct repair_built *image,
			const struct repair_built *old, const struct repair_built *now)
{
	struct json own = json_get(image->config, "history");
	size_t n = json_size(json_get(old->config, "history"));
	json_open(o, "history", '[');
	put_rest(o, json_get(now->config, "history"), 0);
	if (n <= json_size(own))
		put_rest(o, own, n);
	json_close(o, ']');
}

hm_err repair_rebased_config(struct hm_cx *cx, const struct repair_built *image,
			     const struct repair_built *old, const struct repair_built *now,
			     struct hm_str *out)
{
	HM_AUTO_BUF buf = HM_BUF(HM_MAX_CONFIG);
	struct json_out o = json_out(&buf, false);
	struct sides configs =
		sides_of((struct sides){ image->config, old->config, now->config }, "config");
	struct hm_str text;
	json_open(&o, NULL, '{');
	for (struct json_iter it = json_iter(image->config); json_next(&it);) {
		if (hm_eqz(it.key, "config"))
			put_run(&o, configs);
		else if (hm_eqz(it.key, "rootfs"))
			put_rootfs(&o, image, old, now);
		else if (hm_eqz(it.key, "history"))
			put_history(&o, image, old, now);
		else {
			json_key(&o, it.key);
			json_put_json(&o, NULL, it.value);
		}
	}
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &buf, "the image's configuration", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
