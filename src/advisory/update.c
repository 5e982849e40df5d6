/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update: the archives of ecosystems that changed since the database was made of them, and of those
 * that are new, are fetched and imported. The database itself remembers where each came from, and
 * the validator that the server gave it, so that nothing else need be kept.
 */
#include <unistd.h>

#include "advisory/db.h"
#include "codec/base64.h"
#include "crypto/crypto.h"

enum { FETCH_THREADS = 4, FETCH_BUDGET = 16 << 20, TAG_MAX = 512, LIST_MAX = 1 << 20 };
enum { STATUS_NOT_MODIFIED = 304, NAME_MAX_BYTES = 128 };

static const char default_base[] = "https://osv-vulnerabilities.storage.googleapis.com";

/* One part of the database: an archive, or a catalog. */
struct part {
	struct hm_str name, url;
	struct hm_str tag;  /* of what the database has; empty: nothing */
	const char *ending; /* of its file: ".zip", ".json" or ".csv" */
	bool must_be_there;
	/* What came of it. */
	int fd;
	uint64_t bytes;
	bool changed, absent;
	char new_tag[TAG_MAX];
	size_t new_tag_n;
};

struct update {
	const struct advisory_update *what;
	struct advisory_db_status old; /* all zero: there is none */
	bool has_old, is_damaged;      /* damaged, or of another version: it is made anew */
	const char *damage;
	HM_VEC(struct part) parts;
	size_t from; /* first of this round */
	struct hm_progress *progress;
};

/* --- one fetch --- */

struct download {
	struct part *part;
	struct crypto_hash hash;
	struct hm_progress *progress;
};

static hm_err add_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct download *d = arg;
	if (bytes.n > HM_GIB - d->part->bytes)
		return hm_fail(cx, HM_LIMIT, "larger than %llu bytes", (unsigned long long)HM_GIB);
	d->part->bytes += bytes.n;
	crypto_hash_add(&d->hash, bytes);
	hm_progress_add(d->progress, bytes.n);
	return hm_write_all(cx, d->part->fd, "a temporary file", bytes);
}

static hm_err start_again(struct hm_cx *cx, void *arg)
{
	struct download *d = arg;
	uint8_t none[CRYPTO_DIGEST_MAX];
	d->part->bytes = 0;
	crypto_hash_end(&d->hash, none);
	if (ftruncate(d->part->fd, 0) < 0 || lseek(d->part->fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not empty a temporary file");
	return NULL;
}

/* Repr-Digest (RFC 9530), where the server gives it with SHA-256. */
static hm_err check_digest(struct hm_cx *cx, const struct http_headers *headers,
			   struct crypto_hash *hash)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	size_t n = crypto_hash_end(hash, raw);
	struct hm_str stated = http_header_get(headers, "repr-digest"), name = HM_STR("sha-256=:");
	size_t at = hm_find(stated, name);
	if (at == SIZE_MAX)
		return NULL;
	stated = hm_from(stated, at + name.n);
	if (!hm_eq(hm_cut(&stated, ':'), base64_format(cx, BASE64_STD, hm_bytes(raw, n))))
		return hm_fail(cx, HM_TRUST, "the bytes are not those of the server's digest");
	return NULL;
}

/* RFC 9110, 8.8.3. What else a server calls so is not sent back to it. */
static bool is_entity_tag(struct hm_str tag)
{
	if (hm_starts(tag, HM_STR("W/")))
		tag = hm_from(tag, 2);
	if (tag.n < 2 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"')
		return false;
	for (size_t i = 1; i < tag.n - 1; i++)
		if ((unsigned char)tag.p[i] <= ' ' || tag.p[i] == '"' || tag.p[i] == '\x7f')
			return false;
	return true;
}

static bool is_date(struct hm_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!hm_is_alpha(text.p[i]) && !hm_is_digit(text.p[i]) &&
		    !hm_is_one_of(text.p[i], " ,:+-"))
			return false;
	return text.n > 0;
}

/* What the next update asks with: the entity tag, or else the date. */
static void keep_tag(struct part *p, const struct http_headers *headers)
{
	struct hm_str tag = http_header_get(headers, "etag");
	if (!is_entity_tag(tag) || tag.n > TAG_MAX)
		tag = http_header_get(headers, "last-modified");
	if ((!is_entity_tag(tag) && !is_date(tag)) || tag.n > TAG_MAX)
		return;
	p->new_tag_n = tag.n;
	if (tag.n)
		memcpy(p->new_tag, tag.p, tag.n);
}

static hm_err read_answer(struct hm_cx *cx, struct part *p, const struct http_response *r,
			  struct download *d)
{
	if (r->status == STATUS_NOT_MODIFIED && (is_entity_tag(p->tag) || is_date(p->tag)))
		return NULL;
	if (r->status == 404 || r->status == 410) {
		p->absent = true;
		return NULL;
	}
	if (r->status != 200)
		return hm_fail(cx, r->status == 401 || r->status == 403 ? HM_DENIED : HM_SYSTEM,
			       "the server answered with status %d", r->status);
	HM_TRY(check_digest(cx, &r->headers, &d->hash));
	if (p->bytes == 0)
		return hm_fail(cx, HM_INPUT, "the server sent nothing");
	keep_tag(p, &r->headers);
	p->changed = true;
	return NULL;
}

static hm_err fetch_part(struct hm_cx *cx, void *arg, size_t i)
{
	struct update *u = arg;
	struct part *p = &u->parts.p[u->from + i];
	struct download d = { .part = p, .progress = u->progress };
	bool is_tag = is_entity_tag(p->tag), is_known = is_tag || is_date(p->tag);
	struct http_header asked = { is_tag ? HM_STR("if-none-match") : HM_STR("if-modified-since"),
				     p->tag };
	struct http_request request = { .method = "GET",
					.url = p->url,
					.headers = &asked,
					.headers_n = is_known ? 1 : 0,
					.sink = add_bytes,
					.sink_arg = &d,
					.sink_rewind = start_again };
	struct http_response response;
	HM_TRY(hm_temp_fd(cx, &p->fd));
	crypto_hash_start(&d.hash, CRYPTO_SHA256);
	hm_err err = http_send(cx, u->what->http, &request, &response);
	if (!err)
		err = read_answer(cx, p, &response, &d);
	crypto_hash_done(&d.hash);
	return err ? hm_wrap(cx, err, "%.*s: \"%.*s\"", HM_FMT(p->name), HM_FMT(p->url)) : NULL;
}

/* --- what is fetched --- */

static const struct catalog {
	const char *name, *ending;
} catalogs[] = { { "KEV", ".json" }, { "EPSS", ".csv" } };

static const struct catalog *find_catalog(struct hm_str name)
{
	for (size_t i = 0; i < HM_LEN(catalogs); i++)
		if (hm_eqz(name, catalogs[i].name))
			return &catalogs[i];
	return NULL;
}

/* It becomes a part of a path on the server, and is shown. */
static bool is_name(struct hm_str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || !hm_is_utf8(name) || find_catalog(name) ||
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

static struct part *find_part(struct update *u, struct hm_str name)
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

/* `url` is empty where it is to be the recorded one. */
static void add_part(struct hm_cx *cx, struct update *u, struct part p)
{
	const struct advisory_source *s = find_source(u, p.name);
	if (find_part(u, p.name))
		return;
	if (!p.url.n && s)
		p.url = s->url;
	if (!p.url.n) /* of an ecosystem that the database was not fetched for yet */
		p.url = hm_fmt(cx, "%s/%.*s/all.zip", default_base,
			       HM_FMT(http_escape(cx, p.name)));
	if (s && hm_eq(s->url, p.url))
		p.tag = s->tag;
	p.fd = -1;
	*hm_push(cx, &u->parts) = p;
}

static struct hm_str archive_url(struct hm_cx *cx, const struct update *u, struct hm_str name)
{
	struct hm_str base = u->what->base;
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	if (!base.n)
		return base;
	return hm_fmt(cx, "%.*s/%.*s/all.zip", HM_FMT(base), HM_FMT(http_escape(cx, name)));
}

static hm_err add_ecosystem(struct hm_cx *cx, struct update *u, struct hm_str name, bool must)
{
	for (struct hm_str base = name; find_base(&base);)
		if (find_part(u, base)) /* that one has it */
			return NULL;
	if (u->parts.n >= HM_MAX_ECOSYSTEMS)
		return hm_fail(cx, HM_LIMIT, "more than %llu ecosystems",
			       (unsigned long long)HM_MAX_ECOSYSTEMS);
	add_part(cx, u,
		 (struct part){ .name = name,
				.url = archive_url(cx, u, name),
				.ending = ".zip",
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
	struct hm_str base = u->what->base.n ? u->what->base : hm_cstr(default_base);
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
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
	const char *const urls[HM_LEN(catalogs)] = { u->what->kev, u->what->epss };
	for (size_t i = 0; i < HM_LEN(catalogs); i++)
		if (urls[i])
			add_part(cx, u,
				 (struct part){ .name = hm_cstr(catalogs[i].name),
						.url = hm_cstr(urls[i]),
						.ending = catalogs[i].ending,
						.must_be_there = true });
	for (size_t i = 0; i < u->old.sources_n; i++) {
		const struct catalog *c = find_catalog(u->old.sources[i].name);
		if (c)
			add_part(cx, u,
				 (struct part){ .name = hm_cstr(c->name), .ending = c->ending });
		else
			HM_TRY(add_ecosystem(cx, u, u->old.sources[i].name, false));
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
			struct part *p = &u->parts.p[i];
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
		const struct part *p = &u->parts.p[i];
		if (!p->changed)
			continue;
		*hm_push(cx, &paths) = (struct advisory_import_path){
			hm_fmt(cx, "/proc/self/fd/%d", p->fd).p,
			hm_fmt(cx, "%.*s%s", HM_FMT(p->name), p->ending),
		};
		*hm_push(cx, &sources) =
			(struct advisory_source){ p->name, p->url,
						  hm_bytes(p->new_tag, p->new_tag_n) };
		if (!find_catalog(p->name))
			*hm_push(cx, &what.renew) = p->name;
	}
	if (u->is_damaged)
		hm_log(cx, HM_LOG_WARN, "the database is made anew, without what it held", "why",
		       u->damage, NULL);
	hm_strs_sort_unique(&what.renew);
	what.paths = paths.p;
	what.n = paths.n;
	what.sources = sources.p;
	what.sources_n = sources.n;
	return advisory_db_import(cx, &what, db_path, out_warnings, out);
}

static hm_err update(struct hm_cx *cx, struct update *u, const char *db_path,
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
		return hm_fail(cx, HM_ABSENT, "the server has no advisories of what was asked for");
	*out = u->old;
	return NULL;
}

hm_err advisory_db_update(struct hm_cx *cx, const struct advisory_update *what, const char *db_path,
			  struct advisory_fetched **out, size_t *out_n,
			  struct hm_strs *out_warnings, struct advisory_db_status *out_status)
{
	struct update u = { .what = what };
	struct hm_strs warnings = { 0 };
	struct advisory_db_status status;
	hm_err err = update(cx, &u, db_path, &warnings, &status);
	for (size_t i = 0; i < u.parts.n; i++)
		hm_close_fd(&u.parts.p[i].fd);
	HM_TRY(err);
	*out = hm_new(cx, struct advisory_fetched, u.parts.n);
	for (size_t i = 0; i < u.parts.n; i++) {
		const struct part *p = &u.parts.p[i];
		(*out)[i] = (struct advisory_fetched){ p->name, p->changed, p->absent, p->bytes };
	}
	*out_n = u.parts.n;
	*out_warnings = warnings;
	*out_status = status;
	return NULL;
}
