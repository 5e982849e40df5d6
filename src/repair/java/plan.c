/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the planner, gives it what it asks for, and asks again. */
#include "base/worker.h"
#include "repair/java/java.h"

struct planning {
	struct repair_language_run *l;
	struct java_planned *p;
	struct java_pages pages;
	HM_VEC(struct java_known) known;
};

/* ------------------------------------------------------------------ what is asked for */

static hm_err add_pages(struct hm_cx *cx, struct planning *s, struct hm_str key)
{
	if (s->pages.n >= HM_MAX_REPAIR_ASKED)
		return hm_fail(cx, HM_LIMIT, "more than %llu artifacts to look for",
			       (unsigned long long)HM_MAX_REPAIR_ASKED);
	for (size_t i = 0; i < s->l->repositories.n; i++)
		HM_TRY(repair_java_fetch_page(cx, s->l->run->o->http, s->l->repositories.p[i], key,
					      &s->pages));
	return NULL;
}

/* The worker is not believed: an address is one of a repository, and a file of this machine one
 * that was listed. */
static bool is_listed(const struct planning *s, struct hm_str url)
{
	for (size_t i = 0; i < s->pages.n; i++) {
		const struct java_page *p = &s->pages.p[i];
		if (!p->is_folder && hm_starts(url, p->base) &&
		    hm_find(hm_from(url, p->base.n), HM_STR("..")) == SIZE_MAX &&
		    hm_find_char(url, '?') == SIZE_MAX && hm_find_char(url, '#') == SIZE_MAX &&
		    hm_starts(hm_from(url, p->base.n), HM_STR("/")))
			return true;
		for (struct hm_str text = p->text; p->is_folder && text.n;)
			if (hm_eq(hm_line(&text), url))
				return true;
	}
	return false;
}

/* What cannot be read is not chosen; what is another file than its digest says ends it all. */
static hm_err add_known(struct hm_cx *cx, struct planning *s, struct hm_str url)
{
	struct java_known k = { .url = url };
	if (s->known.n >= HM_MAX_REPAIR_ASKED || !is_listed(s, url) ||
	    !hm_ends(url, HM_STR(".jar")))
		return hm_fail(cx, HM_LIMIT, "more than %llu versions to look at",
			       (unsigned long long)HM_MAX_REPAIR_ASKED);
	hm_err err = repair_java_fetch_jar(cx, s->l->run->o->http, &k);
	if (err && err->code != HM_ABSENT && err->code != HM_INPUT && err->code != HM_LIMIT)
		return hm_wrap(cx, err, "%.*s", HM_FMT(hm_basename(url)));
	if (err)
		k.why = hm_fmt(cx, "it cannot be taken: %s", err->why);
	*hm_push(cx, &s->known) = k;
	return NULL;
}

/* ------------------------------------------------------------------ the question */

static void put_installed(struct json_out *o, const struct java_installed *all)
{
	json_put_int(o, "java", (int64_t)all->java);
	json_open(o, "jars", '[');
	for (size_t i = 0; i < all->n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "path", all->p[i].path);
		json_put_str(o, "outer", all->p[i].outer);
		json_put_str(o, "look", all->p[i].look);
		json_put_str(o, "held", all->p[i].held);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "names", '[');
	for (size_t i = 0; i < all->names.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "name", all->names.p[i].name);
		json_put_str(o, "by", all->names.p[i].by);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_answers(struct json_out *o, const struct planning *s)
{
	json_open(o, "pages", '[');
	for (size_t i = 0; i < s->pages.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "name", s->pages.p[i].name);
		json_put_str(o, "base", s->pages.p[i].base);
		json_put_str(o, "text", s->pages.p[i].text);
		json_put_bool(o, "isFolder", s->pages.p[i].is_folder);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "known", '[');
	for (size_t i = 0; i < s->known.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "url", s->known.p[i].url);
		json_put_str(o, "look", s->known.p[i].look);
		json_put_str(o, "pom", s->known.p[i].pom);
		json_put_str(o, "why", s->known.p[i].why);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err ask(struct hm_cx *cx, const struct planning *s, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_QUESTION);
	struct json_out o = json_out(&b, false);
	struct hm_str input, answer;
	json_open(&o, NULL, '{');
	json_put_int(&o, "kept", repair_language_kept_parts(s->l->run->o->level));
	repair_language_put_wants(s->l, &o);
	put_installed(&o, &s->p->installed);
	put_answers(&o, s);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "what is known of the packages", &input));
	HM_TRY(hm_worker_run(cx, REPAIR_JAVA_PLAN_JOB, HM_STR(""), input, &answer));
	return json_parse(cx, answer, JSON_STRICT, out);
}

static hm_err ask_until_known(struct hm_cx *cx, struct planning *s, struct json *out)
{
	bool more = true;
	while (more) {
		HM_TRY(ask(cx, s, out));
		struct json pages = json_get(*out, "pages"), files = json_get(*out, "files");
		more = json_size(pages) || json_size(files);
		for (struct json_iter it = json_iter(pages); json_next(&it);)
			HM_TRY(add_pages(cx, s, json_str(it.value)));
		for (struct json_iter it = json_iter(files); json_next(&it);)
			HM_TRY(add_known(cx, s, json_str(it.value)));
	}
	return NULL;
}

/* ------------------------------------------------------------------ what that comes to */

static const struct java_known *known_of(const struct planning *s, struct hm_str url)
{
	for (size_t i = 0; i < s->known.n; i++)
		if (hm_eq(s->known.p[i].url, url))
			return &s->known.p[i];
	return NULL;
}

/* The old name, or one that is free. */
static hm_err find_path(struct hm_cx *cx, const struct planning *s, const struct java_jar *jar,
			struct hm_str file, struct hm_str *out)
{
	struct hm_str dir = hm_dirname(jar->path);
	*out = dir.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(file)) : file;
	HM_TRY(repair_path_check(cx, *out));
	if (!file.n || !hm_eq(hm_basename(*out), file) || !hm_eq(hm_dirname(*out), dir) ||
	    !inventory_is_archive(file))
		return repair_language_bad_answer(cx);
	if (!hm_eq(*out, jar->path) && repair_root_at(&s->l->run->root, *out))
		return hm_fail(cx, HM_DENIED, "\"/%.*s\" is there already", HM_FMT(*out));
	return NULL;
}

static hm_err put_change(struct hm_cx *cx, struct planning *s, struct json choice)
{
	struct java_installed *all = &s->p->installed;
	const struct java_known *k = known_of(s, json_str(json_get(choice, "url")));
	struct hm_str named_by = json_str(json_get(choice, "namedBy"));
	struct json look;
	int64_t i;
	if (!k || k->why.n || !json_int(json_get(choice, "jar"), &i) || i < 0 ||
	    (uint64_t)i >= all->n || all->p[i].held.n)
		return repair_language_bad_answer(cx);
	struct java_choice c = { .jar = (size_t)i,
				 .name = json_str(json_get(choice, "name")),
				 .from = json_str(json_get(choice, "from")),
				 .version = json_str(json_get(choice, "version")),
				 .url = k->url,
				 .sha256 = k->sha256 };
	HM_TRY(json_parse(cx, k->look, JSON_STRICT, &look));
	if (!json_int(json_get(look, "time"), &c.time))
		return repair_language_bad_answer(cx);
	HM_TRY(find_path(cx, s, &all->p[i], json_str(json_get(choice, "file")), &c.path));
	*hm_push(cx, &s->p->choices) = c;
	if (named_by.n)
		*hm_push(cx, &s->l->run->result->notes) =
			hm_fmt(cx, "\"/%.*s\" keeps its name, which %.*s has", HM_FMT(c.path),
			       HM_FMT(named_by));
	*hm_push(cx, &s->l->changes) = (struct repair_change){
		.name = c.name,
		.type = HM_STR("maven"),
		.place = all->p[i].path,
		.from = c.from,
		.to = c.version,
		.source = c.name,
		.source_version = c.version,
		.repository = hm_dirname(c.url),
		.path = hm_basename(c.url),
		.sha256 = c.sha256,
	};
	return NULL;
}

hm_err repair_java_plan(struct hm_cx *cx, struct repair_language_run *l)
{
	struct planning s = { .l = l, .p = hm_new(cx, struct java_planned, 1) };
	struct json answer;
	if (!l->repositories.n) {
		repair_language_give_up(
			l, HM_STR("no repository of jars is named (--repo maven=URL|FOLDER)"));
		return NULL;
	}
	HM_TRY(repair_java_installed(cx, l->run, &s.p->installed));
	HM_TRY(ask_until_known(cx, &s, &answer));
	HM_TRY(repair_language_take_verdicts(cx, l, json_get(answer, "verdicts")));
	for (struct json_iter it = json_iter(json_get(answer, "choices")); json_next(&it);)
		HM_TRY(put_change(cx, &s, it.value));
	for (size_t i = 0; i < l->repositories.n; i++)
		*hm_push(cx, &l->run->result->repositories) =
			hm_fmt(cx, "%.*s maven", HM_FMT(l->repositories.p[i]));
	l->own = s.p;
	return NULL;
}
