/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"

bool repair_is_url(struct hm_str base)
{
	return hm_find(base, HM_STR("://")) != SIZE_MAX;
}

hm_err repair_base_check(struct hm_cx *cx, struct hm_str base)
{
	struct stat sb;
	if (repair_is_url(base) || (stat(hm_dupz(cx, base), &sb) == 0 && S_ISDIR(sb.st_mode)))
		return NULL;
	return hm_fail(cx, HM_ABSENT, "there is no folder \"%.*s\" with packages", HM_FMT(base));
}

hm_err repair_path_check(struct hm_cx *cx, struct hm_str path)
{
	struct hm_str rest = path;
	bool good = path.n && path.n <= HM_MAX_PATH && !hm_has_control(path) &&
		    !hm_starts(path, HM_STR("/"));
	while (good && rest.n) {
		struct hm_str part = hm_cut(&rest, '/');
		good = part.n && !hm_eqz(part, "..") && !hm_eqz(part, ".");
	}
	for (size_t i = 0; good && i < path.n; i++)
		good = path.p[i] != '?' && path.p[i] != '#' && path.p[i] != '\\';
	return good ? NULL
		    : hm_fail(cx, HM_INPUT, "\"%.*s\" is not a path below the repository",
			      HM_FMT(path));
}

/* Bytes on their way, wherever they come from. */
struct taking {
	int fd; /* -1: into .memory */
	struct hm_buf memory;
	struct crypto_hash hash;
	struct crypto_hash other; /* where .has_other: the digest that is asked for */
	bool has_other;
	uint64_t got, max;
};

static void taking_done(struct taking *t)
{
	hm_buf_done(&t->memory);
	crypto_hash_done(&t->hash);
	crypto_hash_done(&t->other);
	hm_close_fd(&t->fd);
}

static hm_err take(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct taking *t = arg;
	if (bytes.n > t->max - t->got)
		return hm_fail(cx, HM_LIMIT, "it is larger than %llu bytes",
			       (unsigned long long)t->max);
	t->got += bytes.n;
	crypto_hash_add(&t->hash, bytes);
	if (t->has_other)
		crypto_hash_add(&t->other, bytes);
	if (t->fd >= 0)
		return hm_write_all(cx, t->fd, "a temporary file", bytes);
	hm_buf_add(&t->memory, bytes);
	return NULL;
}

static hm_err take_again(struct hm_cx *cx, void *arg)
{
	struct taking *t = arg;
	uint8_t none[CRYPTO_DIGEST_MAX];
	t->got = 0;
	crypto_hash_end(&t->hash, none);
	if (t->has_other)
		crypto_hash_end(&t->other, none);
	hm_buf_clear(&t->memory);
	if (t->fd >= 0 && (ftruncate(t->fd, 0) < 0 || lseek(t->fd, 0, SEEK_SET) < 0))
		return hm_fail_os(cx, "could not empty a temporary file");
	return NULL;
}

/* Characters that may stand in a file's name and not in a URL: dpkg's versions have '~', '+', ':'.
 */
static struct hm_str url_of(struct hm_cx *cx, struct hm_str base, struct hm_str path)
{
	static const char plain[] = "/-._~+:@!$&'()*,;=%";
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PATH * 4);
	while (hm_ends(base, HM_STR("/")))
		base.n--;
	hm_buf_add(&b, base);
	hm_buf_char(&b, '/');
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (hm_is_alpha(c) || hm_is_digit(c) || hm_is_one_of(c, plain))
			hm_buf_char(&b, c);
		else
			hm_buf_fmt(&b, "%%%02X", (unsigned char)c);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err over_http(struct hm_cx *cx, struct http_client *http, struct hm_str url,
			struct taking *t, bool *out_there)
{
	struct http_request r = {
		.method = "GET", .url = url, .sink = take, .sink_arg = t, .sink_rewind = take_again
	};
	struct http_response answer;
	HM_TRY(http_send(cx, http, &r, &answer));
	*out_there = answer.status == 200;
	if (answer.status == 200 || answer.status == 404 || answer.status == 410)
		return NULL;
	return hm_fail(cx, answer.status == 401 || answer.status == 403 ? HM_DENIED : HM_SYSTEM,
		       "the server answered with status %d", answer.status);
}

static hm_err copy_fd(struct hm_cx *cx, int fd, const char *name, struct taking *t)
{
	enum { STEP = 256 * 1024 };
	char *room = hm_new(cx, char, STEP);
	for (;;) {
		ssize_t n = read(fd, room, STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hm_fail_os(cx, "could not read \"%s\"", name);
		if (n == 0)
			return NULL;
		HM_TRY(hm_alive(cx));
		HM_TRY(take(cx, t, hm_bytes(room, (size_t)n)));
	}
}

static hm_err from_folder(struct hm_cx *cx, struct hm_str base, struct hm_str path,
			  struct taking *t, bool *out_there)
{
	const char *name = hm_path(cx, hm_dupz(cx, base), hm_dupz(cx, path));
	struct stat sb;
	HM_AUTO_FD fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		*out_there = false;
		return NULL;
	}
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", name);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a regular file", name);
	*out_there = true;
	struct hm_mark mark = hm_mark(cx);
	HM_TRY(copy_fd(cx, fd, name, t));
	hm_release(cx, mark);
	return NULL;
}

static hm_err take_from(struct hm_cx *cx, const struct repair_from *from, struct hm_str path,
			struct taking *t, bool *out_there)
{
	HM_TRY(repair_path_check(cx, path));
	crypto_hash_start(&t->hash, CRYPTO_SHA256);
	if (!repair_is_url(from->base)) {
		HM_TRY(from_folder(cx, from->base, path, t, out_there));
		return NULL;
	}
	struct hm_str url = url_of(cx, from->base, path);
	HM_TRY_IN(cx, over_http(cx, from->http, url, t, out_there), "\"%.*s\"", HM_FMT(url));
	return NULL;
}

hm_err repair_fetch_text(struct hm_cx *cx, const struct repair_from *from, struct hm_str path,
			 uint64_t max, struct hm_str *out, bool *out_there)
{
	HM_CLEANUP(taking_done) struct taking t = { .fd = -1, .memory = HM_BUF(max), .max = max };
	HM_TRY(take_from(cx, from, path, &t, out_there));
	*out = hm_dup(cx, hm_buf_str(&t.memory));
	return NULL;
}

hm_err repair_fetch_unknown(struct hm_cx *cx, const struct repair_from *from, struct hm_str path,
			    uint64_t max, int *out_fd, bool *out_there)
{
	HM_CLEANUP(taking_done) struct taking t = { .fd = -1, .max = max };
	HM_TRY(hm_temp_fd(cx, &t.fd));
	HM_TRY(take_from(cx, from, path, &t, out_there));
	if (*out_there && lseek(t.fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	if (*out_there)
		*out_fd = hm_move_fd(t.fd);
	return NULL;
}

hm_err repair_fetch_file(struct hm_cx *cx, const struct repair_from *from,
			 const struct repair_file *f, int *out_fd, bool *out_there)
{
	HM_CLEANUP(taking_done) struct taking t = { .fd = -1, .max = f->size };
	HM_TRY(hm_temp_fd(cx, &t.fd));
	hm_err err = take_from(cx, from, f->path, &t, out_there);
	if (err && err->code == HM_LIMIT)
		return hm_fail(cx, HM_TRUST,
			       "\"%.*s\" is not the file that the signed index names: it is larger "
			       "than %llu bytes",
			       HM_FMT(f->path), (unsigned long long)f->size);
	if (err || !*out_there)
		return err;
	struct hm_str have = hm_from(crypto_hash_text(cx, &t.hash), strlen("sha256:"));
	if (t.got != f->size || !hm_eq(have, f->sha256))
		return hm_fail(cx, HM_TRUST,
			       "\"%.*s\" is not the file that the signed index names: SHA-256 %.*s "
			       "and %llu bytes, not %.*s and %llu",
			       HM_FMT(f->path), HM_FMT(have), (unsigned long long)t.got,
			       HM_FMT(f->sha256), (unsigned long long)f->size);
	if (lseek(t.fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	*out_fd = hm_move_fd(t.fd);
	return NULL;
}

/* ------------------------------------------------------------------ what an index names */

static hm_err start_other(struct hm_cx *cx, struct taking *t, struct hm_str digest)
{
	struct hm_str alg = hm_cut(&digest, ':');
	for (size_t i = 0; i < CRYPTO_DIGESTS; i++)
		if (hm_eqz(alg, crypto_digest_rows[i].name)) {
			crypto_hash_start(&t->other, (enum crypto_digest)i);
			t->has_other = true;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "a digest of the kind \"%.*s\" is not known", HM_FMT(alg));
}

hm_err repair_fetch_remote(struct hm_cx *cx, struct http_client *http,
			   const struct repair_remote *r, int *out_fd, struct hm_str *out_sha256)
{
	HM_CLEANUP(taking_done) struct taking t = { .fd = -1, .max = r->max };
	bool there = false;
	HM_TRY(hm_temp_fd(cx, &t.fd));
	crypto_hash_start(&t.hash, CRYPTO_SHA256);
	if (r->digest.n)
		HM_TRY(start_other(cx, &t, r->digest));
	if (repair_is_url(r->url))
		HM_TRY_IN(cx, over_http(cx, http, r->url, &t, &there), "\"%.*s\"", HM_FMT(r->url));
	else
		HM_TRY(from_folder(cx, hm_dirname(r->url), hm_basename(r->url), &t, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT, "\"%.*s\" is not there, though the index names it",
			       HM_FMT(r->url));
	struct hm_str have = t.has_other ? crypto_hash_text(cx, &t.other) : r->digest;
	if (!hm_eq(have, r->digest))
		return hm_fail(
			cx, HM_TRUST,
			"\"%.*s\" is not the file that the index names: it has %.*s, not %.*s",
			HM_FMT(r->url), HM_FMT(have), HM_FMT(r->digest));
	*out_sha256 = hm_from(crypto_hash_text(cx, &t.hash), strlen("sha256:"));
	if (lseek(t.fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	*out_fd = hm_move_fd(t.fd);
	return NULL;
}

hm_err repair_fetch_page(struct hm_cx *cx, struct http_client *http, struct hm_str url,
			 const char *accept, struct repair_page *out)
{
	struct http_header header = { HM_STR("Accept"), hm_cstr(accept) };
	struct http_request r = { .method = "GET",
				  .url = url,
				  .headers = &header,
				  .headers_n = 1,
				  .max_body = HM_MAX_JSON };
	struct http_response answer;
	HM_TRY_IN(cx, http_send(cx, http, &r, &answer), "\"%.*s\"", HM_FMT(url));
	*out = (struct repair_page){ .url = answer.url, .is_there = answer.status == 200 };
	if (answer.status == 404 || answer.status == 410)
		return NULL;
	if (answer.status != 200)
		return hm_fail(cx,
			       answer.status == 401 || answer.status == 403 ? HM_DENIED : HM_SYSTEM,
			       "\"%.*s\": the server answered with status %d", HM_FMT(url),
			       answer.status);
	out->bytes = answer.body;
	out->type = http_header_get(&answer.headers, "content-type");
	return NULL;
}
