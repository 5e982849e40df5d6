/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/layout.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "unit.h"

static struct oci_target target(struct hm_cx *cx, const char *dir, const char *rest)
{
	struct oci_target t;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s%s", dir, rest), &t));
	return t;
}

static struct oci_place *open_layout(struct hm_cx *cx, const char *dir, enum oci_mode mode)
{
	struct oci_target t = target(cx, dir, "");
	struct oci_place *p;
	assert_ok(oci_open(cx, NULL, &t, mode, &p));
	return p;
}

static const char *fresh(struct hm_cx *cx)
{
	return hm_path(cx, unit_temp_dir(), "layout");
}

static struct oci_descriptor attach(struct hm_cx *cx, struct oci_place *p, const char *type,
				    const char *bytes, const struct oci_descriptor *subject)
{
	struct oci_artifact a = { .artifact_type = hm_cstr(type), .bytes = hm_cstr(bytes) };
	struct oci_descriptor d;
	if (subject)
		a.subject = *subject;
	assert_ok(oci_attach(cx, p, &a, &d));
	return d;
}

static void keeps_what_is_pushed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = open_layout(&cx, fresh(&cx), OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/b", "hello", NULL), found;
	assert_ok(oci_tag(&cx, p, &d, HM_STR("v1")));
	assert_ok(oci_tag(&cx, p, &d, HM_STR("v2")));
	struct hm_strs tags;
	assert_ok(oci_tags(&cx, p, &tags));
	assert_int_equal(tags.n, 2);
	assert_ok(oci_resolve(&cx, p, HM_STR("v1"), &found));
	assert_str(found.digest, d.digest);
	assert_ok(oci_resolve(&cx, p, HM_STR(""), &found));
	assert_str(found.digest, d.digest);
	struct oci_manifest m;
	assert_ok(oci_fetch_manifest(&cx, p, &found, &m));
	assert_strz(oci_manifest_artifact_type(&m), "a/b");
	struct hm_str bytes;
	assert_ok(oci_fetch(&cx, p, &m.layers[0], 100, &bytes));
	assert_strz(bytes, "hello");
	assert_fault(oci_fetch(&cx, p, &m.layers[0], 4, &bytes), HM_LIMIT, "more than");
	assert_fault(oci_resolve(&cx, p, HM_STR("v3"), &found), HM_ABSENT, "has no tag \"v3\"");
}

static void finds_referrers(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/image", "1", NULL);
	assert_ok(oci_tag(&cx, p, &d, HM_STR("v1")));
	struct oci_descriptor sbom = attach(&cx, p, "a/sbom", "2", &d);
	attach(&cx, p, "a/report", "3", &d);
	attach(&cx, p, "a/signature", "4", &sbom);
	struct oci_referrer_list all;
	assert_ok(oci_referrers(&cx, p, &d, HM_STR(""), &all));
	assert_int_equal(all.n, 2);
	assert_int_equal(all.p[0].data.n + all.p[1].data.n, 0);
	assert_ok(oci_referrers(&cx, p, &d, HM_STR("a/sbom"), &all));
	assert_int_equal(all.n, 1);
	assert_str(all.p[0].digest, sbom.digest);
	assert_strz(all.p[0].artifact_type, "a/sbom");
	struct oci_manifest m; /* who asks for a type does not read the file again */
	const char *file = hm_fmt(&cx, "%s/blobs/sha256/%s", dir, sbom.digest.p + 7).p;
	assert_int_equal(all.p[0].data.n, sbom.size);
	assert_int_equal(unlink(file), 0);
	assert_ok(oci_fetch_manifest(&cx, p, &all.p[0], &m));
	assert_strz(oci_manifest_artifact_type(&m), "a/sbom");
	assert_ok(hm_write_file(&cx, file, all.p[0].data, 0644));
	assert_ok(oci_referrers(&cx, p, &d, HM_STR("a/other"), &all));
	assert_int_equal(all.n, 0);
	struct oci_descriptor only;
	assert_ok(oci_resolve(&cx, p, HM_STR(""), &only));
	assert_str(only.digest, d.digest);

	OCI_AUTO_PLACE to = open_layout(&cx, fresh(&cx), OCI_WRITE);
	assert_ok(oci_copy(&cx, p, &d, to, &(struct oci_copy_options){ HM_STR("v9"), true, NULL }));
	assert_ok(oci_referrers(&cx, to, &sbom, HM_STR(""), &all));
	assert_int_equal(all.n, 1);
	assert_ok(oci_resolve(&cx, to, HM_STR("v9"), &only));
	assert_str(only.digest, d.digest);
	assert_ok(oci_delete(&cx, to, &d));
	assert_fault(oci_resolve(&cx, to, HM_STR("v9"), &only), HM_ABSENT, "has no tag \"v9\"");
	assert_fault(oci_delete(&cx, to, &d), HM_ABSENT, "does not list");
}

/* What a place remembers is old enough to be remembered. */
static void let_it_settle(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 150 * 1000000 }, NULL);
}

static size_t count_referrers(struct hm_cx *cx, struct oci_place *p,
			      const struct oci_descriptor *subject)
{
	struct oci_referrer_list all;
	assert_ok(oci_referrers(cx, p, subject, HM_STR(""), &all));
	return all.n;
}

/* A place that remembers what it has read sees what is written all the same, by itself and by
 * others, also in place. */
static void sees_what_changes(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *dir = fresh(&cx), *index = hm_path(&cx, dir, "index.json");
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/image", "1", NULL), found;
	struct hm_str before, after;
	assert_ok(hm_read_file(&cx, index, HM_MIB, &before));
	OCI_AUTO_PLACE other = open_layout(&cx, dir, OCI_WRITE);
	for (int i = 0; i < 2; i++) {
		if (i)
			let_it_settle();
		assert_int_equal(count_referrers(&cx, p, &d), i);
		assert_int_equal(count_referrers(&cx, p, &d), i);
		attach(&cx, i ? p : other, "a/sbom", i ? "2" : "3", &d);
		assert_int_equal(count_referrers(&cx, p, &d), i + 1);
	}
	let_it_settle();
	assert_fault(oci_resolve(&cx, p, HM_STR("v1"), &found), HM_ABSENT, "has no tag");
	assert_ok(oci_tag(&cx, other, &d, HM_STR("v1")));
	assert_ok(oci_resolve(&cx, p, HM_STR("v1"), &found));
	assert_ok(hm_read_file(&cx, index, HM_MIB, &after));
	assert_true(after.n > before.n);
	let_it_settle();
	assert_int_equal(count_referrers(&cx, p, &d), 2);
	FILE *f = fopen(index, "r+e"); /* as others may: in place, and of the same length */
	assert_non_null(f);
	fwrite(before.p, 1, before.n, f);
	fprintf(f, "%*s", (int)(after.n - before.n), "");
	fclose(f);
	assert_int_equal(count_referrers(&cx, p, &d), 0);
	assert_fault(oci_resolve(&cx, p, HM_STR("v1"), &found), HM_ABSENT, "has no tag");
}

/* A place that is held answers about all as it did about the first; what it has read had its
 * digest when it was read. */
static void holds_what_it_lists(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/image", "1", NULL),
			      sbom = attach(&cx, p, "a/sbom", "2", &d), found;
	assert_ok(oci_tag(&cx, p, &d, HM_STR("v1")));
	OCI_AUTO_PLACE held = open_layout(&cx, dir, OCI_READ);
	oci_hold(held);
	assert_int_equal(count_referrers(&cx, held, &d), 1);
	struct oci_referrer_list list;
	struct oci_manifest read, parsed;
	for (int i = 0; i < 2; i++) {
		attach(&cx, p, "a/sbom", i ? "3" : "4", &d);
		assert_ok(oci_tag(&cx, p, &d, hm_fmt(&cx, "new%d", i)));
		let_it_settle();
		assert_int_equal(count_referrers(&cx, held, &d), 1);
		assert_int_equal(count_referrers(&cx, p, &d), i + 2);
		assert_fault(oci_resolve(&cx, held, hm_fmt(&cx, "new%d", i), &found), HM_ABSENT,
			     "has no tag");
		assert_ok(oci_resolve(&cx, held, HM_STR("v1"), &found));
		assert_str(found.digest, d.digest);
	}
	/* it is read for who asks for its type, and is what it was */
	assert_ok(oci_referrers(&cx, held, &d, HM_STR(""), &list));
	assert_null(list.p[0].read);
	assert_ok(oci_referrers(&cx, held, &d, HM_STR("a/sbom"), &list));
	assert_int_equal(list.n, 1);
	assert_non_null(list.p[0].read);
	assert_ok(oci_fetch_manifest(&cx, held, &list.p[0], &read));
	assert_ok(oci_fetch_manifest(&cx, p, &sbom, &parsed));
	struct hm_str a, b;
	assert_ok(oci_manifest_format(&cx, &read, &a));
	assert_ok(oci_manifest_format(&cx, &parsed, &b));
	assert_str(a, b);
	assert_str(read.bytes, parsed.bytes);
	assert_null(oci_descriptor_copy(&cx, &list.p[0]).read);
	/* any other descriptor, of the same digest even, is fetched */
	const char *blob =
		hm_path(&cx, dir,
			hm_fmt(&cx, "blobs/sha256/%.*s", HM_FMT(hm_from(sbom.digest, 7))).p);
	char *bytes = hm_new(&cx, char, sbom.size);
	memset(bytes, ' ', sbom.size);
	assert_ok(hm_write_file(&cx, blob, hm_bytes(bytes, sbom.size), 0644));
	assert_fault(oci_fetch_manifest(&cx, held, &sbom, &read), HM_TRUST, "digest");
	/* of one that is written nothing is held */
	oci_hold(p);
	assert_int_equal(count_referrers(&cx, p, &d), 3);
}

/* One that is damaged when it is read is as damaged in a place that is held. */
static void holds_no_damage_back(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/image", "1", NULL),
			      other = attach(&cx, p, "a/image", "2", NULL),
			      sbom = attach(&cx, p, "a/sbom", "3", &d);
	struct oci_referrer_list list;
	const char *blob =
		hm_path(&cx, dir,
			hm_fmt(&cx, "blobs/sha256/%.*s", HM_FMT(hm_from(sbom.digest, 7))).p);
	char *bytes = hm_new(&cx, char, sbom.size);
	memset(bytes, ' ', sbom.size);
	assert_ok(hm_write_file(&cx, blob, hm_bytes(bytes, sbom.size), 0644));
	OCI_AUTO_PLACE held = open_layout(&cx, dir, OCI_READ);
	oci_hold(held);
	for (int i = 0; i < 2; i++)
		assert_fault(oci_referrers(&cx, held, i ? &d : &other, HM_STR("a/sbom"), &list),
			     HM_TRUST, "digest");
	/* a folder of blobs that is away is said to be */
	OCI_AUTO_PLACE empty = open_layout(&cx, dir, OCI_READ);
	assert_int_equal(rename(hm_path(&cx, dir, "blobs/sha256"), hm_path(&cx, dir, "blobs/x")),
			 0);
	oci_hold(empty);
	struct oci_manifest m;
	assert_fault(oci_fetch_manifest(&cx, empty, &d, &m), HM_ABSENT, "the layout has no");
}

/* It may be what somebody asks about. */
static void one_that_is_damaged_hides_only_from_itself(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor a = attach(&cx, p, "a/image", "1", NULL),
			      b = attach(&cx, p, "a/image", "2", NULL);
	struct oci_referrer_list all;
	attach(&cx, p, "a/sbom", "3", &a);
	attach(&cx, p, "a/sbom", "4", &b);
	const char *blob =
		hm_path(&cx, dir, hm_fmt(&cx, "blobs/sha256/%.*s", HM_FMT(hm_from(a.digest, 7))).p);
	char *bytes = hm_new(&cx, char, a.size);
	memset(bytes, ' ', a.size);
	assert_ok(hm_write_file(&cx, blob, hm_bytes(bytes, a.size), 0644));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(count_referrers(&cx, p, &a), 1);
		assert_fault(oci_referrers(&cx, p, &b, HM_STR(""), &all), HM_TRUST, "digest");
		let_it_settle();
	}
	/* one that is away refers to nothing */
	assert_int_equal(unlink(blob), 0);
	OCI_AUTO_PLACE again = open_layout(&cx, dir, OCI_READ);
	assert_int_equal(count_referrers(&cx, again, &b), 1);
}

/* However the word is written, a manifest that names a subject refers to it; what does not have the
 * word refers to nothing, even where it is no manifest at all. */
static void finds_a_subject_that_is_hidden(void **state)
{
	static const char hidden[] = "\"\\u0073ubject\"", word[] = "\"subject\"";
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/image", "1", NULL),
			      sbom = attach(&cx, p, "a/sbom", "2", &d), pushed;
	struct oci_manifest m;
	assert_ok(oci_fetch_manifest(&cx, p, &sbom, &m));
	size_t at = hm_find(m.bytes, HM_STR("\"subject\""));
	assert_true(at != SIZE_MAX);
	struct hm_str bytes = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(hm_sub(m.bytes, 0, at)), hidden,
				     HM_FMT(hm_from(m.bytes, at + sizeof(word) - 1)));
	assert_ok(oci_push_manifest(&cx, p, bytes, HM_STR(OCI_MANIFEST), HM_STR(""), &pushed));
	static const char *const nothing[] = { "{", "[]", "", "{\"schemaVersion\":2}" };
	for (size_t i = 0; i < HM_LEN(nothing); i++) {
		struct hm_str text = hm_cstr(nothing[i]);
		struct oci_descriptor bad = { .media_type = HM_STR(OCI_MANIFEST),
					      .digest =
						      crypto_digest_text(&cx, CRYPTO_SHA256, text),
					      .size = text.n };
		const char *blob =
			hm_path(&cx, dir,
				hm_fmt(&cx, "blobs/sha256/%.*s", HM_FMT(hm_from(bad.digest, 7))).p);
		assert_ok(hm_write_file(&cx, blob, text, 0644));
		assert_ok(oci_tag(&cx, p, &bad, hm_fmt(&cx, "bad%zu", i)));
	}
	for (int held = 0; held < 2; held++) {
		OCI_AUTO_PLACE again = open_layout(&cx, dir, OCI_READ);
		if (held)
			oci_hold(again);
		assert_int_equal(count_referrers(&cx, again, &d), 2);
	}
}

enum { WRITERS = 12, PUSHES = 60 };

struct crowd {
	struct oci_place *place;
	struct oci_descriptor subject;
};

static hm_err push_one(struct hm_cx *cx, void *arg, size_t i)
{
	const struct crowd *c = arg;
	struct hm_str text = hm_fmt(cx, "%zu", i);
	struct oci_artifact a = { .artifact_type = HM_STR("a/sbom"),
				  .bytes = text,
				  .subject = c->subject };
	struct oci_descriptor d;
	HM_TRY(oci_attach(cx, c->place, &a, &d));
	return oci_tag(cx, c->place, &d, hm_fmt(cx, "v%zu", i));
}

static hm_err push_and_look(struct hm_cx *cx, void *arg, size_t i)
{
	const struct crowd *c = arg;
	OCI_AUTO_PLACE other = NULL;
	struct oci_descriptor found;
	HM_TRY(push_one(cx, arg, i));
	/* it is there once its thread goes on, for whoever looks */
	HM_TRY(oci_open(cx, NULL, &c->place->target, OCI_READ, &other));
	return oci_resolve(cx, other, hm_fmt(cx, "v%zu", i), &found);
}

static void lists_what_threads_push(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	OCI_AUTO_PLACE p = open_layout(&cx, fresh(&cx), OCI_WRITE);
	struct crowd c = { .place = p };
	struct hm_strs tags;
	c.subject = attach(&cx, p, "a/image", "1", NULL);
	assert_ok(hm_parallel(&cx, PUSHES, WRITERS, 16 * HM_MIB, push_and_look, &c));
	assert_ok(oci_tags(&cx, p, &tags));
	assert_int_equal(tags.n, PUSHES);
	assert_int_equal(count_referrers(&cx, p, &c.subject), PUSHES);
}

/* A layout whose index.json cannot be read fails for each, and each has a fault of its own. */
static void fails_for_all_threads(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct crowd c = { .place = p };
	c.subject = attach(&cx, p, "a/image", "1", NULL);
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "index.json"), HM_STR("{"), 0644));
	assert_fault(hm_parallel(&cx, PUSHES, WRITERS, 16 * HM_MIB, push_one, &c), HM_INPUT,
		     "index.json");
}

static void moves_a_tag(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = open_layout(&cx, fresh(&cx), OCI_WRITE);
	struct oci_descriptor a = attach(&cx, p, "a/b", "1", NULL),
			      b = attach(&cx, p, "a/b", "2", NULL), found;
	assert_ok(oci_tag(&cx, p, &a, HM_STR("v1")));
	assert_ok(oci_tag(&cx, p, &b, HM_STR("v1")));
	assert_ok(oci_resolve(&cx, p, HM_STR("v1"), &found));
	assert_str(found.digest, b.digest);
	assert_ok(oci_resolve(&cx, p, a.digest, &found));
	assert_fault(oci_tag(&cx, p, &b, HM_STR("a b")), HM_USAGE, "is not a valid tag");
}

static void notices_a_changed_blob(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/b", "hello", NULL);
	struct oci_manifest m;
	struct hm_str bytes;
	assert_ok(oci_fetch_manifest(&cx, p, &d, &m));
	const char *blob =
		hm_path(&cx, dir,
			hm_fmt(&cx, "blobs/sha256/%.*s", HM_FMT(hm_from(m.layers[0].digest, 7))).p);
	assert_ok(hm_write_file(&cx, blob, HM_STR("hallo"), 0644));
	assert_fault(oci_fetch(&cx, p, &m.layers[0], 100, &bytes), HM_TRUST, "digest");
	assert_ok(hm_write_file(&cx, blob, HM_STR("hello!"), 0644));
	assert_fault(oci_fetch(&cx, p, &m.layers[0], 100, &bytes), HM_TRUST, "bytes");
	struct oci_descriptor wrong = m.layers[0];
	wrong.digest = crypto_digest_text(&cx, CRYPTO_SHA256, HM_STR("other"));
	assert_fault(oci_push_bytes(&cx, p, &wrong, HM_STR("hello")), HM_TRUST, "digest");
	struct http_body body = { .bytes = HM_STR("hello"), .size = 5 };
	assert_fault(oci_push_blob(&cx, p, &wrong, body), HM_TRUST, "digest");
	wrong.size = 4;
	assert_fault(oci_push_blob(&cx, p, &wrong, body), HM_TRUST, "more");
}

static void refuses_strange_folders(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *dir = unit_temp_dir();
	struct oci_target t = target(&cx, dir, "");
	struct oci_place *p;
	assert_fault(oci_open(&cx, NULL, &t, OCI_READ, &p), HM_INPUT, "is not an OCI layout");
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "precious"), HM_STR("x"), 0644));
	assert_fault(oci_open(&cx, NULL, &t, OCI_WRITE, &p), HM_USAGE, "nor empty");
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "oci-layout"),
				HM_STR("{\"imageLayoutVersion\":\"2.0.0\"}"), 0644));
	assert_fault(oci_open(&cx, NULL, &t, OCI_READ, &p), HM_INPUT, "not 1.0.0");
	t = target(&cx, dir, "/absent");
	assert_fault(oci_open(&cx, NULL, &t, OCI_READ, &p), HM_ABSENT, "no layout");
}

static void keeps_what_it_does_not_know(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	const char *dir = fresh(&cx);
	OCI_AUTO_PLACE p = open_layout(&cx, dir, OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/b", "1", NULL);
	struct hm_str text, index;
	const char *path = hm_path(&cx, dir, "index.json");
	assert_ok(hm_read_file(&cx, path, HM_MIB, &text));
	struct hm_str tail = text, head = hm_cut_str(&tail, HM_STR("\"size\""));
	text = hm_fmt(&cx, "%.*s\"x\":{\"y\":[1]},\"size\"%.*s", HM_FMT(head), HM_FMT(tail));
	assert_ok(hm_write_file(&cx, path, text, 0644));
	assert_ok(oci_tag(&cx, p, &d, HM_STR("v1")));
	assert_ok(hm_read_file(&cx, path, HM_MIB, &index));
	assert_true(hm_find(index, HM_STR("\"x\":{\"y\":[1]}")) != SIZE_MAX);
	assert_true(hm_find(index, HM_STR("\"v1\"")) != SIZE_MAX);
}

/* An index.json that lists it could not be read again. */
static void refuses_an_endless_artifact_type(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = open_layout(&cx, fresh(&cx), OCI_WRITE);
	struct oci_descriptor d = attach(&cx, p, "a/b", "1", NULL), found;
	char type[257];
	memset(type, 'x', sizeof(type) - 1);
	struct oci_artifact a = { .artifact_type = hm_bytes(type, 256), .bytes = HM_STR("2") };
	assert_fault(oci_attach(&cx, p, &a, &found), HM_INPUT, "too long");
	assert_ok(oci_resolve(&cx, p, HM_STR(""), &found));
	assert_str(found.digest, d.digest);
	a.artifact_type.n = 255;
	assert_ok(oci_attach(&cx, p, &a, &found));
	assert_ok(oci_resolve(&cx, p, d.digest, &found));
}

/* A list that is full can still be read, and so made smaller. */
static void writes_no_more_than_it_reads(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct layout_index x = { 0 };
	struct oci_descriptor d = { .media_type = HM_STR(OCI_MANIFEST) };
	struct hm_str text;
	for (uint64_t i = 0; i < HM_MAX_LAYOUT_ENTRIES; i++) {
		d.digest = hm_fmt(&cx, "sha256:%064llu", (unsigned long long)i);
		*hm_push(&cx, &x) = (struct layout_entry){ .d = d };
	}
	assert_ok(oci_layout_index_format(&cx, &x, &text));
	d.digest = crypto_digest_text(&cx, CRYPTO_SHA256, HM_STR("one more"));
	oci_layout_index_put(&cx, &x, &d, HM_STR(""));
	assert_fault(oci_layout_index_format(&cx, &x, &text), HM_LIMIT, "more than 200000");
	assert_true(oci_layout_index_remove(&x, x.p[0].d.digest));
	assert_ok(oci_layout_index_format(&cx, &x, &text));
}

int main(void)
{
	UNIT(keeps_what_is_pushed);
	UNIT(finds_referrers);
	UNIT(sees_what_changes);
	UNIT(holds_what_it_lists);
	UNIT(holds_no_damage_back);
	UNIT(one_that_is_damaged_hides_only_from_itself);
	UNIT(finds_a_subject_that_is_hidden);
	UNIT(lists_what_threads_push);
	UNIT(fails_for_all_threads);
	UNIT(moves_a_tag);
	UNIT(notices_a_changed_blob);
	UNIT(refuses_strange_folders);
	UNIT(keeps_what_it_does_not_know);
	UNIT(refuses_an_endless_artifact_type);
	UNIT(writes_no_more_than_it_reads);
	return unit_run("oci/layout/layout");
}
