/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives whose jars are replaced, into the layer. The old one comes from the layer of the base
 * that has it; a worker says of which parts of it, and of what, the new one is made; here they are
 * put together; and another worker reads what has come of it.
 */
#include <errno.h>
#include <unistd.h>

#include "base/worker.h"
#include "codec/gzip.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"
#include "repair/layer_file.h"

enum { STEP = 256 * 1024 };

/* One archive on its way. */
struct nesting {
	struct repair_language_run *l;
	const struct java_planned *p;
	const struct repair_node *node;
	struct java_puts puts;
	HM_VEC(const struct java_choice *) choices; /* one a put */
	int old, jars, made; /* temporary files: the archive, what comes into it, the new one */
	HM_VEC(uint64_t) at; /* of each put in .jars */
	uint64_t size;       /* of the new one */
	int64_t time;
};

static void nesting_done(struct nesting *s)
{
	hm_close_fd(&s->old);
	hm_close_fd(&s->jars);
	hm_close_fd(&s->made);
}

/* ------------------------------------------------------------------ what comes into it */

static hm_err read_some(struct hm_cx *cx, int fd, char *room, uint64_t at, uint64_t n,
			struct hm_str *out)
{
	ssize_t got;
	do
		got = pread(fd, room, n < STEP ? (size_t)n : STEP, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return hm_fail(cx, HM_SYSTEM, "could not read a temporary file: %s",
			       got ? strerror(errno) : "it has become shorter");
	*out = hm_bytes(room, (size_t)got);
	return hm_alive(cx);
}

static hm_err spool_jar(struct hm_cx *cx, struct nesting *s, int fd, struct java_put *put)
{
	CRYPTO_AUTO_HASH hash = { 0 };
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	uint8_t digest[CRYPTO_DIGEST_MAX];
	crypto_hash_start(&hash, CRYPTO_SHA1);
	for (uint64_t at = 0; at < put->size;) {
		struct hm_str bytes = HM_STR("");
		HM_TRY(read_some(cx, fd, room, at, put->size - at, &bytes));
		put->crc = gzip_crc32_more(put->crc, bytes);
		crypto_hash_add(&hash, bytes);
		HM_TRY(hm_write_all(cx, s->jars, "a temporary file", bytes));
		at += bytes.n;
	}
	hm_release(cx, mark);
	size_t n = crypto_hash_end(&hash, digest);
	put->sha1 = hm_hex(cx, hm_bytes((const char *)digest, n));
	return NULL;
}

static hm_err add_choice(struct hm_cx *cx, struct nesting *s, const struct java_choice *c)
{
	const struct java_jar *jar = &s->p->installed.p[c->jar];
	struct java_put put = { .entry = jar->entry, .time = c->time };
	HM_AUTO_FD fd = -1;
	off_t at = lseek(s->jars, 0, SEEK_CUR);
	if (at < 0)
		return hm_fail_os(cx, "could not write a temporary file");
	put.name = hm_from(c->path, jar->outer.n + strlen("!/"));
	HM_TRY_IN(cx, repair_java_fetch_choice(cx, s->l, c, &fd, &put.size), "\"%.*s\"",
		  HM_FMT(hm_basename(c->url)));
	HM_TRY(spool_jar(cx, s, fd, &put));
	if (c->time > s->time)
		s->time = c->time;
	*hm_push(cx, &s->puts) = put;
	*hm_push(cx, &s->choices) = c;
	*hm_push(cx, &s->at) = (uint64_t)at;
	return NULL;
}

static hm_err add_choices(struct hm_cx *cx, struct nesting *s)
{
	HM_TRY(hm_temp_fd(cx, &s->jars));
	for (size_t i = 0; i < s->p->choices.n; i++) {
		const struct java_jar *jar = &s->p->installed.p[s->p->choices.p[i].jar];
		if (jar->outer.n && jar->node == s->node)
			HM_TRY(add_choice(cx, s, &s->p->choices.p[i]));
	}
	return NULL;
}

/* ------------------------------------------------------------------ the workers */

static hm_err feed_file(struct hm_cx *cx, struct hm_worker *w, int fd, uint64_t size)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	bool wants = true;
	for (uint64_t at = 0; at < size && wants;) {
		struct hm_str bytes = HM_STR("");
		HM_TRY(read_some(cx, fd, room, at, size - at, &bytes));
		HM_TRY(hm_worker_feed(cx, w, bytes, &wants));
		at += bytes.n;
	}
	hm_release(cx, mark);
	return NULL;
}

static hm_err put_question(struct hm_cx *cx, const struct nesting *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_open(&o, "puts", '[');
	for (size_t i = 0; i < s->puts.n; i++) {
		const struct java_put *p = &s->puts.p[i];
		json_open(&o, NULL, '{');
		json_put_str(&o, "entry", p->entry);
		json_put_str(&o, "name", p->name);
		json_put_int(&o, "size", (int64_t)p->size);
		json_put_int(&o, "crc", p->crc);
		json_put_int(&o, "time", p->time);
		json_put_str(&o, "sha1", p->sha1);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "what comes into an archive", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

static hm_err ask_pieces(struct hm_cx *cx, const struct nesting *s, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_AUTO_BUF head = HM_BUF(HM_KIB);
	struct hm_str question;
	bool wants = true;
	HM_TRY(put_question(cx, s, &question));
	hm_buf_le(&head, question.n, 8);
	HM_TRY(hm_worker_start(cx, REPAIR_JAVA_WRITE_JOB, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_feed(cx, &w, hm_buf_str(&head), &wants));
	if (wants)
		HM_TRY(hm_worker_feed(cx, &w, question, &wants));
	if (wants)
		HM_TRY(feed_file(cx, &w, s->old, s->node->size));
	return hm_worker_answer(cx, &w, out);
}

/* ------------------------------------------------------------------ put together */

static hm_err write_part(struct hm_cx *cx, struct nesting *s, int fd, uint64_t at, uint64_t n)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	s->size += n;
	while (n) {
		struct hm_str bytes = HM_STR("");
		HM_TRY(read_some(cx, fd, room, at, n, &bytes));
		HM_TRY(hm_write_all(cx, s->made, "a temporary file", bytes));
		at += bytes.n;
		n -= bytes.n;
	}
	hm_release(cx, mark);
	return NULL;
}

static bool is_part(const struct nesting *s, const struct java_piece *p)
{
	return !p->text.n && p->n <= s->node->size && p->at <= s->node->size - p->n;
}

static bool is_put(const struct nesting *s, const struct java_piece *p, size_t puts)
{
	return !p->text.n && !p->n && p->at < s->puts.n && puts < s->puts.n;
}

static bool is_text(const struct java_piece *p)
{
	return !p->at && !p->n && p->text.n <= HM_MAX_REPAIR_CONTROL;
}

/* The worker is not believed: the old one's parts lie in it, and each put comes once, in full. */
static hm_err write_piece(struct hm_cx *cx, struct nesting *s, const struct java_piece *p,
			  size_t *puts)
{
	if (s->size > HM_MAX_REPAIR_JAR)
		return hm_fail(cx, HM_LIMIT, "it would be larger than %llu bytes",
			       (unsigned long long)HM_MAX_REPAIR_JAR);
	if (p->kind == JAVA_OLD && is_part(s, p))
		return write_part(cx, s, s->old, p->at, p->n);
	if (p->kind == JAVA_PUT && is_put(s, p, *puts)) {
		++*puts;
		return write_part(cx, s, s->jars, s->at.p[p->at], s->puts.p[p->at].size);
	}
	if (p->kind == JAVA_TEXT && is_text(p)) {
		s->size += p->text.n;
		return hm_write_all(cx, s->made, "a temporary file", p->text);
	}
	return hm_fail(cx, HM_INPUT, "its writer answered in no known form");
}

static bool read_piece(struct hm_cur *c, struct java_piece *out)
{
	struct java_piece p = { .kind = (enum java_piece_kind)hm_le(c, 1) };
	p.at = hm_uvarint(c);
	p.n = hm_uvarint(c);
	p.text = hm_take_str(c, hm_uvarint(c));
	*out = p;
	return !c->bad;
}

static hm_err write_archive(struct hm_cx *cx, struct nesting *s)
{
	struct hm_str answer;
	size_t puts = 0;
	HM_TRY(ask_pieces(cx, s, &answer));
	HM_TRY(hm_temp_fd(cx, &s->made));
	for (struct hm_cur c = hm_cur(answer); c.n;) {
		struct java_piece p;
		if (!read_piece(&c, &p))
			return hm_fail(cx, HM_INPUT, "its writer answered in no known form");
		HM_TRY(write_piece(cx, s, &p, &puts));
	}
	if (puts != s->puts.n)
		return hm_fail(cx, HM_INPUT, "its writer answered in no known form");
	if (s->size > HM_MAX_REPAIR_JAR)
		return hm_fail(cx, HM_LIMIT, "it would be larger than %llu bytes",
			       (unsigned long long)HM_MAX_REPAIR_JAR);
	return NULL;
}

/* ------------------------------------------------------------------ read again */

static bool is_read(struct hm_cx *cx, struct json look, struct hm_str entry, struct hm_str version)
{
	for (struct json_iter it = json_iter(json_get(look, "nested")); json_next(&it);) {
		struct hm_str text = json_str(json_get(it.value, "look"));
		struct json nested;
		if (hm_eq(json_str(json_get(it.value, "entry")), entry))
			return !json_parse(cx, text, JSON_STRICT, &nested) &&
			       hm_eq(version, json_str(json_get(nested, "version")));
	}
	return false;
}

static hm_err check_archive(struct hm_cx *cx, const struct nesting *s)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_str answer;
	struct json look;
	HM_TRY(hm_worker_start(cx, REPAIR_JAVA_CHECK_JOB, s->node->path, 0, &w));
	HM_TRY(feed_file(cx, &w, s->made, s->size));
	HM_TRY(hm_worker_answer(cx, &w, &answer));
	HM_TRY(json_parse(cx, answer, JSON_STRICT, &look));
	for (size_t i = 0; i < s->puts.n; i++)
		if (!is_read(cx, look, s->puts.p[i].name, s->choices.p[i]->version))
			return hm_fail(cx, HM_INPUT,
				       "what was written has no \"%.*s\" of version %.*s",
				       HM_FMT(s->puts.p[i].name), HM_FMT(s->choices.p[i]->version));
	return NULL;
}

static hm_err install(struct hm_cx *cx, struct nesting *s, struct repair_layer *layer)
{
	const struct repair_node *n = s->node;
	struct tar_entry e = { .type = TAR_FILE,
			       .path = n->path,
			       .mode = n->mode & 0777,
			       .uid = n->uid,
			       .gid = n->gid,
			       .mtime = n->mtime > s->time ? n->mtime : s->time,
			       .size = s->size };
	if (lseek(s->made, 0, SEEK_SET) != 0)
		return hm_fail_os(cx, "could not read a temporary file");
	HM_TRY(repair_layer_put(cx, layer, &e));
	return repair_layer_add_fd(cx, layer, s->made);
}

static hm_err apply_one(struct hm_cx *cx, struct nesting *s, int blob, struct repair_layer *layer)
{
	HM_TRY(repair_layer_extract(cx, blob, s->node, &s->old));
	HM_TRY(add_choices(cx, s));
	HM_TRY(write_archive(cx, s));
	HM_TRY(check_archive(cx, s));
	return install(cx, s, layer);
}

/* ------------------------------------------------------------------ all of them */

static int by_layer(const void *a, const void *b)
{
	const struct repair_node *x = *(const struct repair_node *const *)a;
	const struct repair_node *y = *(const struct repair_node *const *)b;
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return hm_cmp(x->path, y->path);
}

hm_err repair_java_apply_nested(struct hm_cx *cx, struct repair_language_run *l,
				struct repair_layer *layer)
{
	const struct java_planned *p = l->own;
	HM_VEC(const struct repair_node *) nodes = { 0 };
	HM_AUTO_FD blob = -1;
	for (size_t i = 0; i < p->choices.n; i++) {
		const struct java_jar *jar = &p->installed.p[p->choices.p[i].jar];
		if (jar->outer.n)
			*hm_push(cx, &nodes) = jar->node;
	}
	if (nodes.n)
		qsort(nodes.p, nodes.n, sizeof(struct repair_node *), by_layer);
	for (size_t i = 0; i < nodes.n; i++) {
		if (i && nodes.p[i] == nodes.p[i - 1])
			continue;
		if (!i || nodes.p[i]->layer != nodes.p[i - 1]->layer) {
			hm_close_fd(&blob);
			HM_TRY(repair_layer_blob(cx, &l->run->base, nodes.p[i]->layer, &blob));
		}
		HM_CLEANUP(nesting_done)
		struct nesting s = { l, p, nodes.p[i], .old = -1, .jars = -1, .made = -1 };
		HM_TRY_IN(cx, apply_one(cx, &s, blob, layer), "\"/%.*s\"",
			  HM_FMT(nodes.p[i]->path));
	}
	return NULL;
}
