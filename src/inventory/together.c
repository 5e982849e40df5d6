/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/together.h"

#include "base/worker.h"
#include "codec/tar.h"

/* The highest layer that has the file, under this name or another; false: none. */
static bool find_file(struct hm_cx *cx, const struct inventory_view *v, uint32_t row,
		      struct inventory_pair *pair)
{
	for (size_t i = v->n; i-- > 0;) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->files.n; k++) {
			const struct inventory_found_file *f = &a->files.p[k];
			if (f->row != row || f->forgotten ||
			    !inventory_view_same(cx, v, pair->path[0], f->path) ||
			    !inventory_view_has(v, i, f->path))
				continue;
			pair->path[0] = f->path;
			pair->layer[0] = i;
			return true;
		}
	}
	return false;
}

/* A file that was read by several names says it as often. */
static hm_err add_pair(struct hm_cx *cx, struct inventory_pairs *pairs,
		       const struct inventory_pair *pair)
{
	for (size_t i = 0; i < pairs->n; i++) {
		const struct inventory_pair *p = &pairs->p[i];
		if (p->layer[0] == pair->layer[0] && p->layer[1] == pair->layer[1] &&
		    hm_eq(p->path[0], pair->path[0]) && hm_eq(p->path[1], pair->path[1]))
			return NULL;
	}
	if (pairs->n >= INVENTORY_PAIRS_MOST)
		return hm_fail(cx, HM_LIMIT, "more than %d databases in parts",
			       INVENTORY_PAIRS_MOST);
	*hm_push(cx, pairs) = *pair;
	return NULL;
}

static hm_err add_part(struct hm_cx *cx, const struct inventory_view *v, size_t layer,
		       const struct inventory_found_part *part, struct inventory_pairs *pairs,
		       struct inventory_unknowns *unknown)
{
	const struct inventory_found_file *f = &v->layers[layer].answer->files.p[part->file];
	if (f->forgotten || !inventory_view_has(v, layer, f->path))
		return NULL;
	struct inventory_pair pair = { .path = { part->of, f->path }, .layer = { 0, layer } };
	HM_TRY(hm_charge(cx, sizeof(pair)));
	if (find_file(cx, v, f->row, &pair))
		return add_pair(cx, pairs, &pair);
	*hm_push(cx, unknown) = (struct inventory_unknown){
		f->path, v->layers[layer].digest,
		hm_fmt(cx, "\"%.*s\", to which it belongs, is not there", HM_FMT(part->of))
	};
	return NULL;
}

hm_err inventory_pairs_find(struct hm_cx *cx, const struct inventory_view *v,
			    struct inventory_pairs *out, struct inventory_unknowns *unknown)
{
	*out = (struct inventory_pairs){ 0 };
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->parts.n; k++)
			HM_TRY(add_part(cx, v, i, &a->parts.p[k], out, unknown));
	}
	return NULL;
}

static hm_err feed_file(struct hm_cx *cx, struct hm_worker *w, struct hm_str path,
			struct hm_str bytes)
{
	HM_AUTO_BUF head = HM_BUF(HM_MAX_PAX);
	struct tar_entry e = { .path = path, .type = TAR_FILE, .size = bytes.n, .mode = 0644 };
	HM_TRY(tar_write_header(cx, &e, &head));
	const struct hm_str all[] = { hm_buf_str(&head), bytes, tar_padding(bytes.n) };
	bool wants = true;
	for (size_t i = 0; wants && i < HM_LEN(all); i++)
		HM_TRY(hm_worker_feed(cx, w, all[i], &wants));
	return NULL;
}

hm_err inventory_pair_read(struct hm_cx *cx, const struct inventory_request *asked,
			   const struct inventory_pair *pair, const struct hm_str bytes[2],
			   struct inventory_answer *out)
{
	struct inventory_request r = { .seed = asked->seed,
				       .flags = INVENTORY_TOGETHER | INVENTORY_NO_WHITEOUTS,
				       .aliases = asked->aliases };
	struct hm_str args, answer;
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	HM_TRY(inventory_request_write(cx, &r, &args));
	HM_TRY(hm_worker_start(cx, INVENTORY_LAYER_JOB, args, 0, &w));
	for (int i = 0; i < 2; i++)
		HM_TRY(feed_file(cx, &w, pair->path[i], bytes[i]));
	HM_TRY(hm_worker_answer(cx, &w, &answer));
	return inventory_answer_read(cx, answer, out);
}
