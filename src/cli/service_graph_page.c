/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the page, out of the program. */
#include "cli/service_graph.h"

static const struct graph_page_file *find_file(struct hm_str path)
{
	if (hm_eqz(path, "/"))
		path = HM_STR("/index.html");
	for (const struct graph_page_file *f = graph_page_files; f->path; f++)
		if (hm_eqz(path, f->path))
			return f;
	return NULL;
}

hm_err cli_graph_page(struct hm_cx *cx, struct http_exchange *x, struct hm_str path)
{
	const struct graph_page_file *f = find_file(path);
	if (!f && hm_eqz(path, "/"))
		return http_exchange_answer(
			cx, x, 200, "text/plain; charset=utf-8",
			HM_STR("this hullmark was built without the page of the graph (npm was not there);\n"
			       "what it knows is at " API_ROOT "openapi.json and /query\n"));
	if (!f)
		return hm_fail(cx, HM_ABSENT, "there is nothing at \"%.*s\"", HM_FMT(path));
	struct http_state state = { .exists = true, .etag = hm_cstr(f->etag) };
	http_exchange_add_header(x, "ETag", state.etag);
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-cache"));
	if (http_exchange_condition(x, &state) == HTTP_STATE_KNOWN)
		return http_exchange_answer(cx, x, 304, NULL, HM_STR(""));
	return http_exchange_answer(cx, x, 200, f->type, hm_bytes(f->bytes, f->size));
}
