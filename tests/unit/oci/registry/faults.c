/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th write, flush, rename, link or removal fails, for each n: a change of the registry is
 * done or not, whole, in its tables, its files and, in the end, in index.json; and it works again.
 */
#include "faults.h"

#include <errno.h>
#include <time.h>

#include "oci/registry/registry.h"

#include "unit.h"

enum { TRIES_MAX = 10000 };

struct manifest {
	struct oci_descriptor d;
	const char *file;
};

struct room {
	struct hm_cx cx;
	const char *dir, *data;
	struct oci_registry *r;
	struct manifest one, two;
};

static struct hm_str name_of_it(void)
{
	return HM_STR("a/b");
}

static hm_err open_registry(struct hm_cx *cx, const char *data, struct oci_registry **out)
{
	struct oci_registry_config config = { .data_dir = data };
	return oci_registry_open(cx, &config, out);
}

/* A manifest with this annotation, as a file. */
static struct manifest make_manifest(struct room *s, const char *note)
{
	struct oci_annotation a = { HM_STR("note"), hm_cstr(note) };
	struct oci_manifest m = {
		.kind = OCI_IS_MANIFEST,
		.config = { .media_type = HM_STR(OCI_EMPTY),
			    .digest = crypto_digest_text(&s->cx, CRYPTO_SHA256, HM_STR("{}")),
			    .size = 2 },
		.artifact_type = HM_STR("a/b"),
		.annotations = { .p = &a, .n = 1 },
	};
	struct hm_str bytes;
	struct manifest made = { .file = hm_path(&s->cx, s->dir, note) };
	assert_ok(oci_manifest_format(&s->cx, &m, &bytes));
	assert_ok(hm_write_file(&s->cx, made.file, bytes, 0644));
	made.d =
		(struct oci_descriptor){ .media_type = HM_STR(OCI_MANIFEST),
					 .digest = crypto_digest_text(&s->cx, CRYPTO_SHA256, bytes),
					 .size = bytes.n };
	return made;
}

/* Put it under tag "t". */
static hm_err put(struct room *s, const struct manifest *m)
{
	struct registry_change c = {
		.name = name_of_it(), .reference = HM_STR("t"), .put = &m->d, .file = m->file
	};
	*hm_push(&s->cx, &c.tags) = HM_STR("t");
	return oci_registry_repo_change(&s->cx, s->r, &c);
}

static hm_err take_away(struct room *s, struct hm_str reference)
{
	struct registry_change c = { .name = name_of_it(), .reference = reference };
	return oci_registry_repo_change(&s->cx, s->r, &c);
}

static void make_room(struct room *s)
{
	static unsigned serial;
	*s = (struct room){ .cx = HM_CX(64 * HM_MIB) };
	s->dir = hm_path(&s->cx, unit_temp_dir(), hm_fmt(&s->cx, "room-%u", serial++).p);
	s->data = hm_path(&s->cx, s->dir, "data");
	assert_ok(hm_mkdirs(&s->cx, s->dir, 0755));
	assert_ok(open_registry(&s->cx, s->data, &s->r));
	s->one = make_manifest(s, "one");
	s->two = make_manifest(s, "two");
	assert_ok(put(s, &s->one));
}

static void leave_room(struct room *s)
{
	oci_registry_close(s->r);
	hm_cx_done(&s->cx);
}

/* What tag "t" is; empty: there is none. Its manifest is there, whole. */
static struct hm_str find_tag(struct hm_cx *cx, struct oci_registry *r)
{
	struct registry_found found;
	struct hm_str bytes;
	assert_ok(oci_registry_find(cx, r, name_of_it(), HM_STR("t"), &found));
	if (!found.there)
		return HM_STR("");
	assert_ok(hm_read_file(cx, oci_registry_blob_path(cx, r, name_of_it(), found.e.d.digest),
			       HM_MIB, &bytes));
	assert_ok(oci_digest_check(cx, found.e.d.digest, bytes));
	return found.e.d.digest;
}

static bool is_filed(struct room *s, const char *data, struct hm_str digest)
{
	struct hm_str text;
	assert_ok(
		hm_read_file(&s->cx, hm_path(&s->cx, data, "repos/a/b/index.json"), HM_MIB, &text));
	return hm_find(text, digest) != SIZE_MAX;
}

static void assert_clear(hm_err err)
{
	if (err->code != HM_SYSTEM && err->code != HM_FULL)
		fail_msg("code %d: %s", (int)err->code, err->why);
	if (!strstr(err->why, "could not"))
		fail_msg("\"%s\" does not say what could not be done", err->why);
}

enum operation { MOVE_TAG, DROP_TAG, DROP_MANIFEST };

static const struct fault_case {
	const char *label;
	enum operation what;
	int error;
	bool stays; /* all that follow fail, too */
} cases[] = {
	{ "a tag is moved", MOVE_TAG, EIO, false },
	{ "a tag is moved, no room", MOVE_TAG, ENOSPC, true },
	{ "a tag is taken away", DROP_TAG, EIO, false },
	{ "a tag is taken away, no room", DROP_TAG, ENOSPC, true },
	{ "a manifest is removed", DROP_MANIFEST, EIO, false },
	{ "a manifest is removed, no room", DROP_MANIFEST, ENOSPC, true },
};

static hm_err run_operation(struct room *s, const struct fault_case *c)
{
	if (c->what == MOVE_TAG)
		return put(s, &s->two);
	return take_away(s, c->what == DROP_TAG ? HM_STR("t") : s->one.d.digest);
}

/* The registry on a copy of the files as they are now, as after a kill. */
static struct hm_str find_after_kill(struct room *s, const char *copy)
{
	struct oci_registry *r;
	assert_true(faults_copy(s->data, copy));
	assert_ok(open_registry(&s->cx, copy, &r));
	struct hm_str found = find_tag(&s->cx, r);
	oci_registry_close(r);
	return found;
}

static void assert_old_or_new(struct hm_str got, struct hm_str old, struct hm_str new, bool is_done)
{
	if (!hm_eq(got, new) && (is_done || !hm_eq(got, old)))
		fail_msg("the tag is \"%.*s\"", (int)got.n, got.p);
}

static void change(void **state)
{
	const struct fault_case *c = *state;
	long calls = 0;
	for (long n = 1; n < TRIES_MAX; n++) {
		struct room s;
		make_room(&s);
		const char *copy = hm_path(&s.cx, s.dir, "copy");
		faults_start(n, c->error, c->stays);
		hm_err err = run_operation(&s, c);
		calls = faults_stop();
		if (err)
			assert_clear(err);
		struct hm_str new = c->what == MOVE_TAG ? s.two.d.digest : HM_STR("");
		struct hm_str killed = find_after_kill(&s, copy), now = find_tag(&s.cx, s.r);
		assert_old_or_new(killed, s.one.d.digest, new, !err);
		assert_old_or_new(now, s.one.d.digest, new, !err);
		/* what cannot be asked for is not listed either, and the other way round */
		if (killed.n)
			assert_true(is_filed(&s, copy, killed));
		if (c->what == DROP_MANIFEST && !killed.n)
			assert_false(is_filed(&s, copy, s.one.d.digest));
		/* the same process goes on, and the next */
		struct manifest three = make_manifest(&s, "three");
		assert_ok(put(&s, &three));
		assert_str(find_tag(&s.cx, s.r), three.d.digest);
		assert_true(is_filed(&s, s.data, three.d.digest));
		oci_registry_close(s.r);
		assert_ok(open_registry(&s.cx, s.data, &s.r));
		assert_str(find_tag(&s.cx, s.r), three.d.digest);
		leave_room(&s);
		if (calls < n) {
			assert_ok(err);
			break;
		}
	}
	assert_true(calls > 3);
}

/* The start fails with a sentence, or does not; the next one works. */
static void start(void **state)
{
	(void)state;
	long calls = 0;
	for (long n = 1; n < TRIES_MAX; n++) {
		struct room s;
		struct hm_str found;
		make_room(&s);
		oci_registry_close(s.r);
		faults_start(n, ENOSPC, true);
		hm_err err = open_registry(&s.cx, s.data, &s.r);
		calls = faults_stop();
		if (err)
			assert_clear(err);
		else
			oci_registry_close(s.r);
		assert_ok(open_registry(&s.cx, s.data, &s.r));
		found = find_tag(&s.cx, s.r);
		assert_str(found, s.one.d.digest);
		leave_room(&s);
		if (calls < n)
			break;
	}
}

/* A manifest is removed, and its file cannot be: what counts are the tables, at once. */
static void a_file_that_stays_is_not_listed(void **state)
{
	(void)state;
	struct room s;
	struct registry_entry e;
	struct registry_found found;
	make_room(&s);
	/* asked for, so that it is at hand */
	assert_ok(oci_registry_find(&s.cx, s.r, name_of_it(), s.one.d.digest, &found));
	assert_true(oci_registry_find_fast(&s.cx, s.r, name_of_it(), s.one.d.digest, &e));
	faults_only("unlink");
	faults_start(1, EIO, true);
	hm_err err = take_away(&s, s.one.d.digest);
	faults_stop();
	faults_only(NULL);
	assert_fault(err, HM_SYSTEM, "could not remove the blob");
	assert_false(oci_registry_find_fast(&s.cx, s.r, name_of_it(), s.one.d.digest, &e));
	assert_ok(oci_registry_find(&s.cx, s.r, name_of_it(), s.one.d.digest, &found));
	assert_false(found.there);
	assert_false(is_filed(&s, s.data, s.one.d.digest));
	leave_room(&s);
}

/* What index.json could not be told at once it is told later, although nobody pushes. */
static void index_is_written_later(void **state)
{
	(void)state;
	struct room s;
	make_room(&s);
	int64_t end = hm_mono() + 15 * HM_SECOND;
	faults_only("rename");
	faults_start(1, ENOSPC, true);
	assert_ok(put(&s, &s.two));
	faults_stop();
	faults_only(NULL);
	assert_false(is_filed(&s, s.data, s.two.d.digest));
	while (!is_filed(&s, s.data, s.two.d.digest)) {
		struct timespec pause = { 0, 50 * 1000 * 1000 };
		if (hm_mono() > end)
			fail_msg("index.json is still behind");
		nanosleep(&pause, NULL);
	}
	leave_room(&s);
}

/* What was confirmed is there after a loss of power: names were flushed, and those of the folders
 * that they lie in. */
static void names_are_flushed_before_it_is_confirmed(void **state)
{
	(void)state;
	struct room s;
	faults_watch_folders();
	make_room(&s);
	/* index.json is the keeper's, after it was confirmed: its folder is flushed in the end */
	const char *left, *filed = hm_path(&s.cx, s.data, "repos/a/b");
	int64_t end = hm_mono() + 15 * HM_SECOND;
	do {
		struct timespec pause = { 0, 10 * 1000 * 1000 };
		left = faults_find_unflushed(hm_path(&s.cx, s.data, "repos"));
		if (left && strcmp(left, filed) == 0)
			nanosleep(&pause, NULL);
	} while (left && strcmp(left, filed) == 0 && hm_mono() < end);
	left = left ? left : faults_find_unflushed(hm_path(&s.cx, s.data, "tables"));
	if (left)
		fail_msg("\"%s\" was not flushed", left);
	for (size_t i = 0; i < 2; i++) {
		left = faults_find_unflushed(i ? s.data : s.dir);
		if (left && (strcmp(left, s.data) == 0 || strcmp(left, s.dir) == 0))
			fail_msg("\"%s\" was not flushed", left);
	}
	leave_room(&s);
}

int main(void)
{
	UNIT_TABLE(change, cases);
	UNIT(start);
	UNIT(a_file_that_stays_is_not_listed);
	UNIT(index_is_written_later);
	UNIT(names_are_flushed_before_it_is_confirmed);
	return unit_run("oci/registry/faults");
}
