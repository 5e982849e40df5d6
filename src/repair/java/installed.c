/* SPDX-License-Identifier: Apache-2.0 */
/* Which jars an image has, what names them, and which of them are not ours to replace. */
#include "repair/java/java.h"

static bool is_jar(const struct repair_node *n)
{
	return !n->is_gone && n->type == TAR_FILE && n->java.n && hm_is_utf8(n->path) &&
	       inventory_is_archive(n->path);
}

/* It was not looked into. */
static bool is_too_large(const struct repair_node *n)
{
	return !n->is_gone && n->type == TAR_FILE && !n->java.n && hm_is_utf8(n->path) &&
	       inventory_is_archive(n->path) && n->size > HM_MAX_REPAIR_JAR;
}

bool repair_java_is_there(const struct repair_root *root)
{
	for (size_t i = 0; i < root->nodes.n; i++)
		if (is_jar(root->nodes.entries[i].value))
			return true;
	return false;
}

/* ------------------------------------------------------------------ what names them */

static void add_name(struct hm_cx *cx, struct java_installed *all, struct hm_str name,
		     struct hm_str by)
{
	*hm_push(cx, &all->names) = (struct java_name){ hm_basename(name), by };
}

static void add_names_of(struct hm_cx *cx, struct java_installed *all, struct hm_str text,
			 const char *by)
{
	struct hm_strs names = { 0 };
	repair_java_names(cx, text, &names);
	for (size_t i = 0; i < names.n; i++)
		add_name(cx, all, names.p[i], hm_cstr(by));
}

/* What the image starts, and with what. */
static void add_settings(struct hm_cx *cx, struct java_installed *all, struct json config)
{
	static const struct {
		const char *key, *inner, *by;
	} rows[] = { { "Entrypoint", NULL, "the image's Entrypoint" },
		     { "Cmd", NULL, "the image's Cmd" },
		     { "Env", NULL, "the image's Env" },
		     { "Healthcheck", "Test", "the image's Healthcheck" } };
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct json list = json_get(config, rows[i].key);
		if (rows[i].inner)
			list = json_get(list, rows[i].inner);
		if (json_is_string(list))
			add_names_of(cx, all, json_str(list), rows[i].by);
		for (struct json_iter it = json_iter(list); json_next(&it);)
			add_names_of(cx, all, json_str(it.value), rows[i].by);
	}
}

/* Class-Path has URLs (JAR File Specification): "a%2Bb.jar". */
static struct hm_str decoded(struct hm_cx *cx, struct hm_str url)
{
	char *to = hm_dupz(cx, url);
	size_t n = 0;
	for (size_t i = 0; i < url.n; i++) {
		bool escaped = url.p[i] == '%' && i + 2 < url.n &&
			       hm_hex_digit(url.p[i + 1]) >= 0 && hm_hex_digit(url.p[i + 2]) >= 0;
		to[n++] = escaped ? (char)(hm_hex_digit(url.p[i + 1]) * 16 +
					   hm_hex_digit(url.p[i + 2]))
				  : url.p[i];
		i += escaped ? 2 : 0;
	}
	struct hm_str name = hm_bytes(to, n);
	return hm_is_utf8(name) && !hm_has_control(name) ? name : HM_STR("");
}

static void add_class_path(struct hm_cx *cx, struct java_installed *all, struct json look,
			   struct hm_str path)
{
	for (struct json_iter it = json_iter(json_get(look, "classPath")); json_next(&it);)
		add_name(cx, all, decoded(cx, json_str(it.value)),
			 hm_fmt(cx, "the Class-Path of \"/%.*s\"", HM_FMT(path)));
}

static void add_node_names(struct hm_cx *cx, struct java_installed *all,
			   const struct repair_node *n)
{
	struct hm_str by = hm_fmt(cx, "\"/%.*s\"", HM_FMT(n->path));
	if (n->is_gone || !hm_is_utf8(n->path) || !hm_is_utf8(n->link))
		return;
	if (n->type == TAR_SYMLINK && inventory_is_archive(n->link))
		add_name(cx, all, n->link, by);
	for (struct hm_str rest = n->java; n->type == TAR_FILE && !is_jar(n) && rest.n;)
		add_name(cx, all, hm_line(&rest), by);
}

/* ------------------------------------------------------------------ what runs them */

/* JAVA_VERSION="1.8.0_392" or "17.0.9" (JEP 223). */
static uint64_t read_release(struct hm_str text)
{
	static const struct hm_str head = HM_STR_INIT("JAVA_VERSION=");
	uint64_t feature = 0;
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text));
		if (!hm_starts(line, head))
			continue;
		line = hm_from(line, head.n);
		if (hm_starts(line, HM_STR("\"")))
			line = hm_from(line, 1);
		if (hm_starts(line, HM_STR("1.")))
			line = hm_from(line, 2);
		size_t n = 0;
		while (n < line.n && hm_is_digit(line.p[n]))
			n++;
		return hm_u64(hm_sub(line, 0, n), 1000, &feature) ? feature : 0;
	}
	return 0;
}

static uint64_t java_in(const struct repair_root *root, struct hm_cx *cx, struct hm_str folder)
{
	const struct repair_node *n =
		repair_root_at(root, hm_fmt(cx, "%.*s/release", HM_FMT(folder)));
	return n && n->type == TAR_FILE && n->is_kept ? read_release(n->content) : 0;
}

static void find_java(const struct repair_root *root, struct java_installed *all)
{
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		if (n->is_gone || n->type != TAR_FILE || !n->is_kept ||
		    !hm_eqz(hm_basename(n->path), "release"))
			continue;
		uint64_t java = read_release(n->content);
		if (java && (!all->java || java < all->java))
			all->java = java;
	}
}

/* ------------------------------------------------------------------ whose they are */

static struct hm_str why_held(struct hm_cx *cx, const struct repair_run *run, struct hm_str path)
{
	struct hm_str owner = repair_language_owner(run->o, HM_STR("maven"), path);
	if (owner.n)
		return hm_fmt(cx, "it is part of %.*s", HM_FMT(owner));
	for (struct hm_str dir = hm_dirname(path); dir.n; dir = hm_dirname(dir))
		if (java_in(&run->root, cx, dir))
			return hm_fmt(cx, "it is part of the Java in \"/%.*s\"", HM_FMT(dir));
	return HM_STR("");
}

static int by_path(const void *a, const void *b)
{
	const struct java_jar *x = a, *y = b;
	return hm_cmp(x->path, y->path);
}

/* ------------------------------------------------------------------ the jars */

/* Without what is said of those in it. */
static hm_err look_of_itself(struct hm_cx *cx, struct json look, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	for (struct json_iter it = json_iter(look); json_next(&it);) {
		if (hm_eqz(it.key, "nested") || hm_eqz(it.key, "indexed"))
			continue;
		json_key(&o, it.key);
		json_put_json(&o, NULL, it.value);
	}
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "what a jar says of itself", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* Where several things have one path, or a file has several, nothing is replaced. */
static hm_err add_nested(struct hm_cx *cx, struct java_installed *all,
			 const struct repair_root *root, const struct java_jar *outer,
			 struct json v)
{
	struct java_jar jar = { .outer = outer->path,
				.entry = json_str(json_get(v, "entry")),
				.look = json_str(json_get(v, "look")),
				.held = outer->held,
				.node = outer->node };
	struct json look;
	jar.path = hm_fmt(cx, "%.*s!/%.*s", HM_FMT(outer->path), HM_FMT(jar.entry));
	HM_TRY(json_parse(cx, jar.look, JSON_STRICT, &look));
	if (!jar.entry.n || !inventory_is_archive(jar.entry))
		return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
	if (!jar.held.n && outer->node->is_linked)
		jar.held =
			hm_fmt(cx, "it lies inside \"/%.*s\", which has other names (hard links)",
			       HM_FMT(outer->path));
	if (!jar.held.n && repair_root_at(root, jar.path))
		jar.held = HM_STR("a file of the image has the same path");
	add_class_path(cx, all, look, jar.path);
	*hm_push(cx, all) = jar;
	return NULL;
}

static hm_err add_jar(struct hm_cx *cx, struct java_installed *all, const struct repair_run *run,
		      const struct repair_node *n)
{
	struct java_jar jar = { .path = n->path, .node = n };
	struct json look;
	jar.held = why_held(cx, run, n->path);
	HM_TRY(json_parse(cx, n->java, JSON_STRICT, &look));
	HM_TRY(look_of_itself(cx, look, &jar.look));
	add_class_path(cx, all, look, n->path);
	*hm_push(cx, all) = jar;
	for (struct json_iter it = json_iter(json_get(look, "indexed")); json_next(&it);)
		add_name(cx, all, json_str(json_get(it.value, "name")),
			 hm_fmt(cx, "\"/%.*s!/%.*s\"", HM_FMT(n->path),
				HM_FMT(json_str(json_get(it.value, "by")))));
	for (struct json_iter it = json_iter(json_get(look, "nested")); json_next(&it);)
		HM_TRY(add_nested(cx, all, &run->root, &jar, it.value));
	return NULL;
}

hm_err repair_java_installed(struct hm_cx *cx, const struct repair_run *run,
			     struct java_installed *out)
{
	const struct repair_root *root = &run->root;
	find_java(root, out);
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		add_node_names(cx, out, n);
		if (is_jar(n))
			HM_TRY_IN(cx, add_jar(cx, out, run, n), "\"%.*s\"", HM_FMT(n->path));
		if (is_too_large(n))
			*hm_push(cx, out) = (struct java_jar){
				.path = n->path,
				.look = hm_fmt(cx, "{\"why\": \"it is larger than %llu bytes\"}",
					       (unsigned long long)HM_MAX_REPAIR_JAR),
				.node = n
			};
		HM_TRY(hm_alive(cx));
	}
	add_settings(cx, out, run->config);
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), by_path);
	return NULL;
}
