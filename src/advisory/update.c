/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update: the archives of ecosystems that changed since the database was made of them, and of those
 * that are new, are fetched and imported. The database itself remembers where each came from, and
 * the validator that the server gave it, so that nothing else need be kept.
 */
#include "advisory/db.h"
#include "advisory/fetch.h"

enum { FETCH_THREADS = 4, FETCH_BUDGET = 16 << 20, LIST_MAX = 1 << 20, NAME_MAX_BYTES = 128 };

struct update {
	const struct advisory_update *what;
	struct advisory_db_status old; /* all zero: there is none */
	bool has_old, is_damaged;      /* damaged, or of another version: it is made anew */
	const char *damage;
	HM_VEC(struct advisory_part) parts;
	size_t from; /* first of this round */
	struct hm_progress *progress;
};

/* --- what is fetched --- */

static hm_err fetch_part(struct hm_cx *cx, void *arg, size_t i)
{
	struct update *u = arg;
	return advisory_fetch_part(cx, u->what->http, u->progress, &u->parts.p[u->from + i]);
}

static bool is_catalog(struct hm_str name)
{
	return advisory_feed_of_source(name)->row_size > 0;
}

/* It becomes a part of a path on the server, and is shown. */
static bool is_name(struct hm_str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || !hm_is_utf8(name) || is_catalog(name) ||
	    hm_eqz(name, ".") || hm_eqz(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == '/' || name.p[i] == '\x7f')
			return false;
	return true;
}

/* "Debian" of "Debian:12"; false: it is of no release. */
static bool find_base(struct hm_str *name)
{
	size_t colon = hm_rfind_char(*name, ':');
	if (colon == SIZE_MAX)
		return false;
	*name = hm_sub(*name, 0, colon);
	return true;
}

static struct advisory_part *find_part(struct update *u, struct hm_str name)
{
	for (size_t i = 0; i < u->parts.n; i++)
		if (hm_eq(u->parts.p[i].name, name))
			return &u->parts.p[i];
	return NULL;
}

static const struct advisory_source *find_source(const struct update *u, struct hm_str name)
{
	for (size_t i = 0; i < u->old.sources_n; i++)
		if (hm_eq(u->old.sources[i].name, name))
			return &u->old.sources[i];
	return NULL;
}

static struct hm_str without_slashes(struct hm_str base)
{
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	return base;
}

static struct hm_str archive_url(struct hm_cx *cx, struct hm_str base, struct hm_str name)
{
	return hm_fmt(cx, "%.*s/%.*s/all.zip", HM_FMT(without_slashes(base)),
		      HM_FMT(http_escape(cx, name)));
}

/* `url` is empty where it is to be the recorded one. */
static void add_part(struct hm_cx *cx, struct update *u, struct advisory_part p)
{
	const struct advisory_source *s = find_source(u, p.name);
	if (find_part(u, p.name))
		return;
	p.feed = advisory_feed_of_source(p.name);
	if (!p.url.n && s)
		p.url = s->url;
	if (!p.url.n) /* of an ecosystem that the database was not fetched for yet */
		p.url = archive_url(cx, hm_cstr(p.feed->base), p.name);
	if (s && hm_eq(s->url, p.url))
		p.tag = s->tag;
	p.fd = -1;
	*hm_push(cx, &u->parts) = p;
}

static hm_err add_ecosystem(struct hm_cx *cx, struct update *u, struct hm_str name, bool must)
{
	struct hm_str base = without_slashes(u->what->base);
	for (struct hm_str whole = name; find_base(&whole);)
		if (find_part(u, whole)) /* that one has it */
			return NULL;
	if (u->parts.n >= HM_MAX_ECOSYSTEMS)
		return hm_fail(cx, HM_LIMIT, "more than %llu ecosystems",
			       (unsigned long long)HM_MAX_ECOSYSTEMS);
	add_part(cx, u,
		 (struct advisory_part){ .name = name,
					 .url = base.n ? archive_url(cx, base, name) : HM_STR(""),
					 .must_be_there = must });
	return NULL;
}

static hm_err add_ecosystems(struct hm_cx *cx, struct update *u, const struct hm_strs *names,
			     bool must)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!is_name(names->p[i]))
			return hm_fail(cx, HM_USAGE, "\"%.*s\" is not the name of an ecosystem",
				       HM_FMT(names->p[i]));
		HM_TRY(add_ecosystem(cx, u, names->p[i], must));
	}
	return NULL;
}

/* ecosystems.txt: a name a line; those of releases are parts of their distribution's. */
static hm_err add_listed(struct hm_cx *cx, struct update *u)
{
	struct hm_str base =
		without_slashes(u->what->base.n ? u->what->base : hm_cstr(advisory_feed_osv.base));
	struct http_request request = { .method = "GET",
					.url = hm_fmt(cx, "%.*s/ecosystems.txt", HM_FMT(base)),
					.max_body = LIST_MAX };
	struct http_response response;
	HM_TRY(http_send(cx, u->what->http, &request, &response));
	if (response.status != 200)
		return hm_fail(cx, HM_ABSENT, "\"%.*s\": the server answered with status %d",
			       HM_FMT(request.url), response.status);
	struct hm_str rest = response.body;
	while (rest.n) {
		struct hm_str name = hm_trim(hm_line(&rest));
		if (is_name(name) && hm_find_char(name, ':') == SIZE_MAX)
			HM_TRY(add_ecosystem(cx, u, name, false));
	}
	return NULL;
}

static hm_err collect_parts(struct hm_cx *cx, struct update *u)
{
	for (unsigned i = 0; i < ADVISORY_CATALOGS; i++) {
		const struct advisory_feed *f =
			advisory_feed_of_catalog((enum advisory_catalog_kind)i);
		if (u->what->catalogs[i])
			add_part(cx, u,
				 (struct advisory_part){ .name = hm_cstr(f->name),
							 .url = hm_cstr(u->what->catalogs[i]),
							 .must_be_there = true });
	}
	for (size_t i = 0; i < u->old.sources_n; i++) {
		struct hm_str name = u->old.sources[i].name;
		if (is_catalog(name))
			add_part(cx, u, (struct advisory_part){ .name = name });
		else
			HM_TRY(add_ecosystem(cx, u, name, false));
	}
	if (u->what->all)
		HM_TRY(add_listed(cx, u));
	HM_TRY(add_ecosystems(cx, u, &u->what->ecosystems, true));
	HM_TRY(add_ecosystems(cx, u, &u->what->wanted, false));
	if (!u->parts.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "nothing to fetch: the database was not made by an update"),
			       "name an image or an SBOM, or give --ecosystem NAME or --all");
	return NULL;
}

/* Releases that the server does not have are parts of their distribution's archive. */
static hm_err fetch_parts(struct hm_cx *cx, struct update *u)
{
	while (u->from < u->parts.n) {
		size_t end = u->parts.n;
		HM_TRY(hm_parallel(cx, end - u->from, FETCH_THREADS, FETCH_BUDGET, fetch_part, u));
		for (size_t i = u->from; i < end; i++) {
			struct advisory_part *p = &u->parts.p[i];
			struct hm_str base = p->name;
			if (!p->absent)
				continue;
			if (find_base(&base))
				HM_TRY(add_ecosystem(cx, u, base, p->must_be_there));
			else if (p->must_be_there)
				return hm_fail(cx, HM_ABSENT,
					       "the server has no advisories of \"%.*s\": \"%.*s\"",
					       HM_FMT(p->name), HM_FMT(p->url));
		}
		u->from = end;
	}
	return NULL;
}

/* --- the whole --- */

static hm_err read_old(struct hm_cx *cx, const char *path, struct update *u)
{
	struct advisory_db *db;
	struct advisory_db_status s;
	hm_err err = advisory_db_open(cx, path, &db);
	if (err && (err->code == HM_ABSENT || err->code == HM_INPUT)) {
		u->is_damaged = err->code == HM_INPUT;
		u->damage = err->why;
		return NULL; /* made anew */
	}
	HM_TRY(err);
	err = advisory_db_status(cx, db, &s);
	if (!err) {
		u->old = advisory_db_status_copy(cx, &s);
		u->has_old = true;
	}
	advisory_db_close(db);
	return err;
}

static hm_err import_parts(struct hm_cx *cx, struct update *u, const char *db_path,
			   struct hm_strs *out_warnings, struct advisory_db_status *out)
{
	struct advisory_import what = { .add = !u->is_damaged };
	HM_VEC(struct advisory_import_path) paths = { 0 };
	HM_VEC(struct advisory_source) sources = { 0 };
	for (size_t i = 0; i < u->parts.n; i++) {
		const struct advisory_part *p = &u->parts.p[i];
		if (!p->changed)
			continue;
		*hm_push(cx, &paths) = (struct advisory_import_path){
			hm_fmt(cx, "/proc/self/fd/%d", p->fd).p,
			hm_fmt(cx, "%.*s%s", HM_FMT(p->name), p->feed->ending),
		};
		*hm_push(cx, &sources) =
			(struct advisory_source){ p->name, p->url,
						  hm_bytes(p->new_tag, p->new_tag_n) };
		if (!p->feed->row_size)
			*hm_push(cx, &what.renew) = p->name;
	}
	if (u->is_damaged)
		hm_log(cx, HM_LOG_WARN, "the database is created again, without its old content",
		       "why", u->damage, NULL);
	hm_strs_sort_unique(&what.renew);
	what.paths = paths.p;
	what.n = paths.n;
	what.sources = sources.p;
	what.sources_n = sources.n;
	return advisory_db_import(cx, &what, db_path, out_warnings, out);
}

static hm_err update_database(struct hm_cx *cx, struct update *u, const char *db_path,
			      struct hm_strs *out_warnings, struct advisory_db_status *out)
{
	size_t changed = 0;
	HM_TRY(read_old(cx, db_path, u));
	HM_TRY(collect_parts(cx, u));
	u->progress = hm_progress_start("download", 0);
	hm_err err = fetch_parts(cx, u);
	hm_progress_end(u->progress);
	HM_TRY(err);
	for (size_t i = 0; i < u->parts.n; i++)
		changed += u->parts.p[i].changed;
	if (changed)
		return import_parts(cx, u, db_path, out_warnings, out);
	if (!u->has_old)
		return hm_fail(cx, HM_ABSENT, "the server has no advisories for what was asked");
	*out = u->old;
	return NULL;
}

hm_err advisory_db_update(struct hm_cx *cx, const struct advisory_update *what, const char *db_path,
			  struct advisory_updated *out)
{
	struct update u = { .what = what };
	struct advisory_updated done = { 0 };
	hm_err err = update_database(cx, &u, db_path, &done.warnings, &done.status);
	for (size_t i = 0; i < u.parts.n; i++)
		hm_close_fd(&u.parts.p[i].fd);
	HM_TRY(err);
	done.fetched = hm_new(cx, struct advisory_fetched, u.parts.n);
	done.fetched_n = u.parts.n;
	for (size_t i = 0; i < u.parts.n; i++) {
		const struct advisory_part *p = &u.parts.p[i];
		done.fetched[i] =
			(struct advisory_fetched){ p->name, p->changed, p->absent, p->bytes };
	}
	*out = done;
	return NULL;
}
