/* SPDX-License-Identifier: Apache-2.0 */
/* What was pushed can be read again, and nothing else. */
#include "oci/oci.h"

#include "unit.h"

struct fixture {
	struct hm_cx cx;
	struct oci_target target;
	struct oci_record *record;
	struct oci_place *place;
	struct oci_descriptor image, sbom;
	struct oci_artifact attached;
};

static struct oci_descriptor push(struct fixture *f, struct hm_str tag)
{
	struct oci_descriptor d;
	struct hm_str bytes, config = HM_STR("{\"os\":\"linux\"}");
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .config = { .media_type = HM_STR(OCI_CONFIG),
					      .digest = crypto_digest_text(&f->cx, CRYPTO_SHA256,
									   config),
					      .size = config.n } };
	assert_ok(oci_push_bytes(&f->cx, f->place, &m.config, config));
	assert_ok(oci_manifest_format(&f->cx, &m, &bytes));
	assert_ok(oci_push_manifest(&f->cx, f->place, bytes, HM_STR(OCI_MANIFEST), tag, &d));
	return d;
}

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .cx = HM_CX(64 * HM_MIB) };
	f->record = oci_record_new(&f->cx);
	struct oci_access access = { .record = f->record };
	assert_ok(oci_target_parse(&f->cx, hm_fmt(&f->cx, "oci:%s/layout", unit_temp_dir()),
				   &f->target));
	assert_ok(oci_open(&f->cx, &access, &f->target, OCI_WRITE, &f->place));
	f->image = push(f, HM_STR("v1"));
	f->attached = (struct oci_artifact){ .artifact_type = HM_STR("application/spdx+json"),
					     .blob_type = HM_STR("application/spdx+json"),
					     .bytes = HM_STR("{}"),
					     .subject = f->image };
	assert_ok(oci_attach(&f->cx, f->place, &f->attached, &f->sbom));
	assert_ok(oci_tag(&f->cx, f->place, &f->image, HM_STR("latest")));
	oci_close(f->place);
}

static void end(struct fixture *f)
{
	oci_record_done(f->record);
	hm_cx_done(&f->cx);
}

static void has_what_was_pushed(void **state)
{
	(void)state;
	struct fixture f;
	const struct oci_recorded *all;
	struct oci_descriptor d;
	struct oci_manifest m;
	struct oci_referrer_list list;
	struct hm_str bytes;
	begin(&f);
	assert_int_equal(oci_record_list(f.record, &all), 3);
	assert_strz(all[0].tag, "v1");
	assert_str(all[1].d.digest, f.sbom.digest);
	assert_strz(all[2].tag, "latest");
	assert_false(oci_record_is_full(f.record));
	OCI_AUTO_PLACE p = NULL;
	oci_record_open(f.record, NULL, &f.target, &p);
	assert_ok(oci_resolve(&f.cx, p, HM_STR("latest"), &d));
	assert_str(d.digest, f.image.digest);
	assert_ok(oci_fetch_manifest(&f.cx, p, &d, &m));
	assert_ok(oci_fetch(&f.cx, p, &m.config, HM_MIB, &bytes));
	assert_strz(bytes, "{\"os\":\"linux\"}");
	assert_ok(oci_referrers(&f.cx, p, &f.image, HM_STR(""), &list));
	assert_int_equal(list.n, 1);
	assert_str(list.p[0].digest, f.sbom.digest);
	assert_ok(oci_referrers(&f.cx, p, &f.image, HM_STR("text/other"), &list));
	assert_int_equal(list.n, 0);
	oci_close(p);
	p = NULL;
	end(&f);
}

static void has_nothing_else(void **state)
{
	(void)state;
	struct fixture f;
	struct oci_descriptor d = { .media_type = HM_STR(OCI_MANIFEST), .size = 2 };
	struct oci_target other;
	struct hm_str bytes;
	bool there;
	begin(&f);
	d.digest = crypto_digest_text(&f.cx, CRYPTO_SHA256, HM_STR("other"));
	OCI_AUTO_PLACE p = NULL;
	oci_record_open(f.record, NULL, &f.target, &p);
	assert_fault(oci_resolve(&f.cx, p, HM_STR("v2"), &d), HM_ABSENT, "is not at hand");
	assert_fault(oci_resolve(&f.cx, p, d.digest, &d), HM_ABSENT, "is not at hand");
	assert_fault(oci_fetch(&f.cx, p, &d, HM_MIB, &bytes), HM_ABSENT, "is not at hand");
	assert_ok(oci_exists(&f.cx, p, &d, &there));
	assert_false(there);
	assert_fault(oci_push_bytes(&f.cx, p, &d, HM_STR("other")), HM_USAGE,
		     "writing cannot be done");
	oci_close(p);
	assert_ok(oci_target_parse(&f.cx, HM_STR("oci:/elsewhere"), &other));
	oci_record_open(f.record, NULL, &other, &p);
	assert_fault(oci_resolve(&f.cx, p, HM_STR("v1"), &d), HM_ABSENT, "is not at hand");
	oci_close(p);
	p = NULL;
	end(&f);
}

static void what_is_read_is_not_kept(void **state)
{
	(void)state;
	struct fixture f;
	const struct oci_recorded *all;
	begin(&f);
	struct oci_access access = { .record = f.record };
	assert_ok(oci_open(&f.cx, &access, &f.target, OCI_READ, &f.place));
	struct oci_descriptor d;
	assert_ok(oci_resolve(&f.cx, f.place, HM_STR("v1"), &d));
	oci_close(f.place);
	assert_int_equal(oci_record_list(f.record, &all), 3);
	end(&f);
}

int main(void)
{
	UNIT(has_what_was_pushed);
	UNIT(has_nothing_else);
	UNIT(what_is_read_is_not_kept);
	return unit_run("oci/record");
}
