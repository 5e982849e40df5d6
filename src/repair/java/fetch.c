/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and jars of a Maven repository, and of folders. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/worker.h"
#include "base/worker_flow.h"
#include "codec/stream.h"
#include "crypto/crypto.h"
#include "repair/java/java.h"

/* ------------------------------------------------------------------ what it offers */

static bool is_file(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

static hm_err list(struct hm_cx *cx, struct hm_str folder, struct hm_strs *out)
{
	const char *path = hm_dupz(cx, folder);
	struct stat sb;
	*out = (struct hm_strs){ 0 };
	if (stat(path, &sb) != 0 || !S_ISDIR(sb.st_mode))
		return NULL;
	return hm_list_dir(cx, path, HM_MAX_ARCHIVE_ENTRIES, out);
}

/* "org/acme/x/1.0/x-1.0.jar", as Maven lays them out, and jars that lie in it. */
static hm_err read_folder(struct hm_cx *cx, struct hm_str base, struct java_page *page)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_str artifact = page->name;
	struct hm_str place =
		hm_fmt(cx, "%.*s/%.*s", HM_FMT(base), HM_FMT(repair_java_key_path(cx, page->name)));
	struct hm_strs names;
	hm_cut(&artifact, ':');
	page->is_folder = true;
	HM_TRY(list(cx, place, &names));
	for (size_t i = 0; i < names.n; i++) {
		struct hm_str file =
			hm_fmt(cx, "%.*s/%.*s/%.*s-%.*s.jar", HM_FMT(place), HM_FMT(names.p[i]),
			       HM_FMT(artifact), HM_FMT(names.p[i]));
		if (!hm_has_control(file) && is_file(hm_dupz(cx, file)))
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(file));
	}
	HM_TRY(list(cx, base, &names));
	for (size_t i = 0; i < names.n; i++)
		if (hm_ends(names.p[i], HM_STR(".jar")) && !hm_has_control(names.p[i]))
			hm_buf_fmt(&b, "%.*s/%.*s\n", HM_FMT(base), HM_FMT(names.p[i]));
	HM_TRY(hm_buf_end(cx, &b, "the names in the folder", &page->text));
	page->text = hm_dup(cx, page->text);
	return NULL;
}

hm_err repair_java_fetch_page(struct hm_cx *cx, struct http_client *http, struct hm_str base,
			      struct hm_str key, struct java_pages *out)
{
	struct java_page page = { .name = key };
	bool there;
	if (!repair_java_is_key(key))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a name of an artifact", HM_FMT(key));
	while (base.n > 1 && hm_ends(base, HM_STR("/")))
		base.n--;
	page.base = base;
	if (repair_is_url(base)) {
		struct repair_from from = { http, base };
		struct hm_str path = hm_fmt(cx, "%.*s/maven-metadata.xml",
					    HM_FMT(repair_java_key_path(cx, key)));
		HM_TRY(repair_fetch_text(cx, &from, path, HM_MAX_REPAIR_CONTROL, &page.text,
					 &there));
		if (!there)
			page.text = HM_STR("");
		if (!hm_is_utf8(page.text) || hm_find_char(page.text, '\0') != SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "\"%.*s/%.*s\" is not a text", HM_FMT(base),
				       HM_FMT(path));
	} else {
		HM_TRY(read_folder(cx, base, &page));
	}
	*hm_push(cx, out) = page;
	return NULL;
}

/* ------------------------------------------------------------------ a jar */

static const struct {
	enum crypto_digest alg;
	const char *tail;
} digests[] = {
	{ CRYPTO_SHA512, "sha512" },
	{ CRYPTO_SHA256, "sha256" },
	{ CRYPTO_SHA1, "sha1" },
};

/* The best digest that stands beside a file, "sha512:HEX"; empty: there is none. */
static hm_err read_digest(struct hm_cx *cx, struct http_client *http, struct hm_str url,
			  struct hm_str *out)
{
	struct repair_from from = { http, hm_dirname(url) };
	*out = HM_STR("");
	for (size_t i = 0; i < HM_LEN(digests); i++) {
		struct hm_str text,
			path = hm_fmt(cx, "%.*s.%s", HM_FMT(hm_basename(url)), digests[i].tail);
		bool there;
		HM_TRY(repair_fetch_text(cx, &from, path, HM_KIB * 4, &text, &there));
		if (!there)
			continue;
		size_t n = 0, size = 2 * crypto_digest_rows[digests[i].alg].size;
		text = hm_trim(text);
		while (n < text.n && hm_hex_digit(text.p[n]) >= 0)
			n++;
		if (n != size || (n < text.n && !hm_is_space(text.p[n])))
			return hm_fail(cx, HM_TRUST, "\"%.*s\" is not a digest", HM_FMT(path));
		*out = hm_fmt(cx, "%s:%.*s", crypto_digest_rows[digests[i].alg].name,
			      HM_FMT(hm_lower(cx, hm_sub(text, 0, n))));
		return NULL;
	}
	return NULL;
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	return stream_read_fd(cx, arg, room, n, out_n);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	(void)arg;
	(void)record;
	return hm_fail(cx, HM_INPUT, "the reader of a jar answered in no known form");
}

static hm_err look_at(struct hm_cx *cx, int fd, struct hm_str name, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, &fd };
	HM_TRY(hm_worker_start(cx, REPAIR_JAVA_JAR_JOB, name, 0, &w));
	return hm_worker_flow(cx, &w, &flow, out);
}

/* The pom beside it, for jars without one of their own; none, and one without digest, say nothing.
 */
static hm_err fetch_pom(struct hm_cx *cx, struct http_client *http, struct java_known *k)
{
	HM_AUTO_FD fd = -1;
	struct hm_str sum;
	struct repair_remote r = { .max = HM_MAX_REPAIR_POM };
	r.url = hm_fmt(cx, "%.*s.pom", HM_FMT(hm_sub(k->url, 0, k->url.n - strlen(".jar"))));
	HM_TRY(read_digest(cx, http, r.url, &r.digest));
	if (!r.digest.n && repair_is_url(r.url))
		return NULL;
	hm_err err = repair_fetch_remote(cx, http, &r, &fd, &sum);
	if (err && err->code == HM_ABSENT)
		return NULL;
	HM_TRY(err);
	return look_at(cx, fd, HM_STR(""), &k->pom);
}

hm_err repair_java_fetch_jar(struct hm_cx *cx, struct http_client *http, struct java_known *k)
{
	HM_AUTO_FD fd = -1;
	struct json look;
	struct repair_remote r = { .url = k->url, .max = HM_MAX_REPAIR_JAR };
	HM_TRY(read_digest(cx, http, k->url, &r.digest));
	if (!r.digest.n && repair_is_url(k->url))
		return hm_fail(cx, HM_ABSENT, "the repository states no digest of it");
	HM_TRY(repair_fetch_remote(cx, http, &r, &fd, &k->sha256));
	HM_TRY(look_at(cx, fd, hm_basename(k->url), &k->look));
	HM_TRY(json_parse(cx, k->look, JSON_STRICT, &look));
	return json_bool(json_get(look, "hasPom")) ? NULL : fetch_pom(cx, http, k);
}

hm_err repair_java_fetch_choice(struct hm_cx *cx, const struct repair_language_run *l,
				const struct java_choice *c, int *out_fd, uint64_t *out_size)
{
	struct repair_remote r = { c->url, hm_fmt(cx, "sha256:%.*s", HM_FMT(c->sha256)),
				   HM_MAX_REPAIR_JAR };
	HM_AUTO_FD fd = -1;
	struct hm_str sum;
	HM_TRY(repair_fetch_remote(cx, l->run->o->http, &r, &fd, &sum));
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	*out_size = (uint64_t)size;
	*out_fd = fd;
	fd = -1;
	return NULL;
}
