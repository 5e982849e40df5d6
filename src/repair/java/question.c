/* SPDX-License-Identifier: Apache-2.0 */
/* What the planner is asked: the jars that are there, what findings want of them, what names them.
 */
#include "repair/java/choosing.h"

/* "linux-x86_64" of "x-1.0-linux-x86_64.jar": other bytes of the same version. */
static struct hm_str classifier_of(struct hm_cx *cx, const struct java_target *t)
{
	struct hm_str file = hm_basename(t->path);
	size_t at =
		hm_find(file, hm_fmt(cx, "%.*s-%.*s-", HM_FMT(t->artifact), HM_FMT(t->version)));
	if (at == SIZE_MAX)
		return HM_STR("");
	struct hm_str rest = hm_from(file, at + t->artifact.n + t->version.n + 2);
	return hm_sub(rest, 0, hm_rfind_char(rest, '.'));
}

static void read_jar(struct java_choosing *s, struct json v)
{
	struct hm_cx *cx = s->cx;
	struct java_target t = { .path = json_str(json_get(v, "path")),
				 .outer = json_str(json_get(v, "outer")),
				 .held = json_str(json_get(v, "held")) };
	if (json_parse(cx, json_str(json_get(v, "look")), JSON_STRICT, &t.look))
		t.look = (struct json){ 0 };
	t.group = json_str(json_get(t.look, "group"));
	t.artifact = json_str(json_get(t.look, "artifact"));
	t.version = json_str(json_get(t.look, "version"));
	t.is_guessed = json_bool(json_get(t.look, "isGuessed"));
	t.key = hm_fmt(cx, "%.*s:%.*s", HM_FMT(t.group), HM_FMT(t.artifact));
	repair_java_read_needs(cx, t.look, &t.needs);
	struct hm_str classifier = classifier_of(cx, &t);
	if (!t.held.n && classifier.n)
		t.held = hm_fmt(cx,
				"it has a classifier (%.*s), and only jars without are looked for",
				HM_FMT(classifier));
	*hm_push(cx, &s->jars) = t;
	hm_map_put(cx, &s->paths, t.path, (void *)(uintptr_t)s->jars.n);
	for (struct json_iter it = json_iter(json_get(t.look, "inner")); json_next(&it);) {
		struct hm_str inner =
			hm_fmt(cx, "%.*s!/%.*s", HM_FMT(t.path), HM_FMT(json_str(it.value)));
		hm_map_put(cx, &s->inner, inner, s);
	}
}

static void read_list(struct hm_cx *cx, struct json v, struct hm_strs *out)
{
	for (struct json_iter it = json_iter(v); json_next(&it);)
		*hm_push(cx, out) = json_str(it.value);
}

void repair_java_read_question(struct java_choosing *s)
{
	int64_t n = 0;
	struct hm_cx *cx = s->cx;
	s->kept = json_int(json_get(s->q, "kept"), &n) && n >= 0 && n <= 2 ? (unsigned)n : 1;
	s->java = json_int(json_get(s->q, "java"), &n) && n > 0 && n <= 1000 ? (uint64_t)n : 0;
	for (struct json_iter it = json_iter(json_get(s->q, "jars")); json_next(&it);)
		read_jar(s, it.value);
	for (struct json_iter it = json_iter(json_get(s->q, "wants")); json_next(&it);) {
		struct java_want *w = hm_push(cx, &s->wants);
		w->name = json_str(json_get(it.value, "name"));
		w->version = json_str(json_get(it.value, "version"));
		read_list(cx, json_get(it.value, "paths"), &w->paths);
		for (size_t i = 0; i < w->paths.n; i++)
			w->paths.p[i] = repair_java_place(s, w->paths.p[i]);
		read_list(cx, json_get(it.value, "fixes"), &w->fixes);
	}
	for (struct json_iter it = json_iter(json_get(s->q, "names")); json_next(&it);)
		*hm_push(cx, &s->names) = (struct java_name){ json_str(json_get(it.value, "name")),
							      json_str(json_get(it.value, "by")) };
}
