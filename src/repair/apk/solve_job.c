/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: apk's records and indexes become what the solver reads, and its answer apk's. */
#include <unistd.h>

#include "codec/stream.h"
#include "codec/tar.h"
#include "repair/apk/versions.h"
#include "repair/solver.h"

enum { STEP = 256 * 1024 };

/* What a solve_package was before; of the same number. */
struct item {
	struct hm_str text, version;
};
struct job {
	struct hm_cx *cx;
	struct solve_options o;
	struct solve_packages all;
	struct {
		struct item *p;
		size_t n, cap;
	} items;
	struct apk_versions versions;
	struct hm_str world;
	struct hm_strs notes;
};

/* ------------------------------------------------------------------ input */

static hm_err read_all(struct hm_cx *cx, int in, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_INDEX);
	size_t n = 1;
	while (n) {
		char *room = hm_buf_room(&b, STEP);
		if (!room)
			return hm_fail(cx, HM_LIMIT, "the indexes are more than %llu bytes",
				       (unsigned long long)HM_MAX_REPAIR_INDEX);
		HM_TRY(stream_read_fd(cx, &in, room, STEP, &n));
		b.n -= STEP - n;
	}
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

struct index {
	struct hm_buf text;
	bool wanted;
};

static void index_done(struct index *x)
{
	hm_buf_done(&x->text);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct index *x = arg;
	*out_data = e->type == TAR_FILE && hm_eqz(e->path, "APKINDEX");
	if (*out_data && x->text.n)
		return hm_fail(cx, HM_INPUT, "it has two APKINDEX");
	x->wanted = x->wanted || *out_data;
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct index *x = arg;
	(void)cx;
	(void)offset;
	hm_buf_add(&x->text, bytes);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)cx;
	(void)arg;
	return NULL;
}

static hm_err read_index(struct hm_cx *cx, struct hm_str packed, struct hm_str *out)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(index_done) struct index x = { .text = HM_BUF(HM_MAX_REPAIR_INDEX) };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open_package(cx, (struct stream_source){ stream_read_str, &packed }, &s));
	TAR_AUTO t = tar_open(cx, &events, &x);
	HM_TRY(tar_feed_stream(cx, t, &s));
	if (!x.wanted)
		return hm_fail(cx, HM_INPUT, "there is no APKINDEX in it");
	HM_TRY(hm_buf_end(cx, &x.text, "the index", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* ------------------------------------------------------------------ packages */

static bool is_good(const struct job *j, struct hm_str text, bool installed)
{
	struct hm_str arch = repair_apk_field(text, 'A'), version = repair_apk_field(text, 'V');
	uint64_t size;
	if (!repair_apk_is_plain(repair_apk_field(text, 'P')) || !version.n)
		return false;
	if (installed)
		return true;
	return repair_apk_is_plain(version) && repair_apk_field(text, 'C').n == 30 &&
	       hm_u64(repair_apk_field(text, 'S'), HM_MAX_REPAIR_PACKAGE, &size) &&
	       (!arch.n || hm_eqz(arch, "noarch") || hm_eq(arch, j->o.native));
}

static hm_err add_packages(struct job *j, struct hm_str text, bool installed, uint32_t index)
{
	while (text.n) {
		struct hm_str own = repair_apk_paragraph(&text);
		struct solve_package p = { .installed = installed, .index = index };
		if (!is_good(j, own, installed))
			continue;
		if (j->all.n >= HM_MAX_REPAIR_PACKAGES)
			return hm_fail(j->cx, HM_LIMIT, "more than %llu packages",
				       (unsigned long long)HM_MAX_REPAIR_PACKAGES);
		p.name = repair_apk_field(own, 'P');
		p.arch = j->o.native;
		p.source = repair_apk_field(own, 'o');
		if (!p.source.n)
			p.source = p.name;
		p.source_version = repair_apk_field(own, 'V');
		p.sha256 = repair_apk_field(own, 'C');
		if (!hm_u64(repair_apk_field(own, 'S'), HM_MAX_REPAIR_PACKAGE, &p.size))
			p.size = 0;
		*hm_push(j->cx, &j->all) = p;
		*hm_push(j->cx, &j->items) = (struct item){ own, p.source_version };
	}
	return NULL;
}

static void collect_versions(struct job *j, struct hm_str words)
{
	struct apk_relation r;
	for (struct hm_str word = repair_apk_word(&words); word.n; word = repair_apk_word(&words))
		if (repair_apk_relation(word, &r) && !r.fuzzy && !r.pinned)
			repair_apk_versions_add(j->cx, &j->versions, r.version);
}

static hm_err rewrite(struct job *j, struct hm_str words, bool conflicts, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_CONTROL);
	if (!repair_apk_relations(j->cx, &j->versions, words, conflicts, &b))
		return hm_fail(j->cx, HM_INPUT, "the relations \"%.*s\" cannot be read",
			       HM_FMT(words));
	*out = hm_dup(j->cx, hm_buf_str(&b));
	return b.over ? hm_fail(j->cx, HM_LIMIT, "a package has too many relations") : NULL;
}

/* What somebody asked for must stay: a package that is installed and needs it. */
static hm_err add_world(struct job *j)
{
	struct solve_package p = { .name = HM_STR(".world"),
				   .version = HM_STR("R0"),
				   .arch = j->o.native,
				   .installed = true,
				   .held = true };
	struct apk_relation r;
	HM_TRY(rewrite(j, j->world, false, &p.depends));
	HM_TRY(rewrite(j, j->world, true, &p.conflicts));
	*hm_push(j->cx, &j->all) = p;
	*hm_push(j->cx, &j->items) = (struct item){ 0 };
	struct hm_str words = j->world;
	for (struct hm_str word = repair_apk_word(&words); word.n; word = repair_apk_word(&words))
		for (size_t i = 0; repair_apk_relation(word, &r) && r.pinned && i < j->all.n; i++)
			if (j->all.p[i].installed && hm_eq(j->all.p[i].name, r.name))
				j->all.p[i].held = true;
	return NULL;
}

static hm_err rewrite_all(struct job *j)
{
	for (size_t i = 0; i < j->items.n; i++) {
		repair_apk_versions_add(j->cx, &j->versions, j->items.p[i].version);
		collect_versions(j, repair_apk_field(j->items.p[i].text, 'D'));
		collect_versions(j, repair_apk_field(j->items.p[i].text, 'p'));
	}
	collect_versions(j, j->world);
	repair_apk_versions_sort(&j->versions);
	for (size_t i = 0; i < j->items.n; i++) {
		struct solve_package *p = &j->all.p[i];
		struct hm_str needs = repair_apk_field(j->items.p[i].text, 'D');
		p->version = repair_apk_version_rank(j->cx, &j->versions, j->items.p[i].version);
		HM_TRY_IN(j->cx, rewrite(j, needs, false, &p->depends), "package \"%.*s\"",
			  HM_FMT(p->name));
		HM_TRY_IN(j->cx, rewrite(j, needs, true, &p->conflicts), "package \"%.*s\"",
			  HM_FMT(p->name));
		HM_TRY_IN(j->cx,
			  rewrite(j, repair_apk_field(j->items.p[i].text, 'p'), false,
				  &p->provides),
			  "package \"%.*s\"", HM_FMT(p->name));
	}
	return add_world(j);
}

/* ------------------------------------------------------------------ answer */

static const struct item *item_of(const struct job *j, int id)
{
	for (size_t i = 0; id && i < j->all.n; i++)
		if (j->all.p[i].id == id)
			return &j->items.p[i];
	return NULL;
}

static const struct item *installed_item(const struct job *j, struct hm_str name)
{
	for (size_t i = 0; i < j->all.n; i++)
		if (j->all.p[i].installed && hm_eq(j->all.p[i].name, name))
			return &j->items.p[i];
	return NULL;
}

static struct hm_str best_version(const struct job *j, const struct solve_best *b)
{
	for (size_t i = 0; i < j->all.n; i++)
		if (!j->all.p[i].installed && hm_eq(j->all.p[i].name, b->name) &&
		    hm_eq(j->all.p[i].version, b->version))
			return j->items.p[i].version;
	return HM_STR("");
}

/* apk takes no two packages that provide one name with a version; the solver would. */
static void check_provider(struct job *j, struct hm_map *by, size_t i, struct solve_answer *a)
{
	struct hm_str name = j->all.p[i].name;
	struct hm_str words = repair_apk_field(j->items.p[i].text, 'p');
	struct apk_relation r;
	for (struct hm_str word = repair_apk_word(&words); word.n; word = repair_apk_word(&words)) {
		if (!repair_apk_relation(word, &r) || !r.version.n)
			continue;
		const struct solve_package *other = hm_map_get(by, r.name);
		if (other && !hm_eq(other->name, name) &&
		    (!other->installed || !j->all.p[i].installed))
			*hm_push(j->cx, &a->problems) =
				hm_fmt(j->cx, "\"%.*s\" and \"%.*s\" both provide %.*s",
				       HM_FMT(other->name), HM_FMT(name), HM_FMT(r.name));
		hm_map_put(j->cx, by, r.name, &j->all.p[i]);
	}
}

/* Packages that apk would add because all are there that they wait for. */
static void note_install_if(struct job *j, const struct hm_map *there, const struct hm_map *new)
{
	for (size_t i = 0; i < j->all.n; i++) {
		struct hm_str words = repair_apk_field(j->items.p[i].text, 'i');
		bool all = words.n > 0, any_new = false;
		struct apk_relation r;
		if (j->all.p[i].installed || hm_map_has(there, j->all.p[i].name))
			continue;
		for (struct hm_str word = repair_apk_word(&words); word.n && all;
		     word = repair_apk_word(&words)) {
			all = repair_apk_relation(word, &r) && hm_map_has(there, r.name);
			any_new = any_new || hm_map_has(new, r.name);
		}
		if (all && any_new)
			*hm_push(j->cx, &j->notes) =
				hm_fmt(j->cx,
				       "%.*s was not added, which apk would do by itself "
				       "(install_if)",
				       HM_FMT(j->all.p[i].name));
	}
}

static void finish(struct job *j, struct solve_answer *a)
{
	struct hm_map by = { 0 }, there = { 0 }, new = { 0 };
	for (size_t i = 0; i < a->steps_n; i++) {
		struct solve_step *s = &a->steps[i];
		const struct item *old = installed_item(j, s->name);
		s->from = old ? old->version : HM_STR("");
		if (!old)
			hm_map_put(j->cx, &new, s->name, j);
	}
	for (size_t i = 0; i < j->all.n; i++) {
		const struct solve_package *p = &j->all.p[i];
		bool in = p->installed;
		for (size_t k = 0; k < a->steps_n; k++)
			if (hm_eq(a->steps[k].name, p->name))
				in = p->id && p->id == a->steps[k].to.id;
		if (!in || !j->items.p[i].text.n)
			continue;
		hm_map_put(j->cx, &there, p->name, j);
		check_provider(j, &by, i, a);
	}
	note_install_if(j, &there, &new);
	for (size_t i = 0; i < a->best_n; i++)
		a->best[i].version = a->best[i].source_version = best_version(j, &a->best[i]);
	for (size_t i = 0; i < a->problems.n; i++)
		a->problems.p[i] = repair_apk_versions_say(j->cx, &j->versions, a->problems.p[i]);
}

static void put_answer(struct job *j, struct solve_answer *a, struct hm_buf *out)
{
	hm_buf_uvarint(out, a->steps_n);
	for (size_t i = 0; i < a->steps_n; i++) {
		struct solve_step *s = &a->steps[i];
		const struct item *x = item_of(j, s->to.id);
		hm_buf_counted(out, x ? x->text : HM_STR(""));
		if (!x)
			continue;
		s->to.version = s->to.source_version = x->version;
		s->to.path = hm_fmt(j->cx, "%.*s-%.*s.apk", HM_FMT(s->name), HM_FMT(x->version));
	}
	hm_buf_uvarint(out, j->notes.n);
	for (size_t i = 0; i < j->notes.n; i++)
		hm_buf_counted(out, j->notes.p[i]);
	repair_solve_answer_put(out, a);
}

static hm_err read_frames(struct job *j, struct hm_str input)
{
	struct hm_cur c = hm_cur(input);
	uint32_t index = 0;
	while (c.n) {
		char kind = (char)hm_le(&c, 1);
		struct hm_str bytes = hm_take_str(&c, hm_le(&c, 8)), text;
		if (c.bad)
			return hm_fail(j->cx, HM_INPUT, "the input ends early");
		if (kind == APK_FRAME_INSTALLED) {
			HM_TRY(add_packages(j, bytes, true, 0));
		} else if (kind == APK_FRAME_WORLD) {
			j->world = bytes;
		} else {
			HM_TRY_IN(j->cx, read_index(j->cx, bytes, &text), "an index of packages");
			HM_TRY(add_packages(j, text, false, index++));
		}
	}
	return NULL;
}

hm_err repair_apk_solve_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct job j = { .cx = cx };
	struct solve_answer a = { 0 };
	struct hm_str input;
	HM_TRY(repair_solve_options_read(cx, args, &j.o));
	HM_TRY(read_all(cx, in, &input));
	HM_TRY(read_frames(&j, input));
	HM_TRY(rewrite_all(&j));
	repair_solve_mark(cx, &j.all, &j.o);
	HM_TRY(repair_solve(cx, &j.all, &j.o, &a));
	finish(&j, &a);
	put_answer(&j, &a, out);
	return NULL;
}
