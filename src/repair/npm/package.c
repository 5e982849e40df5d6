/* SPDX-License-Identifier: Apache-2.0 */
/* A tarball, read in a worker. Its entries lie in one folder, mostly "package", whose name counts
 * for nothing. */
#include "base/worker.h"
#include "base/worker_flow.h"
#include "codec/stream.h"
#include "repair/npm/npm.h"
#include "repair/records.h"

struct reading {
	const struct npm_events *events;
	int fd;
	bool is_open;
	uint64_t left;
	struct hm_map seen; /* paths, in lower case */
};

hm_err repair_npm_package_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)args;
	(void)out;
	return repair_records_say(cx, (struct stream_source){ stream_read_fd, &in }, RECORD_FILES);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "the reader of a tarball answered in no known form");
}

/* Links have no place in what npm installs; names that one file system keeps apart and another does
 * not, neither. */
static hm_err begin_entry(struct hm_cx *cx, struct reading *r, struct hm_cur *c)
{
	struct tar_entry e = { 0 };
	char part;
	if (r->is_open || !repair_record_entry(c, &part, &e))
		return damaged(cx);
	if (e.type == TAR_DIR)
		return NULL;
	struct hm_str rest = e.path, top = hm_cut(&rest, '/');
	if (e.type != TAR_FILE || !rest.n || !top.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a plain file in a folder",
			       HM_FMT(e.path));
	e.path = hm_dup(cx, rest);
	HM_TRY(repair_path_check(cx, e.path));
	struct hm_str folded = hm_lower(cx, e.path), first = e.path;
	if (hm_map_has(&r->seen, folded))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is there twice", HM_FMT(e.path));
	if (hm_eqz(hm_cut(&first, '/'), "node_modules"))
		return hm_fail(cx, HM_INPUT, "it bundles packages of its own: \"%.*s\"",
			       HM_FMT(e.path));
	hm_map_put(cx, &r->seen, folded, r);
	r->is_open = true;
	r->left = e.size;
	return r->events->entry(cx, r->events->arg, &e);
}

static hm_err add_data(struct hm_cx *cx, struct reading *r, struct hm_str bytes)
{
	if (!r->is_open || bytes.n > r->left)
		return damaged(cx);
	r->left -= bytes.n;
	return r->events->data(cx, r->events->arg, bytes);
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct reading *r = arg;
	struct hm_cur c = hm_cur(record);
	switch ((char)hm_le(&c, 1)) {
	case RECORD_ENTRY:
		return begin_entry(cx, r, &c);
	case RECORD_DATA:
		return add_data(cx, r, hm_from(record, 1));
	case RECORD_END:
		if (!r->is_open || r->left)
			return damaged(cx);
		r->is_open = false;
		return NULL;
	default:
		return damaged(cx);
	}
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct reading *r = arg;
	return stream_read_fd(cx, &r->fd, room, n, out_n);
}

hm_err repair_npm_read(struct hm_cx *cx, int fd, const struct npm_events *events)
{
	struct reading r = { .events = events, .fd = fd };
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, &r };
	struct hm_str none;
	HM_TRY(hm_worker_start(cx, REPAIR_NPM_PACKAGE_JOB, HM_STR(""), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &none));
	return r.is_open ? damaged(cx) : NULL;
}
