/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the planner, gives it what it asks for, and asks again. */
#include "base/worker.h"
#include "base/worker_flow.h"
#include "codec/stream.h"
#include "repair/python/python.h"

#define ACCEPT "application/vnd.pypi.simple.v1+json"

struct planning {
	struct repair_language_run *l;
	struct python_planned *p;
	struct hm_map sums; /* of files in folders: url -> hm_str */
};

/* ------------------------------------------------------------------ pages */

static hm_err list_folder(struct hm_cx *cx, const char *folder, struct hm_buf *out)
{
	struct hm_strs names;
	if (!hm_exists(folder))
		return NULL;
	HM_TRY(hm_list_dir(cx, folder, HM_MAX_ARCHIVE_ENTRIES, &names));
	for (size_t i = 0; i < names.n; i++)
		if (hm_ends(names.p[i], HM_STR(".whl")) && !hm_has_control(names.p[i]))
			hm_buf_fmt(out, "%s/%.*s\n", folder, HM_FMT(names.p[i]));
	return NULL;
}

/* Wheels that lie in it, or in a folder by their project's name. */
static hm_err read_folder(struct hm_cx *cx, struct hm_str base, struct python_page *page)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	while (base.n > 1 && hm_ends(base, HM_STR("/")))
		base.n--;
	page->is_folder = true;
	HM_TRY(list_folder(cx, hm_dupz(cx, base), &b));
	HM_TRY(list_folder(cx, hm_path(cx, hm_dupz(cx, base), hm_dupz(cx, page->key)), &b));
	HM_TRY(hm_buf_end(cx, &b, "the names in the folder", &page->text));
	page->text = hm_dup(cx, page->text);
	return NULL;
}

static hm_err read_index(struct hm_cx *cx, const struct planning *s, struct hm_str base,
			 struct python_page *page)
{
	struct repair_page got;
	while (hm_ends(base, HM_STR("/")))
		base.n--;
	HM_TRY(repair_fetch_page(cx, s->l->run->o->http,
				 hm_fmt(cx, "%.*s/%.*s/", HM_FMT(base), HM_FMT(page->key)), ACCEPT,
				 &got));
	page->base = got.url;
	page->text = got.bytes;
	if (got.is_there && hm_find(got.type, HM_STR("json")) == SIZE_MAX)
		return hm_fail(cx, HM_INPUT,
			       "\"%.*s\" answers with \"%.*s\", not with the JSON of PEP 691",
			       HM_FMT(got.url), HM_FMT(got.type));
	return NULL;
}

static hm_err add_pages(struct hm_cx *cx, struct planning *s, struct hm_str key)
{
	for (size_t i = 0; i < s->l->repositories.n; i++) {
		struct hm_str base = s->l->repositories.p[i];
		struct python_page page = { .key = key };
		HM_TRY(repair_is_url(base) ? read_index(cx, s, base, &page)
					   : read_folder(cx, base, &page));
		*hm_push(cx, &s->p->q.pages) = page;
	}
	return NULL;
}

/* ------------------------------------------------------------------ metadata */

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	return stream_read_fd(cx, arg, room, n, out_n);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	(void)arg;
	(void)record;
	return hm_fail(cx, HM_INPUT, "the reader of a wheel answered in no known form");
}

static hm_err read_metadata(struct hm_cx *cx, int fd, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, &fd };
	struct hm_str answer;
	HM_TRY(hm_worker_start(cx, REPAIR_PYTHON_WHEEL_JOB, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &answer));
	struct hm_cur c = hm_cur(answer);
	hm_take_str(&c, hm_uvarint(&c));
	*out = hm_take_str(&c, hm_uvarint(&c));
	return c.bad ? on_record(cx, NULL, answer) : NULL;
}

/* The worker is not believed: a file of this machine is one that was listed. */
static bool is_listed(const struct planning *s, struct hm_str url)
{
	if (repair_is_url(url))
		return true;
	for (size_t i = 0; i < s->p->q.pages.n; i++)
		for (struct hm_str text = s->p->q.pages.p[i].text; text.n;)
			if (s->p->q.pages.p[i].is_folder && hm_eq(hm_line(&text), url))
				return true;
	return false;
}

static hm_err fetch_metadata(struct hm_cx *cx, struct planning *s, const struct python_file *f,
			     struct hm_str *out)
{
	HM_AUTO_FD fd = -1;
	struct repair_remote r = { .url = f->url, .max = HM_MAX_REPAIR_ARCHIVE };
	struct hm_str *sum = hm_new(cx, struct hm_str, 1);
	if (f->metadata_sha256.n) {
		struct repair_remote m = { hm_fmt(cx, "%.*s.metadata", HM_FMT(f->url)),
					   hm_fmt(cx, "sha256:%.*s", HM_FMT(f->metadata_sha256)),
					   HM_MAX_REPAIR_CONTROL };
		HM_TRY(repair_fetch_remote(cx, s->l->run->o->http, &m, &fd, sum));
		return hm_read_fd(cx, fd, "the metadata", HM_MAX_REPAIR_CONTROL, out);
	}
	if (repair_is_url(f->url))
		r.digest = hm_fmt(cx, "sha256:%.*s", HM_FMT(f->sha256));
	HM_TRY(repair_fetch_remote(cx, s->l->run->o->http, &r, &fd, sum));
	hm_map_put(cx, &s->sums, f->url, sum);
	HM_TRY(read_metadata(cx, fd, out));
	return NULL;
}

/* What cannot be read is not chosen; what is another file than the index says ends it all. */
static hm_err add_known(struct hm_cx *cx, struct planning *s, const struct python_file *f)
{
	struct python_known known = { .url = f->url };
	if (s->p->q.known.n >= HM_MAX_REPAIR_ASKED || !is_listed(s, f->url))
		return hm_fail(cx, HM_LIMIT, "more than %llu versions to look at",
			       (unsigned long long)HM_MAX_REPAIR_ASKED);
	hm_err err = fetch_metadata(cx, s, f, &known.metadata);
	if (err && err->code != HM_ABSENT && err->code != HM_INPUT && err->code != HM_LIMIT)
		return hm_wrap(cx, err, "%.*s", HM_FMT(hm_basename(f->url)));
	if (err)
		known.why = hm_fmt(cx, "its wheel cannot be read: %s", err->why);
	*hm_push(cx, &s->p->q.known) = known;
	return NULL;
}

/* ------------------------------------------------------------------ the question */

static hm_err ask(struct hm_cx *cx, struct planning *s, struct python_answer *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_QUESTION);
	struct hm_str input, answer;
	repair_python_question_put(&b, &s->p->q);
	HM_TRY(hm_buf_end(cx, &b, "what is known of the packages", &input));
	HM_TRY(hm_worker_run(cx, REPAIR_PYTHON_PLAN_JOB, HM_STR(""), input, &answer));
	return repair_python_answer_read(cx, answer, out);
}

static hm_err ask_until_known(struct hm_cx *cx, struct planning *s)
{
	struct python_answer *a = &s->p->a;
	do {
		HM_TRY(ask(cx, s, a));
		for (size_t i = 0; i < a->pages.n; i++)
			HM_TRY(add_pages(cx, s, a->pages.p[i]));
		for (size_t i = 0; i < a->files.n; i++)
			HM_TRY(add_known(cx, s, &a->files.p[i]));
	} while (a->pages.n || a->files.n);
	return NULL;
}

hm_err repair_python_plan_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct python_question q;
	struct python_answer a = { 0 };
	struct hm_str bytes;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the question", HM_MAX_REPAIR_QUESTION, &bytes));
	HM_TRY(repair_python_question_read(cx, bytes, &q));
	HM_TRY(repair_python_choose(cx, &q, &a));
	repair_python_answer_put(out, &a);
	return NULL;
}

/* ------------------------------------------------------------------ what that comes to */

static void want(struct hm_cx *cx, struct planning *s)
{
	const struct repair_options *o = s->l->run->o;
	s->p->q.kept_parts = repair_language_kept_parts(o->level);
	for (size_t i = 0; i < o->wanted_n; i++)
		if (repair_language_wants(s->l, &o->wanted[i]))
			*hm_push(cx, &s->p->q.wants) =
				(struct python_want){ o->wanted[i].name, o->wanted[i].installed,
						      o->wanted[i].paths, o->wanted[i].fixes };
}

static hm_err put_findings(struct hm_cx *cx, struct planning *s)
{
	struct repair_result *r = s->l->run->result;
	size_t k = 0;
	if (s->p->a.verdicts.n != s->p->q.wants.n)
		return repair_language_bad_answer(cx);
	for (size_t i = 0; i < r->findings_n; i++) {
		if (!repair_language_wants(s->l, &r->findings[i].wanted))
			continue;
		const struct python_verdict *v = &s->p->a.verdicts.p[k++];
		r->findings[i].outcome = (enum repair_outcome)v->outcome;
		r->findings[i].version = v->version;
		r->findings[i].why = v->why;
	}
	return NULL;
}

static hm_err put_changes(struct hm_cx *cx, struct planning *s)
{
	for (size_t i = 0; i < s->p->a.choices.n; i++) {
		struct python_choice *c = &s->p->a.choices.p[i];
		const struct hm_str *sum = hm_map_get(&s->sums, c->file.url);
		if (sum)
			c->file.sha256 = *sum;
		if (c->dist >= s->p->q.dists.n || s->p->q.dists.p[c->dist].held.n ||
		    !is_listed(s, c->file.url) || c->file.sha256.n != 64)
			return repair_language_bad_answer(cx);
		*hm_push(cx, &s->l->changes) = (struct repair_change){
			.name = c->name,
			.type = HM_STR("pypi"),
			.place = s->p->installed[c->dist].site,
			.from = c->from,
			.to = c->file.version,
			.source = c->name,
			.source_version = c->file.version,
			.repository = hm_dirname(c->file.url),
			.path = hm_basename(c->file.url),
			.sha256 = c->file.sha256,
		};
	}
	return NULL;
}

/* What the image's pip would ask, where nothing else is named. */
static hm_err read_settings(struct hm_cx *cx, struct repair_language_run *l)
{
	struct hm_str text;
	bool there;
	if (l->repositories.n)
		return NULL;
	HM_TRY(repair_root_file(cx, &l->run->root, "etc/pip.conf", &text, &there));
	while (text.n) {
		struct hm_str value = hm_line(&text), name = hm_trim(hm_cut(&value, '='));
		value = hm_trim(value);
		/* one with a password in it is not taken from an image */
		if ((hm_eqz(name, "index-url") || hm_eqz(name, "extra-index-url")) &&
		    repair_is_url(value) && hm_find_char(value, '@') == SIZE_MAX)
			*hm_push(cx, &l->repositories) = value;
	}
	return NULL;
}

hm_err repair_python_plan(struct hm_cx *cx, struct repair_language_run *l)
{
	struct planning s = { .l = l, .p = hm_new(cx, struct python_planned, 1) };
	HM_TRY(read_settings(cx, l));
	if (!l->repositories.n) {
		repair_language_give_up(
			l,
			HM_STR("no repository of Python packages is named (--repo pypi=URL|FOLDER)"));
		return NULL;
	}
	HM_TRY(repair_python_installed(cx, l->run, s.p));
	want(cx, &s);
	HM_TRY(ask_until_known(cx, &s));
	HM_TRY(put_findings(cx, &s));
	HM_TRY(put_changes(cx, &s));
	for (size_t i = 0; i < l->repositories.n; i++)
		*hm_push(cx, &l->run->result->repositories) =
			hm_fmt(cx, "%.*s pypi", HM_FMT(l->repositories.p[i]));
	l->own = s.p;
	return NULL;
}
