/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version replaces which: the least that has the most of the fixes that are asked for, that
 * fits where the old one lies, and that agrees with the jars beside it. What a new jar requires
 * newer moves along, where a repository has it; else another version is tried.
 */
#include "base/worker.h"
#include "repair/java/choosing.h"

/* ------------------------------------------------------------------ who is beside whom */

/* Folders of one application: "app/lib" and "app/plugins", but not two that lie in "opt". */
static bool is_application(struct hm_str dir)
{
	static const char *const tops[] = { "",          "home",      "opt", "srv",    "usr",
					    "usr/local", "usr/share", "var", "var/lib" };
	for (size_t i = 0; i < HM_LEN(tops); i++)
		if (hm_eqz(dir, tops[i]))
			return false;
	return true;
}

/* What lies in one archive is one application. */
static bool is_beside(const struct java_target *a, const struct java_target *b)
{
	struct hm_str x = hm_dirname(a->path), y = hm_dirname(b->path);
	if (a->outer.n || b->outer.n)
		return hm_eq(a->outer, b->outer);
	return hm_eq(x, y) ||
	       (hm_eq(hm_dirname(x), hm_dirname(y)) && is_application(hm_dirname(x)));
}

static struct java_target *find_beside(struct java_choosing *s, const struct java_target *of,
				       struct hm_str key)
{
	struct java_target *found = NULL;
	for (size_t i = 0; i < s->jars.n; i++) {
		struct java_target *t = &s->jars.p[i];
		if (t == of || !hm_eq(t->key, key) || !is_beside(of, t))
			continue;
		if (hm_eq(hm_dirname(t->path), hm_dirname(of->path)))
			return t;
		found = t;
	}
	return found;
}

static struct hm_str version_of(const struct java_target *t)
{
	return t->chosen ? t->chosen->version : t->version;
}

static bool had_need(const struct java_target *t, struct hm_str key)
{
	for (size_t i = 0; i < t->needs.n; i++)
		if (hm_eq(t->needs.p[i].key, key))
			return true;
	return false;
}

/* ------------------------------------------------------------------ what is offered */

static hm_err read_pages(struct java_choosing *s, struct java_target *t)
{
	struct java_files files = { 0 };
	if (t->has_page)
		return NULL;
	for (struct json_iter it = json_iter(json_get(s->q, "pages")); json_next(&it);) {
		struct hm_str text = json_str(json_get(it.value, "text"));
		struct hm_str base = json_str(json_get(it.value, "base"));
		if (!hm_eq(json_str(json_get(it.value, "name")), t->key))
			continue;
		t->has_page = true;
		if (json_bool(json_get(it.value, "isFolder")))
			repair_java_folder(s->cx, t->key, text, &files);
		else if (text.n)
			HM_TRY_IN(s->cx, repair_java_metadata(s->cx, t->key, base, text, &files),
				  "\"%.*s\": \"%.*s\"", HM_FMT(base), HM_FMT(t->key));
	}
	for (size_t i = 0; i < files.n; i++)
		if (repair_java_may_follow(t->version, files.p[i].version))
			*hm_push(s->cx, &t->offers) =
				(struct java_offer){ .version = files.p[i].version,
						     .url = files.p[i].url };
	if (!t->has_page && !hm_strs_has(&s->pages, t->key))
		*hm_push(s->cx, &s->pages) = t->key;
	return NULL;
}

static size_t count_fixes(const struct java_choosing *s, const struct java_target *t,
			  struct hm_str version)
{
	size_t n = 0;
	for (size_t i = 0; i < s->wants.n; i++)
		n += repair_java_is_of(&s->wants.p[i], t) &&
		     repair_java_has_fix(&s->wants.p[i], t, version);
	return n;
}

static void choose_wanted(struct java_choosing *s, struct java_target *t)
{
	size_t most = 0;
	t->chosen = NULL;
	for (size_t i = 0; t->is_wanted && i < t->offers.n; i++) {
		struct java_offer *o = &t->offers.p[i];
		size_t n = count_fixes(s, t, o->version);
		if (n <= most)
			continue;
		enum java_fit fit = repair_java_fit(s, t, o);
		if (fit == JAVA_FIT_PENDING)
			return;
		if (fit != JAVA_FIT_YES)
			continue;
		t->chosen = o;
		most = n;
	}
}

/* ------------------------------------------------------------------ what agrees */

static bool is_waiting(const struct java_choosing *s)
{
	return s->pages.n || s->asked.n;
}

static void refuse(struct java_target *t, struct hm_str why)
{
	t->chosen->fit = JAVA_FIT_NO;
	t->chosen->why = why;
	t->chosen = NULL;
}

/* A later version of it that the need allows; false: there is none, or it is asked for. */
static hm_err raise_target(struct java_choosing *s, struct java_target *t,
			   const struct java_need *need, bool *out_done)
{
	*out_done = false;
	if (t->held.n || !repair_java_is_key(t->key))
		return NULL;
	HM_TRY(read_pages(s, t));
	for (size_t i = 0; i < t->offers.n; i++) {
		struct java_offer *o = &t->offers.p[i];
		if (repair_java_order(o->version, version_of(t)) <= 0 ||
		    !repair_java_allows(need->version, o->version))
			continue;
		enum java_fit fit = repair_java_fit(s, t, o);
		if (fit == JAVA_FIT_YES) {
			t->chosen = o;
			*out_done = true;
		}
		if (fit != JAVA_FIT_NO)
			return NULL;
	}
	return NULL;
}

static struct hm_str why_unmet(struct java_choosing *s, const struct java_need *need,
			       const struct java_target *t)
{
	struct hm_str version = need->version.n ? need->version : HM_STR("of any version");
	if (!t)
		return hm_fmt(s->cx, "it requires %.*s %.*s, which is not there", HM_FMT(need->key),
			      HM_FMT(version));
	return hm_fmt(s->cx, "it requires %.*s %.*s, and %.*s is there%s%.*s", HM_FMT(need->key),
		      HM_FMT(version), HM_FMT(version_of(t)), t->held.n ? ": " : "",
		      HM_FMT(t->held));
}

/* All that a new jar needs: true in *out, if something moved. */
static hm_err meet_needs(struct java_choosing *s, struct java_target *t, bool *out)
{
	for (size_t i = 0; t->chosen && i < t->chosen->needs.n; i++) {
		const struct java_need *need = &t->chosen->needs.p[i];
		struct java_target *other = find_beside(s, t, need->key);
		bool done = false;
		if (other ? repair_java_allows(need->version, version_of(other))
			  : had_need(t, need->key))
			continue; /* what was not there before is not missed */
		if (other)
			HM_TRY(raise_target(s, other, need, &done));
		if (!done && is_waiting(s))
			return NULL;
		if (!done)
			refuse(t, why_unmet(s, need, other));
		*out = true;
	}
	return NULL;
}

/* What stays as it is must allow what is new. */
static bool dependents_refuse(struct java_choosing *s, const struct java_target *by)
{
	for (size_t i = 0; !by->chosen && i < by->needs.n; i++) {
		const struct java_need *need = &by->needs.p[i];
		struct java_target *t = find_beside(s, by, need->key);
		if (!t || !t->chosen || repair_java_allows(need->version, t->chosen->version) ||
		    !repair_java_allows(need->version, t->version))
			continue;
		refuse(t, hm_fmt(s->cx, "%.*s %.*s requires %.*s %.*s", HM_FMT(by->key),
				 HM_FMT(by->version), HM_FMT(need->key), HM_FMT(need->version)));
		return true;
	}
	return false;
}

/* Two that would have one name. */
static bool names_collide(struct java_choosing *s)
{
	struct hm_map taken = { 0 };
	for (size_t i = 0; i < s->jars.n; i++) {
		struct java_target *t = &s->jars.p[i];
		struct hm_str path;
		if (!t->chosen)
			continue;
		path = hm_fmt(s->cx, "%.*s/%.*s", HM_FMT(hm_dirname(t->path)),
			      HM_FMT(t->chosen->file));
		if (hm_map_has(&taken, path)) {
			refuse(t, hm_fmt(s->cx, "another jar gets the name \"%.*s\"",
					 HM_FMT(t->chosen->file)));
			return true;
		}
		hm_map_put(s->cx, &taken, path, t);
	}
	return false;
}

/* Two that would have to be written at once. */
static bool archives_collide(struct java_choosing *s)
{
	for (size_t i = 0; i < s->jars.n; i++) {
		struct java_target *t = &s->jars.p[i];
		uintptr_t at = t->outer.n ? (uintptr_t)hm_map_get(&s->paths, t->outer) : 0;
		if (!t->chosen || !at || !s->jars.p[at - 1].chosen)
			continue;
		refuse(t, hm_fmt(s->cx, "\"/%.*s\", in which it lies, is replaced itself",
				 HM_FMT(t->outer)));
		return true;
	}
	return false;
}

static bool choices_collide(struct java_choosing *s)
{
	return !is_waiting(s) && (names_collide(s) || archives_collide(s));
}

/* From the beginning each time that a version turned out to be none: each refuses one for good. */
static hm_err settle(struct java_choosing *s)
{
	bool again = true;
	for (uint64_t round = 0; again; round++) {
		bool moved = true;
		again = false;
		if (round > HM_MAX_REPAIR_ASKED)
			return hm_fail(s->cx, HM_LIMIT,
				       "versions that fit together were not found");
		for (size_t i = 0; i < s->jars.n; i++)
			choose_wanted(s, &s->jars.p[i]);
		while (moved && !is_waiting(s)) {
			moved = false;
			for (size_t i = 0; i < s->jars.n; i++) {
				bool had = s->jars.p[i].chosen != NULL;
				HM_TRY(meet_needs(s, &s->jars.p[i], &moved));
				again |= had && !s->jars.p[i].chosen;
			}
			moved = moved && !again;
			HM_TRY(hm_alive(s->cx));
		}
		for (size_t i = 0; !again && !is_waiting(s) && i < s->jars.n; i++)
			again = dependents_refuse(s, &s->jars.p[i]);
		again = again || choices_collide(s);
		if (is_waiting(s))
			return NULL;
	}
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

/* Where nothing states its group the finding names one, with which advisories were found. */
static hm_err find_targets(struct java_choosing *s)
{
	for (size_t i = 0; i < s->jars.n; i++) {
		struct java_target *t = &s->jars.p[i];
		for (size_t k = 0; k < s->wants.n; k++) {
			const struct java_want *w = &s->wants.p[k];
			if (!w->fixes.n || !repair_java_is_of(w, t))
				continue;
			if (t->is_guessed && !t->is_wanted)
				t->key = w->name;
			t->is_wanted = true;
		}
		if (t->is_wanted && !t->held.n && !repair_java_is_key(t->key))
			t->held = hm_fmt(s->cx, "\"%.*s\" is not a name of an artifact",
					 HM_FMT(t->key));
		if (t->is_wanted && !t->held.n)
			HM_TRY(read_pages(s, t));
	}
	return NULL;
}

static void put_choices(struct java_choosing *s, struct json_out *o)
{
	json_open(o, "choices", '[');
	for (size_t i = 0; i < s->jars.n; i++) {
		const struct java_target *t = &s->jars.p[i];
		if (!t->chosen)
			continue;
		json_open(o, NULL, '{');
		json_put_int(o, "jar", (int64_t)i);
		json_put_str(o, "name", t->key);
		json_put_str(o, "from", t->version);
		json_put_str(o, "version", t->chosen->version);
		json_put_str(o, "url", t->chosen->url);
		json_put_str(o, "file", t->chosen->file);
		json_put_str(o, "namedBy", t->chosen->named_by);
		json_close(o, '}');
	}
	json_close(o, ']');
}

hm_err repair_java_choose(struct hm_cx *cx, struct json question, struct json_out *answer)
{
	struct java_choosing s = { .cx = cx, .q = question };
	repair_java_read_question(&s);
	HM_TRY(find_targets(&s));
	if (!s.pages.n)
		HM_TRY(settle(&s));
	json_open(answer, NULL, '{');
	if (!is_waiting(&s)) {
		repair_java_judge(&s, answer);
		put_choices(&s, answer);
	}
	json_put_strs(answer, "pages", &s.pages);
	json_put_strs(answer, "files", &s.asked);
	json_close(answer, '}');
	return NULL;
}

hm_err repair_java_plan_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	struct hm_str bytes;
	struct json question;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the question", HM_MAX_REPAIR_QUESTION, &bytes));
	HM_TRY(json_parse(cx, bytes, JSON_STRICT, &question));
	return repair_java_choose(cx, question, &o);
}
