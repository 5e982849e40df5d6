/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the planner, gives it what it asks for, and asks again. */
#include <unistd.h>

#include "base/worker.h"
#include "repair/npm/npm.h"

/* What was read of a tarball. */
struct known {
	struct hm_str url, text, why, sha512, sha256;
	bool has_gyp;
};
struct page {
	struct hm_str name, text;
	bool is_folder;
};
struct planning {
	struct repair_language_run *l;
	struct npm_planned *p;
	struct hm_str node;
	HM_VEC(struct page) pages;
	HM_VEC(struct known) known;
};

/* ------------------------------------------------------------------ pages */

static hm_err read_folder(struct hm_cx *cx, struct hm_str base, struct page *page)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_strs names;
	while (base.n > 1 && hm_ends(base, HM_STR("/")))
		base.n--;
	page->is_folder = true;
	HM_TRY(hm_list_dir(cx, hm_dupz(cx, base), HM_MAX_ARCHIVE_ENTRIES, &names));
	for (size_t i = 0; i < names.n; i++)
		if (hm_ends(names.p[i], HM_STR(".tgz")) && !hm_has_control(names.p[i]))
			hm_buf_fmt(&b, "%.*s/%.*s\n", HM_FMT(base), HM_FMT(names.p[i]));
	HM_TRY(hm_buf_end(cx, &b, "the names in the folder", &page->text));
	page->text = hm_dup(cx, page->text);
	return NULL;
}

/* "@s/x" is one part of the path: "@s%2fx". */
static hm_err read_registry(struct hm_cx *cx, const struct planning *s, struct hm_str base,
			    struct page *page)
{
	struct hm_str name = page->name, scope = HM_STR("");
	struct repair_page got;
	while (hm_ends(base, HM_STR("/")))
		base.n--;
	if (*name.p == '@')
		scope = hm_cut(&name, '/');
	HM_TRY(repair_fetch_page(cx, s->l->run->o->http,
				 hm_fmt(cx, "%.*s/%.*s%s%.*s", HM_FMT(base), HM_FMT(scope),
					scope.n ? "%2f" : "", HM_FMT(name)),
				 "application/json", &got));
	page->text = got.bytes;
	return NULL;
}

static bool is_name(struct hm_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!hm_is_alpha(name.p[i]) && !hm_is_digit(name.p[i]) &&
		    !hm_is_one_of(name.p[i], "@/._-~"))
			return false;
	return name.n > 0;
}

static hm_err add_pages(struct hm_cx *cx, struct planning *s, struct hm_str name)
{
	if (!is_name(name))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a name of a package", HM_FMT(name));
	for (size_t i = 0; i < s->l->repositories.n; i++) {
		struct hm_str base = s->l->repositories.p[i];
		struct page page = { .name = name };
		HM_TRY(repair_is_url(base) ? read_registry(cx, s, base, &page)
					   : read_folder(cx, base, &page));
		*hm_push(cx, &s->pages) = page;
	}
	return NULL;
}

/* ------------------------------------------------------------------ tarballs */

struct looking {
	struct hm_buf text;
	bool is_manifest, has_gyp;
};

static void looking_done(struct looking *l)
{
	hm_buf_done(&l->text);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e)
{
	struct looking *l = arg;
	(void)cx;
	l->is_manifest = hm_eqz(e->path, "package.json");
	l->has_gyp = l->has_gyp || hm_eqz(e->path, "binding.gyp");
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct looking *l = arg;
	(void)cx;
	if (l->is_manifest)
		hm_buf_add(&l->text, bytes);
	return NULL;
}

static hm_err hash_file(struct hm_cx *cx, int fd, struct hm_str *out)
{
	CRYPTO_AUTO_HASH h = { 0 };
	char room[HM_KIB * 16];
	crypto_hash_start(&h, CRYPTO_SHA512);
	for (ssize_t n = 1; n > 0;) {
		n = read(fd, room, sizeof(room));
		if (n < 0)
			return hm_fail_os(cx, "could not read a temporary file");
		crypto_hash_add(&h, hm_bytes(room, (size_t)n));
	}
	*out = crypto_hash_text(cx, &h);
	return lseek(fd, 0, SEEK_SET) < 0 ? hm_fail_os(cx, "could not read a temporary file")
					  : NULL;
}

/* The worker is not believed: a file of this machine is one that was listed. */
static bool is_listed(const struct planning *s, struct hm_str url)
{
	if (repair_is_url(url))
		return true;
	for (size_t i = 0; i < s->pages.n; i++)
		for (struct hm_str text = s->pages.p[i].text; text.n;)
			if (s->pages.p[i].is_folder && hm_eq(hm_line(&text), url))
				return true;
	return false;
}

static hm_err look_into(struct hm_cx *cx, struct planning *s, struct hm_str digest, struct known *k)
{
	HM_CLEANUP(looking_done) struct looking l = { .text = HM_BUF(HM_MAX_REPAIR_CONTROL) };
	HM_AUTO_FD fd = -1;
	struct npm_events events = { on_entry, on_data, &l };
	struct repair_remote r = { k->url, digest, HM_MAX_REPAIR_ARCHIVE };
	struct hm_str text;
	HM_TRY(repair_fetch_remote(cx, s->l->run->o->http, &r, &fd, &k->sha256));
	HM_TRY(hash_file(cx, fd, &k->sha512));
	HM_TRY(repair_npm_read(cx, fd, &events));
	HM_TRY(hm_buf_end(cx, &l.text, "its package.json", &text));
	k->text = hm_dup(cx, text);
	k->has_gyp = l.has_gyp;
	return NULL;
}

/* What cannot be read is not chosen; what is another file than the registry says ends it all. */
static hm_err add_known(struct hm_cx *cx, struct planning *s, struct json file)
{
	struct known k = { .url = json_str(json_get(file, "url")) };
	struct hm_str digest = json_str(json_get(file, "digest"));
	if (s->known.n >= HM_MAX_REPAIR_ASKED || !is_listed(s, k.url) ||
	    (repair_is_url(k.url) && !hm_starts(digest, HM_STR("sha512:"))))
		return hm_fail(cx, HM_LIMIT, "more than %llu versions to look at",
			       (unsigned long long)HM_MAX_REPAIR_ASKED);
	hm_err err = look_into(cx, s, digest, &k);
	if (err && err->code != HM_ABSENT && err->code != HM_INPUT && err->code != HM_LIMIT)
		return hm_wrap(cx, err, "%.*s", HM_FMT(hm_basename(k.url)));
	if (err)
		k.why = hm_fmt(cx, "its tarball cannot be read: %s", err->why);
	*hm_push(cx, &s->known) = k;
	return NULL;
}

/* ------------------------------------------------------------------ the question */

static void put_packages(struct json_out *o, const struct npm_packages *all)
{
	json_open(o, "packages", '[');
	for (size_t i = 0; i < all->n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "folder", all->p[i].folder);
		json_put_str(o, "text", all->p[i].text);
		json_put_str(o, "held", all->p[i].held);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_question(struct json_out *o, const struct planning *s)
{
	const struct repair_options *options = s->l->run->o;
	json_open(o, NULL, '{');
	json_put_int(o, "kept", repair_language_kept_parts(options->level));
	json_put_str(o, "node", s->node);
	json_put_strs(o, "scripts", &options->allow_scripts);
	repair_language_put_wants(s->l, o);
	put_packages(o, &s->p->packages);
	json_open(o, "pages", '[');
	for (size_t i = 0; i < s->pages.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "name", s->pages.p[i].name);
		json_put_str(o, "text", s->pages.p[i].text);
		json_put_bool(o, "isFolder", s->pages.p[i].is_folder);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_open(o, "known", '[');
	for (size_t i = 0; i < s->known.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "url", s->known.p[i].url);
		json_put_str(o, "text", s->known.p[i].text);
		json_put_str(o, "why", s->known.p[i].why);
		json_put_bool(o, "hasGyp", s->known.p[i].has_gyp);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

hm_err repair_npm_plan_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	struct hm_str bytes;
	struct json question;
	(void)args;
	HM_TRY(hm_read_fd(cx, in, "the question", HM_MAX_REPAIR_QUESTION, &bytes));
	HM_TRY(json_parse(cx, bytes, JSON_STRICT, &question));
	return repair_npm_choose(cx, question, &o);
}

static hm_err ask(struct hm_cx *cx, const struct planning *s, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_QUESTION);
	struct json_out o = json_out(&b, false);
	struct hm_str input, answer;
	put_question(&o, s);
	HM_TRY(hm_buf_end(cx, &b, "what is known of the packages", &input));
	HM_TRY(hm_worker_run(cx, REPAIR_NPM_PLAN_JOB, HM_STR(""), input, &answer));
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
			HM_TRY(add_known(cx, s, it.value));
	}
	return NULL;
}

/* ------------------------------------------------------------------ what that comes to */

static const struct known *known_of(const struct planning *s, struct hm_str url)
{
	for (size_t i = 0; i < s->known.n; i++)
		if (hm_eq(s->known.p[i].url, url))
			return &s->known.p[i];
	return NULL;
}

static hm_err put_change(struct hm_cx *cx, struct planning *s, struct json choice)
{
	const struct known *k = known_of(s, json_str(json_get(choice, "url")));
	int64_t i;
	if (!k || k->why.n || !json_int(json_get(choice, "package"), &i) || i < 0 ||
	    (uint64_t)i >= s->p->packages.n || s->p->packages.p[i].held.n)
		return repair_language_bad_answer(cx);
	struct hm_str name = json_str(json_get(choice, "name"));
	struct npm_choice c = { (size_t)i,
				name,
				json_str(json_get(choice, "from")),
				json_str(json_get(choice, "version")),
				k->url,
				k->sha512,
				k->text };
	*hm_push(cx, &s->p->choices) = c;
	*hm_push(cx, &s->l->changes) = (struct repair_change){
		.name = name,
		.type = HM_STR("npm"),
		.place = s->p->packages.p[i].folder,
		.from = c.from,
		.to = c.version,
		.source = name,
		.source_version = c.version,
		.repository = hm_dirname(c.url),
		.path = hm_basename(c.url),
		.sha256 = k->sha256,
	};
	return NULL;
}

hm_err repair_npm_plan(struct hm_cx *cx, struct repair_language_run *l)
{
	struct planning s = { .l = l, .p = hm_new(cx, struct npm_planned, 1) };
	struct json answer;
	if (!l->repositories.n) {
		repair_language_give_up(
			l,
			HM_STR("no repository of npm packages is named (--repo npm=URL|FOLDER)"));
		return NULL;
	}
	HM_TRY(repair_npm_installed(cx, l->run, &s.p->packages));
	HM_TRY(repair_npm_node(cx, l->run, &s.node));
	HM_TRY(ask_until_known(cx, &s, &answer));
	HM_TRY(repair_language_take_verdicts(cx, l, json_get(answer, "verdicts")));
	for (struct json_iter it = json_iter(json_get(answer, "choices")); json_next(&it);)
		HM_TRY(put_change(cx, &s, it.value));
	for (size_t i = 0; i < l->repositories.n; i++)
		*hm_push(cx, &l->run->result->repositories) =
			hm_fmt(cx, "%.*s npm", HM_FMT(l->repositories.p[i]));
	l->own = s.p;
	return NULL;
}
