/* SPDX-License-Identifier: Apache-2.0 */
/* Referrers asked for ahead, of a place that counts what it is asked and answers when it is told.
 */
#include "oci/ops.h"

#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#define WANTED "application/vnd.wanted"

enum { COST = 1000, PATIENCE = 10 };

/* Outlives the place, which some tests close. */
static struct {
	atomic_int asked, cancelled;
	atomic_bool waits; /* no answer yet */
	bool throttles, doubts;
	struct hm_strs contents; /* the manifests that are there; none: two that are not */
} far_away;

static struct hm_str digest(struct hm_cx *cx, unsigned i)
{
	return hm_fmt(cx, "sha256:%064x", i);
}

/* Two referrers, not in order. */
static hm_err referrers(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
			struct hm_str artifact_type, struct place_referrers *out)
{
	int64_t end = hm_mono() + PATIENCE * HM_SECOND;
	(void)p, (void)subject;
	atomic_fetch_add(&far_away.asked, 1);
	while (atomic_load(&far_away.waits) && hm_mono() < end) {
		hm_err err = hm_alive(cx);
		if (err) {
			atomic_fetch_add(&far_away.cancelled, 1);
			return err;
		}
		usleep(1000);
	}
	if (far_away.throttles)
		return hm_fail(cx, HM_BUSY, "too many requests");
	HM_TRY(hm_charge(cx, COST));
	for (size_t i = 0; i < far_away.contents.n; i++)
		*hm_push(cx, out) = (struct oci_descriptor){
			.media_type = HM_STR(OCI_MANIFEST),
			.digest = crypto_digest_text(cx, CRYPTO_SHA256, far_away.contents.p[i]),
			.size = far_away.contents.p[i].n
		};
	for (unsigned i = 9; i > 7 && !far_away.contents.n; i--)
		*hm_push(cx, out) = (struct oci_descriptor){ .media_type = HM_STR(OCI_MANIFEST),
							     .digest = digest(cx, i),
							     .size = i,
							     .artifact_type = artifact_type };
	out->doubt = far_away.doubts;
	return NULL;
}

static hm_err fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		    bool manifest, struct oci_sink sink)
{
	(void)p, (void)manifest;
	for (size_t i = 0; i < far_away.contents.n; i++)
		if (!oci_digest_check(cx, d->digest, far_away.contents.p[i]))
			return sink.add(cx, sink.arg, far_away.contents.p[i]);
	return hm_fail(cx, HM_ABSENT, "nothing is here");
}

static const struct oci_ops far_ops = { .what = "registry",
					.far = true,
					.referrers = referrers,
					.fetch = fetch },
			    near_ops = { .what = "layout", .referrers = referrers, .fetch = fetch };

/* A fresh place, and the last answer to ask(). */
struct fixture {
	struct hm_cx cx;
	struct oci_place *p;
	struct oci_referrer_list got;
};

static struct fixture fresh(const struct oci_ops *ops)
{
	static const struct oci_target nowhere = { .kind = OCI_REGISTRY };
	atomic_store(&far_away.asked, 0);
	atomic_store(&far_away.cancelled, 0);
	atomic_store(&far_away.waits, false);
	far_away.throttles = far_away.doubts = false;
	far_away.contents = (struct hm_strs){ 0 };
	return (struct fixture){ .cx = HM_CX(HM_MIB),
				 .p = oci_place_new(&nowhere, ops, OCI_READ,
						    sizeof(struct oci_place)) };
}

static void done(struct fixture *f)
{
	oci_close(f->p);
	hm_cx_done(&f->cx);
}

static hm_err ask(struct fixture *f, unsigned subject, const char *type)
{
	struct oci_descriptor d = { .digest = digest(&f->cx, subject) };
	return oci_referrers(&f->cx, f->p, &d, hm_cstr(type), &f->got);
}

static void ahead(struct fixture *f, unsigned subject)
{
	oci_referrers_ahead(&f->cx, f->p, digest(&f->cx, subject), HM_STR(WANTED));
}

/* The thread that asks ahead has begun to. */
static void await_question(void)
{
	for (int i = 0; i < PATIENCE * 1000 && !atomic_load(&far_away.asked); i++)
		usleep(1000);
	assert_int_equal(far_away.asked, 1);
}

static void assert_both(struct fixture *f)
{
	assert_int_equal(f->got.n, 2);
	assert_str(f->got.p[0].digest, digest(&f->cx, 8));
	assert_str(f->got.p[1].digest, digest(&f->cx, 9));
	assert_strz(f->got.p[1].artifact_type, WANTED);
	assert_int_equal(f->got.p[1].size, 9);
}

static void the_answer_is_taken_once(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	ahead(&f, 1);
	ahead(&f, 2); /* one is enough */
	assert_ok(ask(&f, 1, WANTED));
	assert_int_equal(far_away.asked, 1);
	assert_both(&f);
	assert_ok(ask(&f, 1, WANTED)); /* what is there by then */
	assert_int_equal(far_away.asked, 2);
	assert_both(&f);
	done(&f);
}

static void another_question_does_not_take_it(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	ahead(&f, 1);
	await_question();
	assert_ok(ask(&f, 2, WANTED));
	assert_int_equal(far_away.asked, 2);
	assert_ok(ask(&f, 1, "application/vnd.other"));
	assert_int_equal(far_away.asked, 3);
	assert_strz(f.got.p[0].artifact_type, "application/vnd.other");
	assert_ok(ask(&f, 1, ""));
	assert_int_equal(far_away.asked, 4);
	assert_ok(ask(&f, 1, WANTED)); /* it is still there */
	assert_int_equal(far_away.asked, 4);
	assert_both(&f);
	done(&f);
}

static void closing_cancels_it(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	atomic_store(&far_away.waits, true);
	ahead(&f, 1);
	await_question();
	done(&f);
	assert_int_equal(far_away.cancelled, 1);
}

static void its_fault_is_passed_on(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	far_away.throttles = true;
	ahead(&f, 1);
	hm_err err = ask(&f, 1, WANTED);
	assert_fault(err, HM_BUSY, "too many requests");
	assert_non_null(strstr(err->why, digest(&f.cx, 1).p));
	assert_int_equal(far_away.asked, 1);
	far_away.throttles = false;
	assert_ok(ask(&f, 1, WANTED));
	done(&f);
}

static void its_memory_is_charged(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	ahead(&f, 1);
	assert_ok(ask(&f, 1, WANTED));
	assert_int_equal(f.cx.budget, HM_MIB - COST);
	done(&f);
	f = fresh(&far_ops);
	ahead(&f, 1);
	await_question();
	f.cx.budget = COST - 1; /* spent on something else meanwhile */
	assert_fault(ask(&f, 1, WANTED), HM_LIMIT, "more memory than");
	done(&f);
}

static void its_doubt_is_kept(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	far_away.doubts = true;
	ahead(&f, 1);
	assert_ok(ask(&f, 1, WANTED)); /* their manifests were asked for, and are not there */
	assert_int_equal(far_away.asked, 1);
	assert_int_equal(f.got.n, 0);
	done(&f);
}

/* Anybody who may push can put an entry into the list of a fallback tag. */
static void what_is_no_manifest_refers_to_nothing(void **state)
{
	(void)state;
	struct fixture f = fresh(&far_ops);
	struct hm_str good =
		hm_fmt(&f.cx,
		       "{\"schemaVersion\":2,\"mediaType\":\"" OCI_MANIFEST
		       "\",\"artifactType\":\"" WANTED "\",\"config\":{\"mediaType\":\"" OCI_EMPTY
		       "\",\"digest\":\"%.*s\",\"size\":2},"
		       "\"layers\":[],\"subject\":{\"mediaType\":\"" OCI_MANIFEST
		       "\",\"digest\":\"%.*s\",\"size\":3}}",
		       HM_FMT(digest(&f.cx, 7)), HM_FMT(digest(&f.cx, 1)));
	far_away.doubts = true;
	*hm_push(&f.cx, &far_away.contents) = HM_STR("{\"schemaVersion\":");
	*hm_push(&f.cx, &far_away.contents) = good;
	*hm_push(&f.cx, &far_away.contents) = HM_STR("[]");
	assert_ok(ask(&f, 1, WANTED));
	assert_int_equal(f.got.n, 1);
	assert_str(f.got.p[0].digest, crypto_digest_text(&f.cx, CRYPTO_SHA256, good));
	done(&f);
}

static void what_is_at_hand_is_not_asked_ahead(void **state)
{
	(void)state;
	struct fixture f = fresh(&near_ops);
	ahead(&f, 1);
	assert_null(f.p->ahead);
	assert_ok(ask(&f, 1, WANTED));
	assert_int_equal(far_away.asked, 1);
	done(&f);
}

int main(void)
{
	UNIT(the_answer_is_taken_once);
	UNIT(another_question_does_not_take_it);
	UNIT(closing_cancels_it);
	UNIT(its_fault_is_passed_on);
	UNIT(its_memory_is_charged);
	UNIT(its_doubt_is_kept);
	UNIT(what_is_no_manifest_refers_to_nothing);
	UNIT(what_is_at_hand_is_not_asked_ahead);
	return unit_run("oci/referrers");
}
