/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "oci/oci.h"

/* An index as it is being written. */
struct writing {
	struct hm_buf b;
	size_t n;
};

static void begin(struct writing *w)
{
	*w = (struct writing){ .b = HM_BUF(HM_MIB) };
	hm_buf_addz(&w->b, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[");
}

static void add(struct writing *w, const struct oci_descriptor *d, const char *os, const char *arch)
{
	hm_buf_fmt(&w->b,
		   "%s{\"mediaType\":\"%.*s\",\"digest\":\"%.*s\",\"size\":%llu,"
		   "\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"}}",
		   w->n++ ? "," : "", HM_FMT(d->media_type), HM_FMT(d->digest),
		   (unsigned long long)d->size, os, arch);
}

static struct oci_descriptor end(struct hm_cx *cx, struct oci_place *p, struct writing *w)
{
	struct oci_descriptor d;
	hm_buf_addz(&w->b, "]}");
	assert_ok(oci_push_manifest(cx, p, hm_buf_str(&w->b), HM_STR(OCI_INDEX), HM_STR(""), &d));
	hm_buf_done(&w->b);
	return d;
}

/* An image that need not be there: what stands behind an index is not fetched. */
static struct oci_descriptor image(struct hm_cx *cx, unsigned n)
{
	return (struct oci_descriptor){ .media_type = HM_STR(OCI_MANIFEST),
					.digest = hm_fmt(cx, "sha256:%064x", n),
					.size = 2 };
}

static struct oci_place *layout(struct hm_cx *cx)
{
	static const struct oci_access access;
	static unsigned count;
	struct oci_target target;
	struct oci_place *p;
	assert_ok(oci_target_parse(cx, hm_fmt(cx, "oci:%s/layout%u", unit_temp_dir(), count++),
				   &target));
	assert_ok(oci_open(cx, &access, &target, OCI_WRITE, &p));
	return p;
}

static void an_image_is_itself(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor d = image(&cx, 1), *found;
	size_t n;
	assert_ok(oci_platforms(&cx, p, &d, &found, &n));
	assert_int_equal(n, 1);
	assert_str(found[0].digest, d.digest);
}

static void images_come_in_their_order_each_once(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor one = image(&cx, 1), two = image(&cx, 2), three = image(&cx, 3);
	struct writing w;
	begin(&w);
	add(&w, &three, "linux", "s390x");
	add(&w, &one, "linux", "amd64");
	struct oci_descriptor inner = end(&cx, p, &w), *found;
	begin(&w);
	add(&w, &two, "linux", "arm64");
	add(&w, &inner, "linux", "riscv64");
	add(&w, &one, "linux", "amd64");
	struct oci_descriptor outer = end(&cx, p, &w);
	size_t n;
	assert_ok(oci_platforms(&cx, p, &outer, &found, &n));
	assert_int_equal(n, 3);
	assert_str(found[0].digest, two.digest);
	assert_str(found[1].digest, one.digest);
	assert_str(found[2].digest, three.digest);
}

/* Only both words together make an entry no image: nobody may hide one behind half of them. */
static void attestations_are_no_images(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor d[4], *found;
	struct writing w;
	begin(&w);
	for (unsigned i = 0; i < 4; i++) {
		d[i] = image(&cx, i + 1);
		add(&w, &d[i], i & 1 ? "unknown" : "linux", i & 2 ? "unknown" : "amd64");
	}
	struct oci_descriptor index = end(&cx, p, &w);
	size_t n;
	assert_ok(oci_platforms(&cx, p, &index, &found, &n));
	assert_int_equal(n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_str(found[i].digest, d[i].digest);
}

static void an_index_stands_nowhere_twice(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor one = image(&cx, 1), *found;
	struct writing w;
	begin(&w);
	add(&w, &one, "linux", "amd64");
	struct oci_descriptor inner = end(&cx, p, &w);
	begin(&w);
	add(&w, &inner, "linux", "amd64");
	add(&w, &inner, "linux", "arm64");
	struct oci_descriptor outer = end(&cx, p, &w);
	size_t n;
	assert_fault(oci_platforms(&cx, p, &outer, &found, &n), HM_INPUT,
		     "contains itself or appears twice");
}

static void an_empty_index_names_none(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct writing w;
	begin(&w);
	struct oci_descriptor index = end(&cx, p, &w), *found;
	size_t n;
	assert_ok(oci_platforms(&cx, p, &index, &found, &n));
	assert_int_equal(n, 0);
}

static void an_index_that_is_not_there(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor d = image(&cx, 1), *found;
	size_t n;
	d.media_type = HM_STR(OCI_INDEX);
	assert_fault(oci_platforms(&cx, p, &d, &found, &n), HM_ABSENT, "index \"sha256:0");
}

static void indexes_have_a_greatest_depth(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	OCI_AUTO_PLACE p = layout(&cx);
	struct oci_descriptor d = image(&cx, 1), *found;
	size_t n;
	for (unsigned depth = 1; depth <= HM_MAX_INDEX_DEPTH + 1; depth++) {
		struct writing w;
		begin(&w);
		add(&w, &d, "linux", "amd64");
		d = end(&cx, p, &w);
		hm_err err = oci_platforms(&cx, p, &d, &found, &n);
		if (depth > HM_MAX_INDEX_DEPTH) {
			assert_fault(err, HM_LIMIT, "more than 4 deep");
			continue;
		}
		assert_ok(err);
		assert_int_equal(n, 1);
	}
}

int main(void)
{
	UNIT(an_image_is_itself);
	UNIT(images_come_in_their_order_each_once);
	UNIT(attestations_are_no_images);
	UNIT(an_index_stands_nowhere_twice);
	UNIT(an_empty_index_names_none);
	UNIT(an_index_that_is_not_there);
	UNIT(indexes_have_a_greatest_depth);
	return unit_run("oci/platforms");
}
