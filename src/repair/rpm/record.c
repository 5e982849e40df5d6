/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker says of a package, and how its parent reads it. */
#include "codec/tar.h"
#include "repair/rpm/header.h"
#include "repair/rpm/tags.h"

/* ------------------------------------------------------------------ said by the worker */

struct hm_str repair_rpm_evr(struct hm_cx *cx, const struct rpm_header *h)
{
	struct hm_str version = repair_rpm_string(h, RPM_TAG_VERSION);
	struct hm_str release = repair_rpm_string(h, RPM_TAG_RELEASE);
	uint64_t epoch = repair_rpm_number(h, RPM_TAG_EPOCH);
	struct hm_str evr =
		release.n ? hm_fmt(cx, "%.*s-%.*s", HM_FMT(version), HM_FMT(release)) : version;
	return epoch ? hm_fmt(cx, "%llu:%.*s", (unsigned long long)epoch, HM_FMT(evr)) : evr;
}

/* "system-release(releasever) = 39", or the version of who provides "system-release". */
static struct hm_str releasever_of(const struct rpm_header *h)
{
	static const char *const names[] = { "system-release", "redhat-release",
					     "distribution-release", "azurelinux-release",
					     "mariner-release" };
	struct rpm_values name = repair_rpm_strings(h, RPM_TAG_PROVIDENAME);
	struct rpm_values version = repair_rpm_strings(h, RPM_TAG_PROVIDEVERSION);
	struct hm_str n, v, found = HM_STR("");
	while (repair_rpm_next_string(&name, &n)) {
		repair_rpm_next_string(&version, &v);
		if (hm_eqz(n, "system-release(releasever)"))
			return v;
		for (size_t i = 0; i < HM_LEN(names); i++)
			if (hm_eqz(n, names[i]))
				found = repair_rpm_string(h, RPM_TAG_VERSION);
	}
	return found;
}

/* Lists that run beside each other, a value a file. */
struct file_lists {
	struct hm_strs dirs;
	struct rpm_values name, dir, link, user, group, caps, langs, digest;
	struct rpm_values mode, flags, color, inode, size, mtime, state;
};

static void open_lists(struct hm_cx *cx, const struct rpm_header *h, struct file_lists *l)
{
	struct rpm_values dirs = repair_rpm_strings(h, RPM_TAG_DIRNAMES);
	struct hm_str s;
	while (repair_rpm_next_string(&dirs, &s))
		*hm_push(cx, &l->dirs) = s;
	l->name = repair_rpm_strings(h, RPM_TAG_BASENAMES);
	l->dir = repair_rpm_numbers(h, RPM_TAG_DIRINDEXES);
	l->link = repair_rpm_strings(h, RPM_TAG_FILELINKTOS);
	l->user = repair_rpm_strings(h, RPM_TAG_FILEUSERNAME);
	l->group = repair_rpm_strings(h, RPM_TAG_FILEGROUPNAME);
	l->caps = repair_rpm_strings(h, RPM_TAG_FILECAPS);
	l->langs = repair_rpm_strings(h, RPM_TAG_FILELANGS);
	l->digest = repair_rpm_strings(h, RPM_TAG_FILEDIGESTS);
	l->mode = repair_rpm_numbers(h, RPM_TAG_FILEMODES);
	l->flags = repair_rpm_numbers(h, RPM_TAG_FILEFLAGS);
	l->color = repair_rpm_numbers(h, RPM_TAG_FILECOLORS);
	l->inode = repair_rpm_numbers(h, RPM_TAG_FILEINODES);
	l->size = repair_rpm_numbers(h, RPM_TAG_FILESIZES);
	if (!l->size.left)
		l->size = repair_rpm_numbers(h, RPM_TAG_LONGFILESIZES);
	l->mtime = repair_rpm_numbers(h, RPM_TAG_FILEMTIMES);
	l->state = repair_rpm_numbers(h, RPM_TAG_FILESTATES);
}

static bool put_text(struct rpm_values *v, struct hm_buf *out)
{
	struct hm_str s;
	bool there = repair_rpm_next_string(v, &s);
	hm_buf_counted(out, s);
	return there;
}

static bool put_number(struct rpm_values *v, struct hm_buf *out)
{
	uint64_t n;
	bool there = repair_rpm_next_number(v, &n);
	hm_buf_uvarint(out, n);
	return there;
}

static hm_err put_file(struct hm_cx *cx, struct file_lists *l, struct hm_str name,
		       struct hm_buf *out)
{
	struct hm_str path = HM_STR("");
	uint64_t dir;
	bool good = repair_rpm_next_number(&l->dir, &dir) && dir < l->dirs.n;
	if (good)
		HM_TRY(tar_clean_path(cx,
				      hm_fmt(cx, "%.*s%.*s", HM_FMT(l->dirs.p[dir]), HM_FMT(name)),
				      &path));
	hm_buf_counted(out, path);
	good = put_text(&l->link, out) && good;
	good = put_text(&l->user, out) && good;
	good = put_text(&l->group, out) && good;
	put_text(&l->caps, out);
	put_text(&l->langs, out);
	good = put_text(&l->digest, out) && good;
	good = put_number(&l->mode, out) && good;
	good = put_number(&l->flags, out) && good;
	put_number(&l->color, out);
	good = put_number(&l->inode, out) && good;
	good = put_number(&l->size, out) && good;
	good = put_number(&l->mtime, out) && good;
	put_number(&l->state, out);
	return good ? NULL : hm_fail(cx, HM_INPUT, "its lists of files do not fit each other");
}

static hm_err put_files(struct hm_cx *cx, const struct rpm_header *h, struct hm_buf *out)
{
	struct file_lists l = { 0 };
	struct hm_str name;
	open_lists(cx, h, &l);
	hm_buf_uvarint(out, l.name.left);
	for (uint32_t n = l.name.left; n; n--) {
		struct hm_mark mark = hm_mark(cx);
		if (!repair_rpm_next_string(&l.name, &name))
			return hm_fail(cx, HM_INPUT, "its list of files ends early");
		HM_TRY(put_file(cx, &l, name, out));
		hm_release(cx, mark);
	}
	return NULL;
}

/* ------------------------------------------------------------------ scripts */

static const struct script_row {
	const char *kind;
	uint32_t body, program;
} script_rows[] = {
	{ "pre", 1023, 1085 },        { "post", 1024, 1086 },        { "preun", 1025, 1087 },
	{ "postun", 1026, 1088 },     { "pretrans", 1151, 1153 },    { "posttrans", 1152, 1154 },
	{ "preuntrans", 5103, 5105 }, { "postuntrans", 5104, 5106 },
};

static const struct trigger_row {
	const char *kind;
	enum rpm_trigger trigger;
	uint32_t bodies, programs, names, indexes;
} trigger_rows[] = {
	{ "trigger", RPM_PACKAGE_TRIGGER, 1065, 1092, RPM_TAG_TRIGGERNAME, 1069 },
	{ "filetrigger", RPM_FILE_TRIGGER, 5066, 5067, RPM_TAG_FILETRIGGERNAME,
	  RPM_TAG_FILETRIGGERINDEX },
	{ "transfiletrigger", RPM_FILE_TRIGGER, 5076, 5077, RPM_TAG_TRANSFILETRIGGERNAME,
	  RPM_TAG_TRANSFILETRIGGERINDEX },
};

static void put_script(struct hm_buf *out, const char *kind, struct hm_str program,
		       struct hm_str body)
{
	hm_buf_counted(out, hm_cstr(kind));
	hm_buf_counted(out, program);
	hm_buf_counted(out, body);
}

/* With its arguments, where it has some. */
static struct hm_str program_of(struct hm_cx *cx, const struct rpm_header *h, uint32_t tag)
{
	struct rpm_values v = repair_rpm_strings(h, tag);
	struct hm_str s, all = HM_STR("");
	while (repair_rpm_next_string(&v, &s))
		all = all.n ? hm_fmt(cx, "%.*s %.*s", HM_FMT(all), HM_FMT(s)) : s;
	return all;
}

static void put_plain(struct hm_cx *cx, const struct rpm_header *h, struct hm_buf *out, uint64_t *n)
{
	for (size_t i = 0; i < HM_LEN(script_rows); i++) {
		const struct script_row *r = &script_rows[i];
		struct hm_str body = repair_rpm_string(h, r->body);
		struct hm_str program = program_of(cx, h, r->program);
		if (!body.n && !program.n)
			continue;
		put_script(out, r->kind, program, body);
		hm_buf_char(out, RPM_NO_TRIGGER);
		hm_buf_uvarint(out, 0);
		++*n;
	}
}

static void put_triggers(struct hm_cx *cx, const struct rpm_header *h, const struct trigger_row *r,
			 struct hm_buf *out, uint64_t *n)
{
	struct rpm_values body = repair_rpm_strings(h, r->bodies);
	struct rpm_values program = repair_rpm_strings(h, r->programs);
	struct hm_str b, p, name;
	for (uint64_t i = 0; repair_rpm_next_string(&body, &b); i++) {
		struct rpm_values names = repair_rpm_strings(h, r->names);
		struct rpm_values indexes = repair_rpm_numbers(h, r->indexes);
		struct hm_strs on = { 0 };
		uint64_t index;
		repair_rpm_next_string(&program, &p);
		while (repair_rpm_next_string(&names, &name))
			if (repair_rpm_next_number(&indexes, &index) && index == i)
				*hm_push(cx, &on) = name;
		put_script(out, r->kind, p, b);
		hm_buf_char(out, (char)r->trigger);
		hm_buf_uvarint(out, on.n);
		for (size_t k = 0; k < on.n; k++)
			hm_buf_counted(out, on.p[k]);
		++*n;
	}
}

static hm_err put_scripts(struct hm_cx *cx, const struct rpm_header *h, struct hm_buf *out)
{
	HM_AUTO_BUF all = HM_BUF(HM_MAX_REPAIR_CONTROL);
	struct hm_str bytes;
	uint64_t n = 0;
	put_plain(cx, h, &all, &n);
	for (size_t i = 0; i < HM_LEN(trigger_rows); i++)
		put_triggers(cx, h, &trigger_rows[i], &all, &n);
	HM_TRY(hm_buf_end(cx, &all, "its scripts", &bytes));
	hm_buf_uvarint(out, n);
	hm_buf_add(out, bytes);
	return NULL;
}

hm_err repair_rpm_record_put(struct hm_cx *cx, const struct rpm_header *h, struct hm_buf *out)
{
	struct hm_str name = repair_rpm_string(h, RPM_TAG_NAME);
	bool is_key = hm_eqz(name, "gpg-pubkey");
	hm_buf_counted(out, name);
	hm_buf_counted(out, repair_rpm_evr(cx, h));
	hm_buf_counted(out, repair_rpm_string(h, RPM_TAG_ARCH));
	hm_buf_counted(out, repair_rpm_string(h, RPM_TAG_SOURCERPM));
	hm_buf_counted(out, repair_rpm_string(h, RPM_TAG_VENDOR));
	hm_buf_counted(out, releasever_of(h));
	hm_buf_counted(out, is_key ? repair_rpm_string(h, RPM_TAG_DESCRIPTION) : HM_STR(""));
	hm_buf_counted(out, repair_rpm_string(h, RPM_TAG_PAYLOADCOMPRESSOR));
	hm_buf_counted(out, repair_rpm_string(h, RPM_TAG_PAYLOADDIGEST));
	hm_buf_uvarint(out, repair_rpm_number(h, RPM_TAG_INSTALLCOLOR));
	hm_buf_uvarint(out, repair_rpm_number(h, RPM_TAG_FILEDIGESTALGO));
	hm_buf_uvarint(out, repair_rpm_number(h, RPM_TAG_SIZE));
	hm_buf_uvarint(out, repair_rpm_number(h, RPM_TAG_BUILDTIME));
	HM_TRY(put_files(cx, h, out));
	return put_scripts(cx, h, out);
}

/* ------------------------------------------------------------------ read by the parent */

static struct hm_str take(struct hm_cur *c)
{
	return hm_take_str(c, hm_uvarint(c));
}

static uint32_t take32(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	c->bad = c->bad || n > UINT32_MAX;
	return (uint32_t)n;
}

static int64_t take_time(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	c->bad = c->bad || n > INT64_MAX;
	return (int64_t)n;
}

static void read_file(struct hm_cur *c, struct rpm_file *f)
{
	f->path = take(c);
	f->link = take(c);
	f->user = take(c);
	f->group = take(c);
	f->caps = take(c);
	f->langs = take(c);
	f->digest = take(c);
	f->mode = take32(c);
	f->flags = take32(c);
	f->color = take32(c);
	f->inode = hm_uvarint(c);
	f->size = hm_uvarint(c);
	f->mtime = take_time(c);
	f->state = take32(c);
}

static bool is_inside(struct hm_str path)
{
	while (path.n) {
		struct hm_str part = hm_cut(&path, '/');
		if (!part.n || hm_eqz(part, "..") || hm_eqz(part, "."))
			return false;
	}
	return true;
}

bool repair_rpm_record_read(struct hm_cx *cx, struct hm_cur *c, struct rpm_package *out)
{
	struct rpm_package p = { .name = take(c), .evr = take(c) };
	p.arch = take(c);
	p.source = take(c);
	p.vendor = take(c);
	p.releasever = take(c);
	p.key = take(c);
	p.payload = take(c);
	p.payload_digest = take(c);
	p.color = take32(c);
	p.digest_algorithm = take32(c);
	p.total = hm_uvarint(c);
	p.build_time = take_time(c);
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--) {
		struct rpm_file *f = hm_push(cx, &p.files);
		read_file(c, f);
		c->bad = c->bad || !is_inside(f->path) || f->path.n > HM_MAX_PATH;
	}
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--) {
		struct rpm_script *s = hm_push(cx, &p.scripts);
		s->kind = take(c);
		s->program = take(c);
		s->body = take(c);
		s->trigger = (enum rpm_trigger)hm_le(c, 1);
		for (uint64_t k = hm_uvarint(c); k && !c->bad; k--)
			*hm_push(cx, &s->on) = take(c);
		c->bad = c->bad || s->trigger > RPM_FILE_TRIGGER;
	}
	*out = p;
	return !c->bad && p.name.n && p.evr.n;
}
