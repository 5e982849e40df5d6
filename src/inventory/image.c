/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/worker.h"
#include "inventory/cache.h"
#include "inventory/collect.h"
#include "inventory/settle.h"

/* One layer's way through: from the cache, or from the place through a worker. */
struct layer {
	struct oci_descriptor d;
	struct hm_str diff_id;
	size_t same;          /* the first layer with this digest: often itself */
	struct hm_buf answer; /* outlives the cx of the thread */
};

struct image {
	struct oci_place *place;
	struct inventory_cache cache;
	struct layer *layers;
	size_t n;
	const struct inventory_request *asked; /* of every layer */
	struct hm_str args;                    /* the same in writing, without the seed */
	struct hm_progress *bar;
};

/* --- feeding a worker with what is fetched --- */

struct feed {
	struct hm_worker worker;
	struct hm_str args;
	struct hm_progress *bar;
	bool wants;
};

static void feed_done(struct feed *f)
{
	hm_worker_done(&f->worker);
}

static hm_err feed_start(struct hm_cx *cx, struct feed *f)
{
	HM_TRY(hm_worker_start(cx, INVENTORY_LAYER_JOB, f->args, 0, &f->worker));
	f->wants = true;
	return NULL;
}

/* A worker that has answered already has found a fault. The bytes are read to their end all the
 * same: if their digest is wrong too, that is what must be said. */
static hm_err feed_add(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct feed *f = arg;
	hm_progress_add(f->bar, bytes.n);
	return f->wants ? hm_worker_feed(cx, &f->worker, bytes, &f->wants) : NULL;
}

static hm_err feed_rewind(struct hm_cx *cx, void *arg)
{
	struct feed *f = arg;
	hm_worker_done(&f->worker);
	return feed_start(cx, f);
}

static hm_err read_once(struct hm_cx *cx, const struct image *im, const struct layer *l,
			struct hm_str args, struct hm_str *out)
{
	HM_CLEANUP(feed_done)
	struct feed f = { .worker = { .in = -1, .out = -1 }, .args = args, .bar = im->bar };
	HM_TRY(feed_start(cx, &f));
	HM_TRY(oci_fetch_to(cx, im->place, &l->d, (struct oci_sink){ feed_add, feed_rewind, &f }));
	return hm_worker_answer(cx, &f.worker, out);
}

/* Until no file is missing; see layer.h. */
static hm_err read_layer(struct hm_cx *cx, const struct image *im, const struct layer *l,
			 struct inventory_request r, struct hm_str *out,
			 struct inventory_answer *out_answer)
{
	enum { READINGS = 8 };
	for (int i = 0; i < READINGS; i++) {
		struct inventory_answer a;
		struct hm_str args, bytes;
		HM_TRY(inventory_request_write(cx, &r, &args));
		HM_TRY(read_once(cx, im, l, args, &bytes));
		HM_TRY(inventory_answer_read(cx, bytes, &a));
		if (!a.needs.n) {
			*out = bytes;
			*out_answer = a;
			return NULL;
		}
		r.bits = (const uint8_t *)a.needs.p;
	}
	return hm_fail(cx, HM_LIMIT, "a chain of more than %d hard links", READINGS);
}

/* The image's own word about what the layer inflates to. */
static hm_err check_diff_id(struct hm_cx *cx, const struct layer *l, struct hm_str diff_id)
{
	struct hm_str have = hm_fmt(cx, "sha256:%.*s", HM_FMT(hm_hex(cx, diff_id)));
	if (!hm_eq(have, l->diff_id))
		return hm_fail(
			cx, HM_TRUST,
			"it inflates to \"%.*s\", but the image's configuration says \"%.*s\"",
			HM_FMT(have), HM_FMT(l->diff_id));
	return NULL;
}

static hm_err get_layer(struct hm_cx *cx, struct image *im, struct layer *l)
{
	struct hm_str answer;
	/* What was asked is part of it: where it names links, the answer is one about this image.
	 */
	struct hm_str key = inventory_cache_key(cx, &im->cache, l->d.digest, im->args);
	HM_TRY(inventory_cache_get(cx, &im->cache, key, &answer));
	struct inventory_answer a;
	bool cached = answer.n && !inventory_answer_read(cx, answer, &a) && !a.needs.n;
	if (cached)
		hm_progress_add(im->bar, l->d.size);
	else
		HM_TRY(read_layer(cx, im, l, *im->asked, &answer, &a));
	HM_TRY(check_diff_id(cx, l, a.diff_id));
	if (!cached)
		inventory_cache_put(cx, &im->cache, key, answer);
	hm_buf_done(&l->answer);
	l->answer = HM_BUF(HM_MAX_WORKER_RESULT);
	hm_buf_add(&l->answer, answer);
	return NULL;
}

static hm_err work_on_layer(struct hm_cx *cx, void *arg, size_t i)
{
	struct image *im = arg;
	struct layer *l = &im->layers[i];
	if (l->same != i)
		return NULL;
	HM_TRY_IN(cx, get_layer(cx, im, l), "layer %zu (\"%.*s\")", i + 1, HM_FMT(l->d.digest));
	return NULL;
}

/* --- the image --- */

static hm_err read_config(struct hm_cx *cx, struct image *im, const struct oci_descriptor *d,
			  struct inventory *out)
{
	struct hm_str bytes;
	struct json doc;
	if (hm_eqz(d->media_type, OCI_EMPTY))
		return hm_fail(cx, HM_INPUT, "it is an artifact, not an image");
	HM_TRY(oci_fetch(cx, im->place, d, HM_MAX_CONFIG, &bytes));
	HM_TRY(json_parse(cx, bytes, JSON_PLAIN, &doc));
	out->platform.os = hm_dup(cx, json_str(json_get(doc, "os")));
	out->platform.architecture = hm_dup(cx, json_str(json_get(doc, "architecture")));
	out->platform.variant = hm_dup(cx, json_str(json_get(doc, "variant")));
	out->platform.os_version = hm_dup(cx, json_str(json_get(doc, "os.version")));
	struct json ids = json_get(json_get(doc, "rootfs"), "diff_ids");
	if (!json_is_array(ids) || json_size(ids) != im->n)
		return hm_fail(cx, HM_INPUT, "it has %zu layers, but \"rootfs.diff_ids\" lists %zu",
			       im->n, json_size(ids));
	size_t i = 0;
	for (struct json_iter it = json_iter(ids); json_next(&it); i++) {
		enum crypto_digest alg;
		struct hm_str hex, id = json_str(it.value);
		HM_TRY_IN(cx, oci_digest_parse(cx, id, &alg, &hex), "diff ID %zu", i + 1);
		if (alg != CRYPTO_SHA256)
			return hm_fail(cx, HM_INPUT, "diff ID %zu is not a SHA-256 digest", i + 1);
		im->layers[i].diff_id = hm_dup(cx, id);
	}
	return NULL;
}

static hm_err list_layers(struct hm_cx *cx, struct image *im, const struct oci_manifest *m,
			  struct inventory *out, uint64_t *out_size)
{
	*out_size = 0;
	im->n = m->layers_n;
	im->layers = hm_new(cx, struct layer, m->layers_n);
	for (size_t i = 0; i < m->layers_n; i++) {
		struct layer *l = &im->layers[i];
		l->d = m->layers[i];
		while (!hm_eq(im->layers[l->same].d.digest, l->d.digest))
			l->same++;
		if (l->same == i && __builtin_add_overflow(*out_size, l->d.size, out_size))
			return hm_fail(cx, HM_INPUT, "the sizes of its layers are out of range");
		*hm_push(cx, &out->layers) = l->d.digest;
	}
	return NULL;
}

static void image_done(struct image *im)
{
	for (size_t i = 0; i < im->n; i++)
		hm_buf_done(&im->layers[i].answer);
	hm_progress_end(im->bar);
}

static hm_err read_file(struct hm_cx *cx, void *self, const struct inventory_request *asked,
			size_t layer, struct hm_str path, struct hm_str *out)
{
	const struct image *im = self;
	struct inventory_request r = *asked;
	struct inventory_answer a;
	struct hm_str bytes;
	r.give = (struct hm_strs){ .p = &path, .n = 1 };
	HM_TRY(read_layer(cx, im, &im->layers[layer], r, &bytes, &a));
	for (size_t i = a.given.n; i-- > 0;)
		if (hm_eq(a.given.p[i].path, path)) {
			*out = a.given.p[i].bytes;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is no longer in it", HM_FMT(path));
}

static hm_err read_answers(struct hm_cx *cx, struct image *im, struct inventory_view_layer *layers)
{
	for (size_t i = 0; i < im->n; i++) {
		struct layer *l = &im->layers[i];
		layers[i].digest = l->d.digest;
		if (l->same != i) {
			layers[i].answer = layers[l->same].answer;
			continue;
		}
		struct inventory_answer *a = hm_new(cx, struct inventory_answer, 1);
		struct hm_str bytes = hm_dup(cx, hm_buf_str(&l->answer));
		hm_buf_done(&l->answer);
		HM_TRY(inventory_answer_read(cx, bytes, a));
		layers[i].answer = a;
	}
	return NULL;
}

static hm_err read_layers(struct hm_cx *cx, void *self, struct inventory_request *asked,
			  struct inventory_view_layer *layers)
{
	struct image *im = self;
	struct inventory_request public = *asked;
	public.seed = (struct inventory_seed){ 0 };
	im->asked = asked;
	HM_TRY(inventory_request_write(cx, &public, &im->args));
	HM_TRY(hm_parallel(cx, im->n, 0, 2 * HM_MAX_WORKER_RESULT + HM_GIB, work_on_layer, im));
	hm_progress_end(im->bar);
	im->bar = NULL;
	return read_answers(cx, im, layers);
}

static hm_err settle_layers(struct hm_cx *cx, void *self, const struct inventory_view *v,
			    struct inventory_request *asked, struct inventory_unknowns *unknown,
			    bool *out_again)
{
	(void)self;
	return inventory_layers_settle(cx, v, asked, unknown, out_again);
}

static const struct inventory_source source = { read_layers, settle_layers, read_file,
						"packages or package databases" };

hm_err inventory_of_image(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  const struct inventory_options *o, struct inventory *out)
{
	HM_CLEANUP(image_done) struct image im = { .place = p };
	struct inventory inv = { 0 };
	struct oci_manifest m;
	struct oci_descriptor image;
	struct inventory_request asked = { 0 };
	uint64_t size;
	HM_TRY(oci_image(cx, p, d, o->platform, &image, &m));
	HM_TRY(list_layers(cx, &im, &m, &inv, &size));
	HM_TRY_IN(cx, read_config(cx, &im, &m.config, &inv), "image configuration");
	inv.digest = image.digest;
	inv.media_type = m.media_type;
	inventory_cache_open(cx, o, &im.cache);
	asked.seed = im.cache.seed;
	if (o->progress)
		im.bar = hm_progress_start("reading layers", size);
	HM_TRY(inventory_collect(cx, &source, &im, &asked, im.n, &inv));
	*out = inv;
	return NULL;
}
