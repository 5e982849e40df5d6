/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <unistd.h>

enum { REQUEST_BUDGET = 256 * 1024 * 1024 };

static hm_err answer_base(struct hm_cx *cx, struct registry_request *q)
{
	return http_exchange_answer(cx, q->x, 200, "application/json", HM_STR("{}"));
}

static hm_err answer_nothing(struct hm_cx *cx, struct registry_request *q)
{
	return oci_registry_error(cx, q, 404, "NAME_UNKNOWN", "a registry has no such path");
}

/* What may be asked of each; the methods are the Allow of a 405. */
static const struct handler {
	const char *methods; /* NULL: any */
	hm_err (*run)(struct hm_cx *cx, struct registry_request *q);
} handlers[] = {
	[REGISTRY_NOTHING] = { NULL, answer_nothing },
	[REGISTRY_BASE] = { "GET, HEAD", answer_base },
	[REGISTRY_CATALOG] = { "GET, HEAD", oci_registry_catalog },
	[REGISTRY_BLOB] = { "GET, HEAD, DELETE", oci_registry_blob },
	[REGISTRY_UPLOADS] = { "POST", oci_registry_uploads },
	[REGISTRY_UPLOAD] = { "GET, HEAD, PATCH, PUT, DELETE", oci_registry_upload },
	[REGISTRY_MANIFEST] = { "GET, HEAD, PUT, DELETE", oci_registry_manifest },
	[REGISTRY_TAGS] = { "GET, HEAD", oci_registry_tags },
	[REGISTRY_REFERRERS] = { "GET, HEAD", oci_registry_referrers },
};

static bool allows_method(const char *methods, struct hm_str method)
{
	struct hm_str rest = methods ? hm_cstr(methods) : (struct hm_str){ "", 0 };
	while (rest.n)
		if (hm_eq(hm_trim(hm_cut(&rest, ',')), method))
			return true;
	return !methods;
}

static bool read_request(struct hm_cx *cx, struct oci_registry *r, struct http_exchange *x,
			 struct registry_request *out)
{
	struct hm_str path;
	*out = (struct registry_request){ .r = r, .x = x, .method = http_exchange_method(x) };
	if (http_unescape(cx, http_exchange_path(x), false, &path))
		return false;
	out->path = oci_registry_path_parse(path);
	return true;
}

static hm_err answer_request(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct registry_request q;
	http_exchange_add_header(x, "Docker-Distribution-Api-Version", HM_STR("registry/2.0"));
	if (!read_request(cx, arg, x, &q))
		return oci_registry_error(cx, &q, 400, "NAME_INVALID",
					  "the path is not well-formed");
	bool named = q.path.what > REGISTRY_CATALOG;
	if (named && !oci_registry_name_is_valid(q.path.name))
		return oci_registry_error(cx, &q, 400, "NAME_INVALID",
					  "the repository name is not well-formed");
	const struct handler *h = &handlers[q.path.what];
	if (allows_method(h->methods, q.method))
		return h->run(cx, &q);
	http_exchange_add_header(x, "Allow", hm_cstr(h->methods));
	return oci_registry_error(cx, &q, 405, "UNSUPPORTED",
				  hm_fmt(cx, "only %s is allowed here", h->methods).p);
}

static bool answer_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct registry_request q;
	if (!read_request(cx, arg, x, &q) || q.path.what != REGISTRY_MANIFEST)
		return false;
	http_exchange_add_header(x, "Docker-Distribution-Api-Version", HM_STR("registry/2.0"));
	return oci_registry_manifest_fast(cx, &q);
}

static hm_err answer_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	struct registry_request q = { .r = arg, .x = x };
	const struct hm_code_row *row = &hm_code_rows[err->code];
	return oci_registry_error(cx, &q, row->http, row->oci_code, err->why);
}

static hm_err open_data(struct hm_cx *cx, const char *data_dir, struct oci_registry *r)
{
	struct hm_cx soon = hm_cx_child(cx, HM_MIB);
	r->data = hm_dupz(cx, hm_cstr(data_dir));
	r->repos_dir = hm_path(cx, data_dir, "repos");
	r->uploads_dir = hm_path(cx, data_dir, "uploads");
	HM_TRY(hm_mkdirs_flushed(cx, data_dir, 0755));
	soon.deadline = hm_mono() + HM_SECOND;
	hm_err err = hm_lock(&soon, hm_path(cx, data_dir, "lock"), &r->lock_fd);
	if (err && err->code == HM_BUSY)
		err = hm_fail(cx, HM_BUSY, "another server uses the data folder \"%s\"", data_dir);
	else
		err = hm_fault_copy(cx, err);
	hm_cx_done(&soon);
	return err ? err : oci_registry_store_open(cx, r);
}

hm_err oci_registry_open(struct hm_cx *cx, const struct oci_registry_config *config,
			 struct oci_registry **out)
{
	struct oci_registry *r = hm_new(cx, struct oci_registry, 1);
	r->lock_fd = -1;
	r->sparse = config->sparse;
	r->pushed = config->pushed;
	r->pushed_arg = config->pushed_arg;
	r->cx = HM_CX(SIZE_MAX);
	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->kept_lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->keeper.wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	hm_err err = open_data(cx, config->data_dir, r);
	if (!err)
		err = oci_registry_tables_open(cx, r);
	if (!err)
		err = oci_registry_keeper_start(cx, r);
	if (err) {
		oci_registry_close(r);
		return hm_wrap(cx, err, "registry");
	}
	struct http_route route = { .method = "*",
				    .prefix = "/v2/",
				    .run = answer_request,
				    .fast = answer_fast,
				    .fault = answer_fault,
				    .arg = r,
				    .budget = REQUEST_BUDGET,
				    .weight = JSON_WEIGHT };
	r->routes[0] = route;
	r->routes[1] = route;
	r->routes[1].prefix = "/v2";
	r->routes[2] = (struct http_route){ .prefix = NULL };
	*out = r;
	return NULL;
}

void oci_registry_close(struct oci_registry *r)
{
	if (!r)
		return;
	oci_registry_keeper_stop(r);
	store_close(r->tables);
	oci_registry_repos_close(r);
	oci_registry_uploads_close(r);
	for (size_t i = 0; i < MANIFEST_SLOTS; i++)
		hm_buf_done(&r->kept[i].bytes);
	hm_close_fd(&r->lock_fd);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_destroy(&r->kept_lock);
	store_blobs_close(r->blobs);
	pthread_cond_destroy(&r->keeper.wake);
	hm_cx_done(&r->cx);
}

const struct http_route *oci_registry_routes(struct oci_registry *r)
{
	return r->routes;
}
