/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pipe.h"
#include "crypto/crypto.h"
#include "http/client/client.h"
#include "http/client/curl.h"
#include "http/parts.h"

enum {
	CONNECT_SECONDS = 10,
	RECEIVE_BUFFER = 256 * 1024,
	SEND_BUFFER = 512 * 1024,
	SMALL_BUFFER = 16 * 1024, /* each is wiped, and wiping it takes its pages */
	ERROR_BODY = 1024 * 1024, /* of an answer that is not 2xx; the rest is dropped */
};

/* ---- one transfer; what the callbacks see */

struct call {
	struct hm_cx *cx;
	const struct http_attempt *x;
	struct http_transfer *t;
	CURL *curl;
	bool told; /* what TLS negotiated */
	size_t header_bytes;
	bool headers_end;   /* what comes now are trailers */
	bool begun;         /* bytes of the body have come */
	uint64_t at;        /* of a body that is resumed: where in it we are */
	size_t dropped;     /* bytes of a body that nobody keeps */
	bool heard_enough;  /* enough of it: the answer is used, the connection is given up */
	hm_err err;         /* of our own callbacks: goes before libcurl's */
	struct hm_str rest; /* of a body given as bytes */
};

static size_t on_header(char *p, size_t one, size_t n, void *arg)
{
	struct call *k = arg;
	struct http_header h;
	struct hm_str line = hm_bytes(p, n * one);
	k->header_bytes += line.n;
	if (k->header_bytes > HM_MAX_HTTP_HEADERS) {
		k->err = hm_fail(k->cx, HM_LIMIT, "the answer's headers are larger than %llu bytes",
				 (unsigned long long)HM_MAX_HTTP_HEADERS);
		return 0;
	}
	if (!k->told)
		http_curl_log_tls(k->cx, k->curl, k->x->url);
	k->told = true;
	if (hm_starts(line, HM_STR("HTTP/"))) {
		k->t->headers = (struct http_headers){ 0 };
		k->headers_end = false;
	} else if (hm_trim(line).n == 0) {
		k->headers_end = true;
	} else if (!k->headers_end && http_header_line(hm_trim(line), &h)) {
		struct http_header *to = hm_push(k->cx, &k->t->headers);
		*to = (struct http_header){ hm_dup(k->cx, h.name), hm_dup(k->cx, h.value) };
	}
	return n * one;
}

static long read_status(CURL *curl)
{
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

struct receiver {
	struct call *k;
	CURL *curl;
};

/* Where in the whole body this answer begins: "bytes 100-199/200" (RFC 9110, 14.4). */
static hm_err find_offset(struct call *k, long status)
{
	struct http_resume *s = k->x->r->resume;
	struct hm_str range = http_header_get(&k->t->headers, "content-range");
	struct hm_str tag = http_header_get(&k->t->headers, "etag");
	struct hm_str unit = hm_cut(&range, ' '), first = hm_cut(&range, '-');
	uint64_t at = 0;
	k->begun = true;
	if (s->got == 0 && hm_starts(tag, HM_STR("\"")))
		s->etag = hm_dup(k->cx, tag);
	if (status == 206 &&
	    (!hm_eqz(unit, "bytes") || !hm_u64(first, UINT64_MAX, &at) || at != s->got))
		return hm_fail(k->cx, HM_INPUT,
			       "the server sent another range than the one from %llu",
			       (unsigned long long)s->got);
	k->at = at;
	return NULL;
}

/* What the sink has already is skipped. */
static hm_err pass_on_rest(struct call *k, struct hm_str bytes, long status)
{
	const struct http_request *q = k->x->r;
	struct http_resume *s = q->resume;
	if (!k->begun)
		HM_TRY(find_offset(k, status));
	uint64_t known = s->got - k->at;
	k->at += bytes.n < known ? bytes.n : known;
	bytes = hm_from(bytes, known < bytes.n ? (size_t)known : bytes.n);
	if (bytes.n == 0)
		return NULL;
	HM_TRY(q->sink(k->cx, q->sink_arg, bytes));
	s->got += bytes.n;
	k->at += bytes.n;
	return NULL;
}

static size_t on_body(char *p, size_t one, size_t n, void *arg)
{
	struct receiver *r = arg;
	struct call *k = r->k;
	struct hm_str bytes = hm_bytes(p, n * one);
	const struct http_request *q = k->x->r;
	long status = read_status(r->curl);
	bool good = status >= 200 && status < 300;
	if (good && q->sink) {
		k->t->delivered = true;
		k->err = q->resume ? pass_on_rest(k, bytes, status)
				   : q->sink(k->cx, q->sink_arg, bytes);
		return k->err ? 0 : bytes.n;
	}
	size_t max = good ? q->max_body : ERROR_BODY, have = k->t->body.n;
	if (good && max && bytes.n > max - have) {
		k->err = hm_fail(k->cx, HM_LIMIT, "the answer is larger than %zu bytes", max);
		return 0;
	}
	struct hm_str kept = hm_sub(bytes, 0, have < max ? max - have : 0);
	hm_buf_add(&k->t->body, kept);
	k->dropped += bytes.n - kept.n;
	k->heard_enough = k->dropped > ERROR_BODY;
	return k->heard_enough ? 0 : bytes.n;
}

static size_t on_send(char *room, size_t one, size_t n, void *arg)
{
	struct call *k = arg;
	const struct http_body *b = &k->x->r->body;
	size_t got = 0;
	k->t->body_read = true;
	k->err = b->read(k->cx, b->arg, room, n * one, &got);
	return k->err ? CURL_READFUNC_ABORT : got;
}

/* libcurl starts over when a kept connection turns out to be dead. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct call *k = arg;
	const struct http_body *b = &k->x->r->body;
	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	if (!k->t->body_read)
		return CURL_SEEKFUNC_OK;
	if (!b->rewind)
		return CURL_SEEKFUNC_FAIL;
	k->err = b->rewind(k->cx, b->arg);
	return k->err ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct call *k = arg;
	(void)a, (void)b, (void)c, (void)d;
	if (!k->err)
		k->err = hm_alive(k->cx);
	return k->err ? 1 : 0;
}

/* Libcurl's buffers are as large as what goes through them is worth. */
static void set_buffers(CURL *curl, const struct http_request *r)
{
	bool is_short = !r->sink || (r->expected && r->expected <= SMALL_BUFFER);
	int64_t sent = r->body.read ? r->body.size : (int64_t)r->body.bytes.n;
	bool sends_little = !r->has_body || (sent >= 0 && sent <= SMALL_BUFFER);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE,
			 (long)(is_short ? SMALL_BUFFER : RECEIVE_BUFFER));
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE,
			 (long)(sends_little ? SMALL_BUFFER : SEND_BUFFER));
}

static void set_peer(CURL *curl, const struct http_config *f, const struct http_url *u,
		     const struct http_request *r)
{
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)HM_MAX_HTTP_STALL);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT,
			 f->user_agent ? f->user_agent : "hullmark/" HULLMARK_VERSION);
	/* the file stands beside the system's folder, which stays libcurl's default */
	if (f->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, f->ca_file);
	if (f->cert_file)
		curl_easy_setopt(curl, CURLOPT_SSLCERT, f->cert_file);
	if (f->key_file)
		curl_easy_setopt(curl, CURLOPT_SSLKEY, f->key_file);
	if (f->insecure) {
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	bool direct = http_is_loopback(u->host) || r->no_proxy;
	if (direct)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (!direct || !hm_eqz(u->scheme, "http"))
		crypto_need_all(); /* the proxy may speak TLS, too */
}

static void set_body(CURL *curl, struct call *k)
{
	const struct http_body *b = &k->x->r->body;
	const char *m = k->x->method;
	bool expects = strcmp(m, "POST") == 0 || strcmp(m, "PUT") == 0 || strcmp(m, "PATCH") == 0;
	if (strcmp(m, "HEAD") == 0) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else if (k->x->body && b->read) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_send);
		curl_easy_setopt(curl, CURLOPT_READDATA, k);
		curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(curl, CURLOPT_SEEKDATA, k);
		curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)b->size);
	} else if (k->x->body || expects) {
		/* no body is an empty one: some servers want its length all the same */
		struct hm_str bytes = k->x->body ? b->bytes : (struct hm_str){ "", 0 };
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes.n ? bytes.p : "");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes.n);
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	}
	if (strcmp(m, "HEAD") != 0)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, m);
}

static void set_callbacks(CURL *curl, struct call *k, struct receiver *r)
{
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, k);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, k);
}

static bool is_text(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

static void free_list(struct curl_slist **l)
{
	curl_slist_free_all(*l);
}

static struct curl_slist *add_range(struct hm_cx *cx, const struct http_resume *s,
				    struct curl_slist *l)
{
	l = curl_slist_append(l, hm_fmt(cx, "Range: bytes=%llu-", (unsigned long long)s->got).p);
	return s->etag.n ? curl_slist_append(l, hm_fmt(cx, "If-Range: %.*s", HM_FMT(s->etag)).p)
			 : l;
}

static hm_err add_header(struct hm_cx *cx, const struct http_header *h, bool secret,
			 struct curl_slist **l)
{
	if (!http_is_token(h->name) || !is_text(h->value)) {
		curl_slist_free_all(*l);
		*l = NULL;
		return hm_fail(cx, HM_INPUT, "a header \"%.*s\" cannot be sent", HM_FMT(h->name));
	}
	HM_AUTO_BUF line = { .max = HM_MAX_HTTP_HEADERS, .secret = secret };
	hm_buf_add(&line, h->name);
	hm_buf_addz(&line, h->value.n ? ": " : ";");
	hm_buf_add(&line, h->value);
	*l = curl_slist_append(*l, hm_buf_str(&line).p);
	return NULL;
}

static hm_err make_header_list(struct hm_cx *cx, const struct http_attempt *x,
			       struct curl_slist **out)
{
	bool typed = false;
	/* no waiting for 100-continue; libcurl's own content type is a form's */
	struct curl_slist *l = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; i < x->r->headers_n; i++) {
		const struct http_header *h = &x->r->headers[i];
		bool is_authorization = hm_cmp_nocase(h->name, HM_STR("authorization")) == 0;
		if (is_authorization && !x->authorize)
			continue;
		typed = typed || hm_cmp_nocase(h->name, HM_STR("content-type")) == 0;
		HM_TRY(add_header(cx, h, is_authorization, &l));
	}
	for (size_t i = 0; i < x->r->given_n && x->authorize; i++)
		HM_TRY(add_header(cx, &x->r->given[i], true, &l));
	if (x->r->resume && x->r->resume->got)
		l = add_range(cx, x->r->resume, l);
	*out = typed ? l : curl_slist_append(l, "Content-Type:");
	return NULL;
}

static hm_err perform_request(struct hm_cx *cx, struct call *k, CURL *curl)
{
	char words[CURL_ERROR_SIZE] = "";
	HM_CLEANUP(free_list) struct curl_slist *headers = NULL;
	struct receiver r = { k, curl };
	struct hm_pipe_held held;
	struct http_url u;
	k->curl = curl;
	HM_TRY(http_url_parse(cx, k->x->url, &u));
	HM_TRY(make_header_list(cx, k->x, &headers));
	set_peer(curl, http_pool_config(k->x->client), &u, k->x->r);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
			 k->x->r->connect_ms ? (long)k->x->r->connect_ms : CONNECT_SECONDS * 1000L);
	set_buffers(curl, k->x->r);
	set_body(curl, k);
	set_callbacks(curl, k, &r);
	curl_easy_setopt(curl, CURLOPT_CONNECT_TO, http_pool_connect_to(k->x->client));
	curl_easy_setopt(curl, CURLOPT_SHARE, http_pool_share(k->x->client));
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_URL, hm_dupz(cx, k->x->url));
	if (cx->deadline) {
		/* rounded up: whoever is told that it took too long sees by the clock whose limit
		 * it was */
		int64_t left = (cx->deadline - hm_mono()) / (HM_SECOND / 1000) + 1;
		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left > 0 ? left : 1));
	}
	hm_pipe_hold(&held); /* with CURLOPT_NOSIGNAL libcurl does not */
	CURLcode code = curl_easy_perform(curl);
	hm_pipe_release(&held);
	k->t->status = (int)read_status(curl);
	k->t->no_tls = hm_eqz(u.scheme, "https") && http_curl_speaks_no_tls(curl, code, words);
	if (code == CURLE_OK || (k->heard_enough && !k->err))
		return NULL;
	return k->err ? k->err : http_curl_explain(cx, code, words, k->t);
}

void http_transfer_reset(struct http_transfer *t)
{
	hm_buf_done(&t->body);
	*t = (struct http_transfer){ .body_read = t->body_read, .delivered = t->delivered };
}

void http_transfer_done(struct http_transfer *t)
{
	hm_buf_done(&t->body);
}

hm_err http_transfer(struct hm_cx *cx, const struct http_attempt *x, struct http_transfer *t)
{
	struct call k = { .cx = cx, .x = x, .t = t };
	struct http_url u;
	if (http_pool_config(x->client)->offline)
		return hm_hint(cx, hm_fail(cx, HM_DENIED, "--offline forbids network use"),
			       "an oci: or sbom: target, or leave --offline out");
	HM_TRY(http_url_parse(cx, x->url, &u));
	struct hm_str name = hm_fmt(cx, "%s://%.*s:%u", u.scheme.p, HM_FMT(u.host), u.port);
	uint64_t origin = hm_hash(name);
	/* room for either kind of answer; which limit holds is on_body()'s */
	t->body = HM_BUF(x->r->max_body > ERROR_BODY ? x->r->max_body : ERROR_BODY);
	t->body.secret = cx->secret;
	CURL *curl = http_pool_take(x->client, origin);
	if (!curl)
		return hm_fail(cx, HM_SYSTEM, "could not set up an HTTP request");
	hm_err err = perform_request(cx, &k, curl);
	http_pool_give(x->client, curl, origin);
	return err;
}
